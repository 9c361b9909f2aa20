/** Orders at a venue of which it is not known what became of them: looked at again, or settled by the operator. */
import { hash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT_SCHEMA_VERSION, type AccountCommand, findOrder, isDecimal, OPERATOR_TRADES } from '#libs/account';
import type { Broker, Look } from '#libs/market';
import { createHandle, type EventStore, newId, parseId, type ViewStore } from '#libs/sourcing';
import { type OrderDocument, ordersView } from '#libs/views';
import { liveOrderOfDocument } from '../../server/src/accounts/engine/live-order.ts';
import { reconcile } from '../../server/src/accounts/engine/reconcile.ts';
import { handledAccount } from '../../server/src/accounts/handled-account.ts';
import { AccountReader } from '../../server/src/accounts/reader.ts';
import { CommandError, refusalError } from './output.ts';

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

const PAGE = 500;
/** Looks at one order: two that find nothing, apart, may settle it. */
const MOST_LOOKS = 3;
const MOST_WAIT_MS = 6_000;

/** Looks at every order that is with the broker and not known to be settled, and reports what the venue tells. */
export async function reconcileOrders(
  events: EventStore,
  views: ViewStore,
  broker: Broker,
  { now = Date.now, pauseMs = MOST_WAIT_MS }: { readonly now?: () => number; readonly pauseMs?: number } = {},
): Promise<ReconciledOrders> {
  const reader = new AccountReader(events, views);
  const counts = { settled: 0, unresolved: 0 };
  for await (const document of unsettledOrders(views)) {
    if (document.broker !== broker.name) continue;
    const wasDoubted = isDoubted(document);
    let looks: readonly Look[] = [];
    let isOpen = false;
    for (let n = 0; n < MOST_LOOKS; n += 1) {
      const current = (await reader.order(document.accountId, document.orderId)) ?? document;
      const order = liveOrderOfDocument(current);
      if (order === null || order.isOver) break;
      const looked = await reconcile(broker, order, looks, now);
      ({ looks } = looked);
      isOpen = looked.stands === 'open';
      for (const report of looked.reports) {
        const { accountId, orderId } = order;
        await carryOut(events, { ...report, accountId, orderId, now: instant(now()) } as AccountCommand);
      }
      if (looked.stands !== 'open') break;
      if (n + 1 < MOST_LOOKS) await sleep(Math.min(pauseMs, Math.max(0, looked.again - now())));
    }
    const after = (await reader.order(document.accountId, document.orderId)) ?? document;
    const isEnded = liveOrderOfDocument(after)?.isOver === true;
    if (isDoubted(after) || (isOpen && !isEnded)) counts.unresolved += 1;
    else if (wasDoubted || isEnded) counts.settled += 1;
  }
  return counts;
}

/** Records how an order ended where the venue can't be asked. @throws CommandError where the account refuses it */
export async function settleOrder(
  events: EventStore,
  views: ViewStore,
  given: string,
  ending: Ending,
): Promise<SettledOrder> {
  const document = await orderNamed(views, given);
  const { accountId, orderId, sendBy } = document;
  if (sendBy === null) throw new CommandError('on_paper', 'the order is on paper: no venue has it', 'order_id');
  const addressed = { accountId, orderId, now: instant(Date.now()) };
  const { command, done } = commandOf(ending, addressed);
  const { state, position } = await carryOut(events, command);
  const order = state.status === 'none' ? undefined : findOrder(state, orderId);
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
  if (!TEXT.test(reason))
    throw new CommandError('reason_invalid', 'reason is a text of 1 to 1000 characters', 'reason');
  if ('cancelled' in ending)
    return { command: { ...addressed, type: 'ReportCancelled', by: 'operator', reason }, done: 'cancelled' };
  return { command: { ...addressed, type: 'ReportRejected', code: 'operator', reason }, done: 'rejected' };
}

const TEXT = /^(?=.{1,1000}$)[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$/u;

async function carryOut(events: EventStore, command: AccountCommand) {
  const outcome = await createHandle(handledAccount, events)(command, {
    commandId: newId(Date.now()),
    requestId: `cli-${randomUUID()}`,
    dialect: 'cli',
    actor: 'operator',
    keyId: null,
    receivedAt: command.now,
    schemaVersion: ACCOUNT_SCHEMA_VERSION,
  });
  if (!outcome.done) throw refusalError(outcome.refusal);
  return outcome;
}

async function orderNamed(views: ViewStore, given: string): Promise<OrderDocument> {
  const orderId = parseId(given);
  const [found] =
    orderId === null
      ? []
      : await views.find(ordersView.name, {
          where: [{ field: 'orderId', is: 'eq', value: orderId }],
          orderBy: { field: 'created', direction: 'asc' },
          limit: 1,
        });
  if (found === undefined)
    throw new CommandError('order_not_found', 'there is no such order, or it is not in the view yet', 'order_id');
  return JSON.parse(found.json) as OrderDocument;
}

/** Whether some order is with an exchange, whichever that is, and not over: without one there is nobody to ask. */
export async function isAnyUnsettled(views: ViewStore): Promise<boolean> {
  for await (const _ of unsettledOrders(views)) return true;
  return false;
}

async function* unsettledOrders(views: ViewStore): AsyncGenerator<OrderDocument> {
  for (let after = -1n; ;) {
    const page = await views.find(ordersView.name, {
      where: [{ field: 'unsettled', is: 'gt', value: after }],
      orderBy: { field: 'unsettled', direction: 'asc' },
      limit: PAGE,
    });
    const documents = page.map(({ json }) => JSON.parse(json) as OrderDocument);
    yield* documents;
    if (page.length < PAGE) return;
    after = BigInt(documents.at(-1)!.created);
  }
}

/** It was sent, and nobody knows whether the venue has it. */
function isDoubted(document: OrderDocument): boolean {
  const order = liveOrderOfDocument(document);
  return order !== null && !order.isOver && order.sent && (order.unresolved || !order.accepted);
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

export function describeReconciled({ settled, unresolved }: ReconciledOrders): string {
  if (settled + unresolved === 0) return 'no order is in doubt';
  return `${settled} settled, ${unresolved} unresolved`;
}

export function describeSettledOrder({ order_id, done, status, filled }: SettledOrder): string {
  const first = `order ${order_id} is ${status}, ${filled} of it filled`;
  return done === 'unchanged' ? `${first}\nnothing was added: it was known already` : first;
}
