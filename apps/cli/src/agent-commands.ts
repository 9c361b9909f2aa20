/** `agent list`, `approve`, `pause`, `resume`, `revoke`, `close-all`, `reset-breaker`; `account show`, `equity`, `write-off`. */
import type { Command } from 'commander';
import type { EventStore } from '#libs/sourcing';
import { openQuotes, type Quotes } from '../../server/src/accounts/quotes.ts';
import { tradeTerms } from '../../server/src/accounts/terms.ts';
import { renderEquity, renderPortfolio } from '../../server/src/dialects/nextexchange/order-view.ts';
import { venueSettings } from '../../server/src/market/venues.ts';
import type { Settings } from '../../server/src/settings.ts';
import { type EquityOverTime, equityOf, type ShownAccount, showAccount } from './account.ts';
import {
  approveAgent,
  type ChangedAgent,
  listAgents,
  type MarksOf,
  pauseAgent,
  resetBreaker,
  resumeAgent,
  revokeAgent,
} from './agent.ts';
import { type ClosedOut, closeAll, writeOff, type WrittenOff } from './agent-close.ts';
import { printable, printResult, table } from './output.ts';
import { globalOptions, type Ledger, withLedger } from './wiring.ts';

interface Because {
  readonly reason: string;
}

export function agentCommands(program: Command): void {
  const agent = program
    .command('agent')
    .description('whoever trades by the NEXT.exchange dialect, each on its account');

  agent
    .command('list')
    .description('all agents')
    .action(async (_options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const listed = await withLedger(settings, async ({ events, views }) => listAgents(events, await views()), {
        existing: true,
      });
      printResult(json, listed, ({ agents }) =>
        agents.length === 0
          ? 'no agents yet'
          : table(
              ['ID', 'NAME', 'MODE', 'STATUS'],
              agents.map(({ id, name, mode, status }) => [id, name, mode, status]),
            ),
      );
    });

  agent
    .command('approve')
    .description('let a live agent in, within a second')
    .argument('<id>')
    .action(async (id: string, _options: object, command: Command) => {
      await changeAndTell(command, (events) => approveAgent(events, id));
    });

  const withReason = (
    name: string,
    description: string,
    change: (events: EventStore, id: string, reason: string) => Promise<ChangedAgent>,
  ): Command =>
    agent
      .command(name)
      .description(description)
      .argument('<id>')
      .requiredOption('--reason <text>', 'why, for those who read the history')
      .action(async (id: string, { reason }: Because, command: Command) => {
        await changeAndTell(command, (events) => change(events, id, reason));
      });
  withReason('pause', 'refuse what opens or adds until it is resumed; what reduces or cancels goes on', pauseAgent);
  withReason('resume', 'let a paused agent open and add again', resumeAgent);
  withReason('revoke', 'end its key within a second, and cancel its open orders. For good', revokeAgent);

  agent
    .command('reset-breaker')
    .description('let it open again before the day is over; its loss counts from its equity at the prices of now')
    .argument('<id>')
    .requiredOption('--reason <text>', 'why, for those who read the history')
    .action(async (id: string, { reason }: Because, command: Command) => {
      const { settings, json } = globalOptions(command);
      const reset = await withLedger(
        settings,
        async (ledger) =>
          resetBreaker(ledger.events, await ledger.views(), { agent: id, reason, marksOf: marksBy(settings, ledger) }),
        { existing: true },
      );
      printResult(json, reset, ({ baseline, ...one }) => `${told(one)}, its loss counts from ${baseline} USD`);
    });

  agent
    .command('close-all')
    .description(
      'cancel its open orders and sell all that it holds at the market; it may buy again unless it is paused',
    )
    .argument('<id>')
    .requiredOption('--reason <text>', 'why, for those who read the history')
    .action(async (id: string, { reason }: Because, command: Command) => {
      const { settings, json } = globalOptions(command);
      const trade = tradeTerms(settings, venueSettings(settings));
      const closed = await withLedger(
        settings,
        async (ledger) => {
          const views = await ledger.views();
          return withQuotes(settings, ledger, (quotes) =>
            closeAll(ledger.events, views, { agent: id, reason, quotes, trade }),
          );
        },
        { existing: true },
      );
      printResult(json, closed, describeClosed);
    });

  const account = program.command('account').description('what agents hold');

  account
    .command('write-off')
    .description("take out what can not be sold: crumbs below a venue's step, a coin that nobody lists any more")
    .argument('<id>', "the agent's")
    .argument('<symbol>', 'such as BTC')
    .requiredOption('--reason <text>', 'why, for those who read the history')
    .action(async (id: string, symbol: string, { reason }: Because, command: Command) => {
      const { settings, json } = globalOptions(command);
      const gone = await withLedger(settings, ({ events }) => writeOff(events, { agent: id, symbol, reason }), {
        existing: true,
      });
      const tell = ({ quantity, symbol: coin, cost }: WrittenOff): string =>
        `${quantity} ${coin} written off, which had cost ${cost} USD`;
      printResult(json, gone, tell);
    });

  account
    .command('show')
    .description('cash and positions at the prices of now')
    .argument('<id>', "the agent's")
    .option('--as-of <time>', 'as it was at a moment, valued by the prices that its own history tells by then')
    .action(async (id: string, { asOf = null }: { asOf?: string | null }, command: Command) => {
      const { settings, json } = globalOptions(command);
      const account = await withLedger(
        settings,
        async (ledger) =>
          showAccount(ledger.events, await ledger.views(), { agent: id, asOf, marksOf: marksBy(settings, ledger) }),
        { existing: true },
      );
      printResult(json, accountJson(account), () => describeAccount(account));
    });

  account
    .command('equity')
    .description('what it was worth as each UTC day began, and at each trip and reset of its breaker')
    .argument('<id>', "the agent's")
    .action(async (id: string, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const told = await withLedger(settings, async ({ events, views }) => equityOf(events, await views(), id), {
        existing: true,
      });
      printResult(json, { ...told, equity: renderEquity(told.equity) }, () => describeEquity(told));
    });
}

