/** `broker orders`: what is at a venue and not over, for the operator who looks after it. */
import type { Decimal, Instant, OrderSide, OrderStatus, OrderType } from '#libs/account';
import type { EventStore, ViewStore } from '#libs/sourcing';
import type { OrderDocument } from '#libs/views';
import { reasonOf } from '../../server/src/dialects/nextexchange/order-view.ts';
import { ordersAtVenues } from './orders-now.ts';
import { ORDER_HEADINGS, orderCells } from './order-table.ts';
import { table } from './output.ts';

export interface VenueOrder {
  readonly orderId: string;
  readonly agentId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  /** Pieces, those that are filled included. */
  readonly quantity: Decimal;
  readonly filledQuantity: Decimal;
  /** US dollars a piece; null for a market order. */
  readonly price: Decimal | null;
  readonly status: OrderStatus;
  /** The venue's own id of it; null while that is not known. */
  readonly venueOrderId: string | null;
  /** Why nobody knows what became of it; null where it is known. */
  readonly reason: string | null;
  readonly createdAt: Instant;
}

const NO_ANSWER = 'it was sent, and the venue has not told that it has it';

/**
 * Orders of all agents that a venue was asked for and that are not over: those of which nobody knows first, and newest
 * first among these and among the rest.
 * @param unresolved only those of which nobody knows
 */
export async function venueOrders(
  events: EventStore,
  views: ViewStore,
  { unresolved, now = new Date().toISOString() }: { readonly unresolved: boolean; readonly now?: Instant },
): Promise<{ readonly orders: readonly VenueOrder[] }> {
  const all = (await ordersAtVenues(events, views)).toReversed();
  const unknown = all.filter((order) => isUnknown(order, now));
  const shown = unresolved ? unknown : [...unknown, ...all.filter((order) => !isUnknown(order, now))];
  return { orders: shown.map((order) => venueOrder(order, isUnknown(order, now))) };
}

/** Whether nobody knows what became of it: that is written down, or it was sent and by now the venue should have answered. */
function isUnknown({ status, acceptedAt, sendBy }: OrderDocument, now: Instant): boolean {
  return status === 'unresolved' || (acceptedAt === null && sendBy !== null && sendBy < now);
}

function venueOrder(order: OrderDocument, unknown: boolean): VenueOrder {
  const { orderId, accountId, symbol, side, type, quantity, filledQuantity, price, status } = order;
  const amounts = { quantity, filledQuantity, price };
  const reason = reasonOf(order) ?? (unknown ? NO_ANSWER : null);
  const { venueOrderId, createdAt } = order;
  return { orderId, agentId: accountId, symbol, side, type, ...amounts, status, venueOrderId, reason, createdAt };
}

export function describeVenueOrders({ orders }: { readonly orders: readonly VenueOrder[] }): string {
  if (orders.length === 0) return 'no such order is at a venue';
  const rows = orders.map((one) => [
    one.orderId,
    one.agentId,
    one.createdAt,
    ...orderCells(one),
    one.venueOrderId ?? '-',
    one.reason ?? '',
  ]);
  return table(['ORDER', 'AGENT', 'CREATED', ...ORDER_HEADINGS, 'AT VENUE', 'REASON'], rows);
}
