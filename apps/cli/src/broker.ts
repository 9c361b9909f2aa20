/** Orders at a venue of which it is not known what became of them: looked at again, or settled by the operator. */
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountCommand, findOrder, isDecimal, OPERATOR_REJECTS, OPERATOR_TRADES } from '#libs/account';
import type { Broker, Look } from '#libs/market';
import { type EventStore, parseId, type ViewStore } from '#libs/sourcing';
import { type OrderDocument, ordersView } from '#libs/views';
import { liveOrderOfDocument } from '../../server/src/accounts/engine/live-order.ts';
import { reconcile } from '../../server/src/accounts/engine/reconcile.ts';
import { AccountReader } from '../../server/src/accounts/reader.ts';
import { ordersAtVenues } from './orders-now.ts';
import { tellAccount } from './operator.ts';
import { CommandError, table } from './output.ts';

/** An order that a look at the venue has not settled. */
export interface LeftOrder {
  readonly orderId: string;
  readonly agentId: string;
  readonly symbol: string;
  /** Why, for people: what the last look told. */
  readonly reason: string;
}

interface ReconcileOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds between two looks at an order, at most. */
  readonly pauseMs?: number;
  readonly onLeft?: (order: LeftOrder) => void;
}

export interface ReconciledOrders {
  /** Orders of which it was not known whether the venue has them, and is now; and those whose end was not known. */
  readonly settled: number;
  /** And those that the venue has, or had, and does not tell all of. */
  readonly unresolved: number;
}

/** How an order ended, as the operator tells. */
export type Ending =
  | { readonly filled: string; readonly price: string; readonly fee: string }
  | { readonly cancelled: true; readonly reason: string }
  | { readonly rejected: true; readonly reason: string };

export interface SettledOrder {
  readonly order_id: string;
  readonly account_id: string;
  /** `unchanged`: it was known already. */
  readonly done: 'filled' | 'cancelled' | 'rejected' | 'unchanged';
  readonly status: string;
  readonly filled: string;
}

/** Looks at one order: two that find nothing, apart, may settle it. */
const MOST_LOOKS = 3;
const MOST_WAIT_MS = 6_000;

/** Looks at every order that is with the broker and not known to be settled, and reports what the venue tells. */
export async function reconcileOrders(
  events: EventStore,
  views: ViewStore,
  broker: Broker,
  { now = Date.now, pauseMs = MOST_WAIT_MS, onLeft = () => undefined }: ReconcileOptions = {},
): Promise<ReconciledOrders> {
  const reader = new AccountReader(events, views);
  const counts = { settled: 0, unresolved: 0 };
  for (const document of await ordersAtVenues(events, views)) {
    if (document.broker !== broker.name) continue;
    const wasDoubted = isDoubted(document);
    let looks: readonly Look[] = [];
    let [isOpen, reason] = [false, document.unresolved?.reason ?? null];
    for (let n = 0; n < MOST_LOOKS; n += 1) {
      const current = (await reader.order(document.accountId, document.orderId)) ?? document;
      const order = liveOrderOfDocument(current);
      if (order === null || order.isOver) break;
      const looked = await reconcile(broker, order, looks, now);
      ({ looks } = looked);
      isOpen = looked.stands === 'open';
      reason = looked.reason ?? reason;
      for (const report of looked.reports) {
        const { accountId, orderId } = order;
        await tellAccount(events, { ...report, accountId, orderId, now: instant(now()) } as AccountCommand);
      }
      if (looked.stands !== 'open') break;
      if (n + 1 < MOST_LOOKS) await sleep(Math.min(pauseMs, Math.max(0, looked.again - now())));
    }
    const after = (await reader.order(document.accountId, document.orderId)) ?? document;
    const isEnded = liveOrderOfDocument(after)?.isOver === true;
    if (isDoubted(after) || (isOpen && !isEnded)) {
      counts.unresolved += 1;
      const { orderId, accountId, symbol } = document;
      onLeft({ orderId, agentId: accountId, symbol, reason: reason ?? 'nobody knows what became of it' });
    } else if (wasDoubted || isEnded) counts.settled += 1;
  }
  return counts;
}

/**
 * Records how an order ended where the venue can't be asked. `force`: also of an order that the venue is known to have,
 * which it may still fill: for a venue that is gone for good.
 * @throws CommandError where the account refuses it, and for such an order without `force`
 */
