/** `account show`, `orders`, `equity`, `write-off`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isTripped, ORDER_STATUSES, type OrderStatus } from '#libs/account';
import type { BreakerView, OrderDocument } from '#libs/views';
import {
  reasonOf,
  renderEquity,
  renderOrder,
  renderPortfolio,
} from '../../server/src/dialects/nextexchange/order-view.ts';
import { accountOrders, type EquityOverTime, equityOf, type ShownAccount, showAccount } from './account.ts';
import { writeOff, type WrittenOff } from './agent-close.ts';
import { marksBy } from './ledger-quotes.ts';
import { ORDER_HEADINGS, orderCells } from './order-table.ts';
import { printable, printResult, table } from './output.ts';
import { REASON } from './reason.ts';
import { globalOptions, withLedger } from './wiring.ts';

/** Orders that are listed where nobody says how many, and at most. */
const ORDERS = 50;
const MOST_ORDERS = 500;

export function accountCommands(program: Command): void {
  const account = program.command('account').description('what agents hold');

  account
    .command('write-off')
    .description("take out what can not be sold: crumbs below a venue's step, a coin that nobody lists any more")
    .argument('<id>', "the agent's")
    .argument('<symbol>', 'such as BTC')
    .requiredOption(...REASON)
    .action(async (id: string, symbol: string, { reason }: { reason: string }, command: Command) => {
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
    .command('orders')
    .description('its orders, newest first, as the agent is shown them')
    .argument('<id>', "the agent's")
    .addOption(new Option('--status <status>', 'only those').choices(ORDER_STATUSES))
    .option('--limit <n>', `so many at most, ${MOST_ORDERS} of them`, parseLimit, ORDERS)
    .action(
      async (
        id: string,
        { status = null, limit }: { status?: OrderStatus | null; limit: number },
        command: Command,
      ) => {
        const { settings, json } = globalOptions(command);
        const orders = await withLedger(
          settings,
          async ({ events, views }) => accountOrders(events, await views(), { agent: id, status, limit }),
          { existing: true },
        );
        printResult(json, { orders: orders.map(renderOrder) }, () => describeOrders(orders));
      },
    );

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

function parseLimit(text: string): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST_ORDERS) return limit;
  throw new InvalidArgumentError(`A limit is a whole number from 1 to ${MOST_ORDERS}.`);
}

export function describeOrders(orders: readonly OrderDocument[]): string {
  if (orders.length === 0) return 'no such orders';
  const rows = orders.map((one) => [one.orderId, one.createdAt, ...orderCells(one), reasonOf(one) ?? '']);
  return table(['ORDER', 'CREATED', ...ORDER_HEADINGS, 'REASON'], rows);
}

function describeEquity({ simulated, equity }: EquityOverTime): string {
  if (equity.length === 0) return 'it has not been judged yet: it held nothing when a day began';
  const rows = equity.map((point) => [point.at, point.equity, point.why]);
  return `${table(['AT', 'EQUITY', 'WHY'], rows)}${simulated ? '\n\non simulated prices' : ''}`;
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
  const { breaker, paused } = account;
  const isBroken = breaker !== null && isTripped(account, asOf ?? new Date().toISOString());
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
    ...(isBroken ? [describeTrip(breaker)] : []),
    ...(paused === null ? [] : [`paused:   by the ${paused.by} since ${paused.at}: ${printable(paused.reason)}`]),
    ...(unpriced.length === 0 ? [] : [`no price: ${printable(unpriced.join(', '))}, counted at cost`]),
    positions.length === 0
      ? 'it holds nothing'
      : `\n${table(['SYMBOL', 'QUANTITY', 'FREE', 'AVERAGE COST', 'PRICE', 'VALUE', 'UNREALIZED'], positions)}`,
  ].join('\n');
}

function describeTrip({ at, loss, limit, baseline, equity }: BreakerView): string {
  return `breaker:  tripped since ${at}: ${loss} USD lost of ${limit}, from ${baseline} to ${equity}`;
}
