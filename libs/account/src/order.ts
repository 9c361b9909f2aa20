/** What is read off an order: where it is, whether it is over, how much of it is left. */
import { compare, subtract } from './decimal.ts';
import type { Order } from './state.ts';
import type { Decimal } from './values.ts';

/** Whether no venue is asked for it. */
export function isOnPaper({ sendBy }: Pick<Order, 'sendBy'>): boolean {
  return sendBy === null;
}

/** Whether a venue was asked for it, or has told of it: then only the venue can tell that it is over. */
export function isAtVenue(order: Pick<Order, 'sendBy' | 'sent' | 'accepted'>): boolean {
  return !isOnPaper(order) && (order.sent || order.accepted);
}

/** Whether it is over: filled, cancelled or rejected. */
export function isOver({ status }: Pick<Order, 'status'>): boolean {
  return status === 'filled' || status === 'cancelled' || status === 'rejected';
}

/** Pieces that an order may still fill; `0` where more was filled than ordered. */
export function remainingOf({ quantity, filled: done }: Pick<Order, 'quantity' | 'filled'>): Decimal {
  return compare(done, quantity) >= 0 ? '0' : subtract(quantity, done);
}