export async function settleOrder(
  events: EventStore,
  views: ViewStore,
  given: string,
  ending: Ending,
  { force = false }: { readonly force?: boolean } = {},
): Promise<SettledOrder> {
  const document = await orderNamed(events, views, given);
  const { accountId, orderId, sendBy } = document;
  if (sendBy === null) throw new CommandError('on_paper', 'the order is on paper: no venue has it', 'order_id');
  if (!force && isKnownAtVenue(document))
    throw new CommandError(
      'order_at_venue',
      'the venue has this order, and may fill it: cancel it there, or by the agent; --force where the venue is gone for good',
      'order_id',
    );
  const addressed = { accountId, orderId, now: instant(Date.now()) };
  const { command, done } = commandOf(ending, addressed);
  const { state, position } = await tellAccount(events, command);
  const order = findOrder(state, orderId);
  return {
    order_id: orderId,
    account_id: accountId,
    done: position === null ? 'unchanged' : done,
    status: order?.status ?? document.status,
    filled: order?.filled ?? document.filledQuantity,
  };
}

function commandOf(
  ending: Ending,
  addressed: { readonly accountId: string; readonly orderId: string; readonly now: string },
): { readonly command: AccountCommand; readonly done: SettledOrder['done'] } {
  if ('filled' in ending) {
    const { filled: quantity, price, fee } = ending;
    for (const [field, value] of Object.entries({ filled: quantity, price }))
      if (!isDecimal(value)) throw new CommandError(`${field}_invalid`, `${field} is a plain decimal above 0`, field);
    if (!isDecimal(fee) && fee !== '0') throw new CommandError('fee_invalid', 'fee is a plain decimal, or 0', 'fee');
    // The same word twice is one fill. What is above what is left, or of an order that is over, the account refuses.
    const tradeId = `${OPERATOR_TRADES}${hash('sha256', [addressed.orderId, quantity, price, fee].join(' ')).slice(0, 32)}`;
    const told = { tradeId, quantity, price, fee, feeCurrency: 'USD', at: addressed.now };
    return { command: { ...addressed, type: 'ReportFill', ...told }, done: 'filled' };
  }
  const { reason } = ending;
  if ('cancelled' in ending)
    return { command: { ...addressed, type: 'ReportCancelled', by: 'operator', reason }, done: 'cancelled' };
  return { command: { ...addressed, type: 'ReportRejected', code: OPERATOR_REJECTS, reason }, done: 'rejected' };
}

/** The venue has told that it has it, and not that it is over. What the operator told of its fills is not the venue's word. */
function isKnownAtVenue({ acceptedAt, status, venueOrderId, fills }: OrderDocument): boolean {
  if (acceptedAt === null || (status !== 'open' && status !== 'partially_filled')) return false;
  const byOperator = fills.length > 0 && fills.every(({ tradeId }) => tradeId.startsWith(OPERATOR_TRADES));
  return venueOrderId !== null || !byOperator;
}

/** The order as it is now, by its id in any form. */
async function orderNamed(events: EventStore, views: ViewStore, given: string): Promise<OrderDocument> {
  const orderId = parseId(given);
  const [found] =
    orderId === null
      ? []
      : await views.find(ordersView.name, {
          where: [{ field: 'orderId', is: 'eq', value: orderId }],
          orderBy: { field: 'created', direction: 'asc' },
          limit: 1,
        });
  // The view may lack what has just been placed.
  const known =
    found === undefined
      ? (await ordersAtVenues(events, views)).find((order) => order.orderId === orderId)
      : (JSON.parse(found.json) as OrderDocument);
  if (known === undefined) throw new CommandError('order_not_found', 'there is no such order', 'order_id');
  return (await new AccountReader(events, views).order(known.accountId, known.orderId)) ?? known;
}

/** It was sent, and nobody knows whether the venue has it. */
function isDoubted(document: OrderDocument): boolean {
  const order = liveOrderOfDocument(document);
  return order !== null && !order.isOver && order.sent && (order.unresolved || !order.accepted);
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

export function describeReconciled({ settled, unresolved }: ReconciledOrders, left: readonly LeftOrder[]): string {
  if (settled + unresolved === 0) return 'no order is in doubt';
  const counts = `${settled} settled, ${unresolved} unresolved`;
  if (left.length === 0) return counts;
  const rows = left.map(({ orderId, agentId, symbol, reason }) => [orderId, agentId, symbol, reason]);
  const next = 'what you found out by hand is told by: signal-ledger broker settle ORDER_ID …';
  return `${counts}\n\n${table(['ORDER', 'AGENT', 'SYMBOL', 'REASON'], rows)}\n\n${next}`;
}

export function describeSettledOrder({ order_id, done, status, filled }: SettledOrder): string {
  const first = `order ${order_id} is ${status}, ${filled} of it filled`;
  return done === 'unchanged' ? `${first}\nnothing was added: it was known already` : first;
}