function describeEquity({ simulated, equity }: EquityOverTime): string {
  if (equity.length === 0) return 'it has not been judged yet: it held nothing when a day began';
  const rows = equity.map((point) => [point.at, point.equity, point.why]);
  return `${table(['AT', 'EQUITY', 'WHY'], rows)}${simulated ? '\n\non simulated prices' : ''}`;
}

async function changeAndTell(command: Command, change: (events: EventStore) => Promise<ChangedAgent>): Promise<void> {
  const { settings, json } = globalOptions(command);
  const changed = await withLedger(settings, ({ events }) => change(events), { existing: true });
  printResult(json, changed, told);
}

function told({ id, status }: ChangedAgent): string {
  return `agent ${id} is ${status}`;
}

function describeClosed({ orders, ...agent }: ClosedOut): string {
  const sells = orders.map(({ orderId, symbol, quantity, status }) => [orderId, symbol, quantity, status]);
  const sold = sells.length === 0 ? 'it held nothing to sell' : table(['ORDER', 'SELLS', 'QUANTITY', 'STATUS'], sells);
  return `${told(agent)}; its open orders are cancelled, or asked to be\n\n${sold}`;
}

function marksBy(settings: Settings, ledger: Ledger): MarksOf {
  return async (symbols) =>
    symbols.length === 0 ? {} : withQuotes(settings, ledger, (quotes) => quotes.marks(symbols));
}

/** Asks for prices where the server would; none where no server has made a simulation yet. */
async function withQuotes<Result>(
  settings: Settings,
  ledger: Ledger,
  use: (quotes: Pick<Quotes, 'coin' | 'marks'>) => Promise<Result>,
): Promise<Result> {
  const coordination = await ledger.coordination();
  if (coordination === null) return use({ coin: () => null, marks: async () => ({}) });
  const quotes = await openQuotes(venueSettings(settings), coordination);
  try {
    return await use(quotes);
  } finally {
    await quotes.close();
  }
}

/** The data of the agent's own portfolio, as the dialect answers it. */
export function accountJson({ portfolio, simulated, asOf }: ShownAccount): object {
  return {
    ...renderPortfolio(portfolio),
    ...(asOf !== null && { asOf }),
    ...(simulated && { simulated: true }),
  };
}

export function describeAccount({ account, portfolio, simulated, asOf }: ShownAccount): string {
  const unpriced = portfolio.positions.filter(({ price }) => price === null).map(({ symbol }) => symbol);
  const positions = portfolio.positions.map((one) => [
    one.symbol,
    one.quantity,
    one.free,
    one.averageCost,
    one.price ?? '-',
    one.value ?? '-',
    one.unrealizedPnl ?? '-',
  ]);
  return [
    `${printable(account.name)} (${account.id}), ${account.mode}${asOf === null ? '' : `, as of ${asOf}`}`,
    `total:    ${portfolio.totalValue} USD${simulated ? ', on simulated prices' : ''}`,
    `cash:     ${portfolio.cash}, free ${portfolio.freeCash}`,
    `realized: ${portfolio.realizedPnl}, fees ${portfolio.fees}`,
    ...(unpriced.length === 0 ? [] : [`no price: ${printable(unpriced.join(', '))}, counted at cost`]),
    positions.length === 0
      ? 'it holds nothing'
      : `\n${table(['SYMBOL', 'QUANTITY', 'FREE', 'AVERAGE COST', 'PRICE', 'VALUE', 'UNREALIZED'], positions)}`,
  ].join('\n');
}
