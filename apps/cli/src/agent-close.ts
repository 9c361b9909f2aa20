/** What the operator sells, or gives up, of what an agent holds. */
import { type ExistingAccount, findOrder, type HoldingWrittenOff, type OrderStatus, type Refusal } from '#libs/account';
import type { EventStore, ViewStore } from '#libs/sourcing';
import { accountStream } from '../../server/src/accounts/handled-account.ts';
import { sellsOf } from '../../server/src/accounts/order-terms.ts';
import type { Quotes } from '../../server/src/accounts/quotes.ts';
import { AccountReader } from '../../server/src/accounts/reader.ts';
import { brokerOf, type TradeTerms } from '../../server/src/accounts/terms.ts';
import { valued } from '../../server/src/accounts/valued.ts';
import { addressed, changed, type ChangedAgent } from './agent.ts';
import { askAccount, tellAccount, type Told } from './operator.ts';
import { CommandError, refusalError } from './output.ts';

export interface ClosedOut extends ChangedAgent {
  /** The orders that sell what was held. One that goes to a venue is open until whoever holds the broker took it there. */
  readonly orders: readonly {
    readonly orderId: string;
    readonly symbol: string;
    readonly quantity: string;
    readonly status: OrderStatus;
  }[];
}

export interface ClosingAll {
  readonly agent: string;
  readonly reason: string;
  readonly quotes: Pick<Quotes, 'coin' | 'marks'>;
  readonly trade: TradeTerms;
}

/**
 * Cancels every open order of an agent and sells all that it holds at the market: all of it or, where a holding has no
 * price, nothing.
 * @throws CommandError where there is no such agent, no broker, or a price lacks.
 */
export async function closeAll(
  events: EventStore,
  views: ViewStore,
  { agent, reason, quotes, trade }: ClosingAll,
): Promise<ClosedOut> {
  const { accountId } = addressed(agent);
  const reader = new AccountReader(events, views);
  const account = await reader.get(accountId);
  if (account === null) throw new CommandError('account_not_found', 'There is no such agent.', 'account_id');
  const broker = brokerOf(account.mode, trade);
  if (broker === null)
    throw new CommandError('broker_unavailable', 'LIVE_BROKER is none: the orders of live agents go nowhere');
  let ids: readonly string[] = [];
  const told = await valued<Told | { readonly refused: Refusal }>(
    { accountId, symbols: [], andHeld: true },
    { reader, quotes },
    async (marks, known) => {
      const at = addressed(agent);
      const closing = sellsOf(known, { broker, marks, receivedAt: Date.parse(at.now) }, { trade, quotes });
      if ('refused' in closing) return closing;
      const { sells } = closing;
      ids = Object.values(sells).map(({ orderId }) => orderId);
      return askAccount(events, { type: 'CloseAll', ...at, by: 'operator', reason, sells, marks });
    },
  );
  if ('refused' in told) throw refusalError(told.refused);
  return { ...changed(told.state), orders: ids.flatMap((id) => orderOf(told.state, id)) };
}

/** A sale of all that was written down; none where what was held was sold meanwhile. */
function orderOf(account: ExistingAccount, id: string): ClosedOut['orders'] {
  const order = findOrder(account, id);
  if (order === undefined) return [];
  const { orderId, symbol, quantity, status } = order;
  return [{ orderId, symbol, quantity, status }];
}

export interface WrittenOff {
  readonly id: string;
  readonly symbol: string;
  /** Pieces that are counted no more. */
  readonly quantity: string;
  /** What they cost, US dollars: realised as a loss. */
  readonly cost: string;
}

/**
 * Takes a holding that can't be sold out of an account.
 * @throws CommandError where there is no such agent or holding, or an order of it is open.
 */
export async function writeOff(
  events: EventStore,
  { agent, symbol, reason }: { readonly agent: string; readonly symbol: string; readonly reason: string },
): Promise<WrittenOff> {
  const at = addressed(agent);
  const told = await tellAccount(events, { type: 'WriteOffHolding', ...at, symbol: symbol.toUpperCase(), reason });
  const [event] = await events.readStream(accountStream(at.accountId), told.revision);
  const { quantity, cost, symbol: gone } = event!.data as HoldingWrittenOff['data'];
  return { id: at.accountId, symbol: gone, quantity, cost };
}
