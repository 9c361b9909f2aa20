/** An order at a venue as the broker's runner knows it: what it needs of the account, order by order. */
import { type AccountEvent, type CancelledBy, isOver, OPERATOR_REJECTS, type Order, sum } from '#libs/account';
import type { OrderName } from '#libs/market';
import type { OrderDocument } from '#libs/views';

export interface LiveOrder {
  readonly accountId: string;
  readonly orderId: string;
  readonly broker: string;
  readonly symbol: string;
  readonly pair: string;
  readonly side: Order['side'];
  readonly orderType: Order['orderType'];
  readonly quantity: string;
  readonly price: string | null;
  /** It sells what is held, as much of it as the venue takes. Not known of one that was left by a process that is gone. */
  readonly sellsAll: boolean;
  /** When it was wanted, milliseconds since 1970. */
  readonly placedAt: number;
  /** Not to be sent after this, milliseconds since 1970. */
  readonly sendBy: number;
  /** It was written down that the venue is asked. */
  readonly sent: boolean;
  /** The venue has told that it has it. */
  readonly accepted: boolean;
  /** It was written down that nobody knows. */
  readonly unresolved: boolean;
  readonly venueOrderId: string | null;
  /** The venue is to be asked to cancel it; null: it is not. `by` is null where that is not known any more. */
  readonly cancel: { readonly by: CancelledBy | null; readonly reason: string | null } | null;
  readonly filled: string;
  /** Trades that are booked, as far as they are remembered: booking one again adds nothing. */
  readonly booked: ReadonlySet<string>;
  readonly isOver: boolean;
  /** It was ended by somebody's word and not the venue's, which may have it all the same. */
  readonly endedUnseen: boolean;
  /** Revision of the account's stream up to which this is all that is known of it. */
  readonly revision: number;
}

/** Of an order that is told as a document of the view of orders; null on paper. */
export function liveOrderOfDocument(document: OrderDocument): LiveOrder | null {
  if (document.sendBy === null) return null;
  const { status, cancelRequestedAt } = document;
  return {
    accountId: document.accountId,
    orderId: document.orderId,
    broker: document.broker,
    symbol: document.symbol,
    pair: document.pair,
    side: document.side,
    orderType: document.type,
    quantity: document.quantity,
    price: document.price,
    sellsAll: false,
    placedAt: Date.parse(document.createdAt),
    sendBy: Date.parse(document.sendBy),
    sent: document.sentAt !== null,
    accepted: document.acceptedAt !== null || document.fillCount > 0,
    unresolved: status === 'unresolved',
    venueOrderId: document.venueOrderId,
    cancel: cancelRequestedAt === null ? null : { by: null, reason: null },
    filled: document.filledQuantity,
    booked: new Set(document.fills.map(({ tradeId }) => tradeId)),
    isOver: isOver({ status }),
    endedUnseen: false,
    revision: document.revision,
  };
}

/** What is known after an event of the account; null where the event is of no order at a venue. */
export function afterEvent(
  before: LiveOrder | null,
  event: AccountEvent,
  { accountId, revision }: { readonly accountId: string; readonly revision: number },
): LiveOrder | null {
  if (event.type === 'OrderPlaced') return placedOrder(event.data, accountId, revision) ?? before;
  if (before === null) return null;
  switch (event.type) {
    case 'OrderModified':
      return { ...before, revision, price: event.data.price, quantity: event.data.quantity };
    case 'OrderSent':
      return { ...before, revision, sent: true };
    case 'OrderAccepted': {
      const { venueOrderId } = event.data;
      return {
        ...before,
        revision,
        accepted: true,
        unresolved: false,
        venueOrderId: venueOrderId ?? before.venueOrderId,
      };
    }
    case 'OrderFilled': {
      const { quantity, tradeId, completes } = event.data;
      return {
        ...before,
        revision,
        accepted: true,
        unresolved: false,
        filled: sum(before.filled, quantity),
        booked: new Set([...before.booked, tradeId]),
        isOver: before.isOver || completes,
      };
    }
    case 'OrderCancelRequested': {
      const { by, reason } = event.data;
      return { ...before, revision, cancel: { by, reason } };
    }
    case 'OrderCancelled':
      return { ...ended(before, event.data.by === 'operator' && before.cancel === null), revision };
    case 'OrderRejected':
      return { ...ended(before, event.data.code === OPERATOR_REJECTS), revision };
    case 'OrderUnresolved':
      return { ...before, revision, unresolved: true };
    default:
      return before;
  }
}

/** What was sent and in doubt until its end was not seen to end by anybody, unless the looks at the venue proved it. */
function ended(before: LiveOrder, byOperator: boolean): LiveOrder {
  return { ...before, isOver: true, unresolved: false, endedUnseen: before.sent && byOperator };
}

/** The same order as the account's state has it after a command. */
export function afterCommand(before: LiveOrder, order: Order, revision: number): LiveOrder {
  const booked = order.trades.size === before.booked.size ? before.booked : new Set(order.trades);
  return {
    ...before,
    quantity: order.quantity,
    sent: order.sent,
    accepted: order.accepted,
    unresolved: order.status === 'unresolved',
    venueOrderId: order.venueOrderId,
    cancel: order.cancelRequested ? (before.cancel ?? { by: null, reason: null }) : before.cancel,
    filled: order.filled,
    booked,
    isOver: isOver(order),
    revision,
  };
}

/** The order as the broker names it. `deadAt`: a request for it can't be accepted after that; null where it can't be said. */
export function nameOf(order: LiveOrder, deadAt: number | null): OrderName {
  const { orderId, venueOrderId, pair, side, placedAt } = order;
  return { clientOrderId: orderId, venueOrderId, pair, side, since: placedAt, until: deadAt };
}

/** The order that an event is about; null: about none. */
export function orderIdOf({ data }: AccountEvent): string | null {
  return 'orderId' in data ? data.orderId : null;
}

type Placed = Extract<AccountEvent, { type: 'OrderPlaced' }>['data'];

function placedOrder(placed: Placed, accountId: string, revision: number): LiveOrder | null {
  if (placed.sendBy === null) return null;
  const { orderId, broker, symbol, pair, side, orderType, quantity, price, placedAt, sendBy, reason } = placed;
  return {
    accountId,
    orderId,
    broker,
    symbol,
    pair,
    side,
    orderType,
    quantity,
    price,
    sellsAll: side === 'sell' && orderType === 'market' && reason !== undefined,
    placedAt: Date.parse(placedAt),
    sendBy: Date.parse(sendBy),
    sent: false,
    accepted: false,
    unresolved: false,
    venueOrderId: null,
    cancel: null,
    filled: '0',
    booked: new Set(),
    isOver: false,
    endedUnseen: false,
    revision,
  };
}
