/** `account show`, `equity` and `orders`: what an account holds and is worth, now, as it was, and over time; its orders. */
import { type AccountEvent, type Mark, type Marks, SIMULATED, upcast } from '#libs/account';
import { type EventStore, foldDocument, type RecordedEvent, type ViewStore } from '#libs/sourcing';
import { type AccountDocument, accountsView, type OrderDocument } from '#libs/views';
import { accountStream } from '../../server/src/accounts/handled-account.ts';
import { type Portfolio, portfolioOf } from '../../server/src/accounts/portfolio.ts';
import { AccountReader } from '../../server/src/accounts/reader.ts';
import { Fault } from '../../server/src/http/fault.ts';
import { moment } from '../../server/src/signals/reader-moment.ts';
import { agentIdOf, type MarksOf } from './agent.ts';
import { ordersOf, type WantedOrders } from './orders-now.ts';
import { CommandError } from './output.ts';

export interface ShownAccount {
  readonly account: AccountDocument;
  readonly portfolio: Portfolio;
  /** Some of it rests on prices of the simulated venue. */
  readonly simulated: boolean;
  /** The moment it is shown at; null: now. */
  readonly asOf: string | null;
}

export interface AccountQuestion {
  readonly agent: string;
  /** ISO 8601, or milliseconds since 1970; null: now. */
  readonly asOf: string | null;
  readonly marksOf: MarksOf;
}

/**
 * An account with all that is durable. As of a moment it is as its last event by then left it, valued by the prices
 * that its own events tell by then: others are not kept. A holding without a price counts at what it cost.
 * @throws CommandError where there is no such agent, or was none by then.
 */
export async function showAccount(
  events: EventStore,
  views: ViewStore,
  { agent, asOf, marksOf }: AccountQuestion,
): Promise<ShownAccount> {
  const id = agentIdOf(agent);
  if (asOf !== null) return showAsOf(await events.readStream(accountStream(id)), instantOf(asOf));
  const account = await accountNamed(events, views, id);
  return shown(account, await marksOf(account.holdings.map(({ symbol }) => symbol)), null);
}

export interface EquityOverTime {
  readonly id: string;
  /** Some of it rests on prices of the simulated venue. */
  readonly simulated: boolean;
  /** Oldest first; as many as the account's document keeps. */
  readonly equity: AccountDocument['equity'];
}

/** What an account was worth over time. @throws CommandError where there is no such agent. */
export async function equityOf(events: EventStore, views: ViewStore, agent: string): Promise<EquityOverTime> {
  const account = await accountNamed(events, views, agentIdOf(agent));
  return { id: account.id, simulated: account.simulated, equity: account.equity };
}

/** The orders of an account, newest first. @throws CommandError where there is no such agent. */
export async function accountOrders(
  events: EventStore,
  views: ViewStore,
  { agent, ...wanted }: WantedOrders & { readonly agent: string },
): Promise<readonly OrderDocument[]> {
  const account = await accountNamed(events, views, agentIdOf(agent));
  return ordersOf(events, views, account.id, wanted);
}

async function accountNamed(events: EventStore, views: ViewStore, id: string): Promise<AccountDocument> {
  const account = await new AccountReader(events, views).get(id);
  if (account === null) throw notFound('there is no such agent');
  return account;
}

function showAsOf(all: readonly RecordedEvent[], asOf: string): ShownAccount {
  const by = all.filter(({ time }) => time <= asOf);
  const account = foldDocument(accountsView, null, by);
  if (account === null)
    throw notFound(all.length === 0 ? 'there is no such agent' : `there was no such agent by ${asOf}`);
  return shown(account, marksTold(by), asOf);
}

function shown(account: AccountDocument, marks: Marks, asOf: string | null): ShownAccount {
  const simulated = account.simulated || Object.values(marks).some(({ source }) => source === SIMULATED);
  return { account, portfolio: portfolioOf(account, marks), simulated, asOf };
}

/** The last price of each symbol that the events of an account tell. */
function marksTold(events: readonly RecordedEvent[]): Marks {
  const told = new Map<string, Mark>();
  for (const { type, data, metadata } of events) {
    for (const [symbol, mark] of marksIn(upcast(type, metadata.schemaVersion, data))) told.set(symbol, mark);
  }
  return Object.fromEntries(told);
}

function marksIn(event: AccountEvent): Iterable<readonly [symbol: string, mark: Mark]> {
  switch (event.type) {
    case 'OrderPlaced':
      return event.data.quote === null ? [] : [[event.data.symbol, event.data.quote]];
    case 'OrderFilled':
      return [[event.data.symbol, { price: event.data.price, at: event.data.at, source: 'fill' }]];
    case 'DayStarted':
    case 'BreakerTripped':
    case 'BreakerReset':
      return Object.entries(event.data.marks);
    default:
      return [];
  }
}

function notFound(message: string): CommandError {
  return new CommandError('account_not_found', message, 'id');
}

function instantOf(text: string): string {
  try {
    return moment({ 'as-of': text }, 'as-of')!;
  } catch (error) {
    if (error instanceof Fault) throw new CommandError('as_of_invalid', error.message, 'as_of');
    throw error;
  }
}
