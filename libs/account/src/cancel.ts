/** Ending orders that are not filled. */
import type { CancelOrder } from './commands.ts';
import { isTripped } from './day.ts';
import { decided, NOTHING_NEW, type AccountDecision } from './decision.ts';
import { refuse } from './errors.ts';
import type { OrderCancelled, OrderCancelRequested } from './events.ts';
import { isAtVenue, isOver } from './order.ts';
import { findOrder } from './portfolio.ts';
import type { ExistingAccount, Order } from './state.ts';
import type { CancelledBy, Instant } from './values.ts';

/** Why the breaker cancels, as the cancelled orders tell it. */
export const DAILY_LOSS = 'daily_loss';

/** On paper, and where no venue was asked yet, the order is over at once; a venue is to be asked. Asked for again, it adds nothing. */
export function cancelOrder({ orderId, by, reason }: CancelOrder, account: ExistingAccount): AccountDecision {
  const order = findOrder(account, orderId);
  if (order === undefined) return refuse('order_not_found', 'orderId');
  if (isOver(order)) return refuse('order_finished', 'orderId', { status: order.status });
  if (order.status === 'unresolved') return refuse('order_unresolved', 'orderId');
  const event = cancelOf(order, by, reason);
  return event === null ? NOTHING_NEW : decided(event);
}

/**
 * What cancels an open order; null where a cancel is under way. One of which it is not known whether the venue has it is
 * cancelled as soon as it is found there.
 */
function cancelOf(order: Order, by: CancelledBy, reason: string | null): OrderCancelled | OrderCancelRequested | null {
  const { orderId } = order;
  if (order.cancelRequested) return null;
  return isAtVenue(order)
    ? { type: 'OrderCancelRequested', data: { orderId, by, reason } }
    : cancelledNow(order, by, reason);
}

/**
 * What cancels an order of which it has become known only now that the venue has it, where it would have been cancelled
 * meanwhile: its account was closed, or the breaker has tripped and it buys. Only streams that were written before an
 * order in doubt could be asked to be cancelled lack that request.
 */
export function cancelOfLate(account: ExistingAccount, order: Order, now: Instant): readonly OrderCancelRequested[] {
  const { orderId, side, cancelRequested } = order;
  const asked = (by: CancelledBy, reason: string): readonly OrderCancelRequested[] => [
    { type: 'OrderCancelRequested', data: { orderId, by, reason } },
  ];
  if (order.status !== 'unresolved' || cancelRequested) return [];
  // The operator may still sell at the market what a revoked agent holds.
  const sellsNow = side === 'sell' && order.orderType === 'market';
  if (account.status === 'closed' && !sellsNow) return asked('operator', 'revoked');
  return side === 'buy' && isTripped(account, now) ? asked('breaker', DAILY_LOSS) : [];
}

/** The end of an order that sets free all that it still keeps back. */
export function cancelledNow(
  { orderId, symbol, side, reserved }: Order,
  by: CancelledBy,
  reason: string | null,
): OrderCancelled {
  return { type: 'OrderCancelled', data: { orderId, symbol, side, released: reserved, by, reason } };
}

/** What cancels all the open orders that are meant, the oldest first, so that every process decides the same events. */
export function cancelsOf(
  account: ExistingAccount,
  by: CancelledBy,
  reason: string | null,
  isMeant: (order: Order) => boolean = () => true,
): readonly (OrderCancelled | OrderCancelRequested)[] {
  return [...account.open.values()]
    .filter(isMeant)
    .toSorted((left, right) => (left.orderId < right.orderId ? -1 : 1))
    .flatMap((order) => cancelOf(order, by, reason) ?? []);
}
