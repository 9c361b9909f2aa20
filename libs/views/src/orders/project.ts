/** Folding the events of one order into its document. Pure. */
import type { RecordedEvent } from '#libs/sourcing';
import {
  type AccountEvent,
  averagePrice,
  feeOf,
  multiply,
  type OrderFilled,
  type OrderPlaced,
  sum,
  upcast,
} from '#libs/account';
import { ACCOUNT_STREAM_PREFIX } from '../accounts/project.ts';
import { type TradeView, KEPT_FILLS, type OrderDocument } from './document.ts';

/** The events that name an order. */
type OrderEvent = Extract<AccountEvent, { readonly data: { readonly orderId: string } }>;

type Later = Exclude<OrderEvent, OrderPlaced>;

/**
 * The order that an event of an account is about; null for one that is about none.
 * @throws Error for an event it does not know: the processor then parks the stream.
 */
export function orderIdOf(recorded: RecordedEvent): string | null {
  const event = upcast(recorded.type, recorded.metadata.schemaVersion, recorded.data);
  return isOfOrder(event) ? event.data.orderId : null;
}

/**
 * The document after one more event of its order.
 * @throws Error for an event it does not know or that can't follow: the processor then parks the stream.
 */
export function project(document: OrderDocument | null, recorded: RecordedEvent): OrderDocument {
  const event = upcast(recorded.type, recorded.metadata.schemaVersion, recorded.data);
  if (!isOfOrder(event)) throw new Error(`${event.type} is about no order`);
  if (event.type === 'OrderPlaced') {
    if (document !== null) throw new Error(`order ${document.id} is placed twice`);
    return placed(event.data, recorded);
  }
  if (document === null) throw new Error(`order ${event.data.orderId} of ${recorded.stream} begins with ${event.type}`);
  return changed({ ...document, revision: recorded.revision, updatedAt: recorded.time }, event, recorded.time);
}

function isOfOrder(event: AccountEvent): event is OrderEvent {
  return 'orderId' in event.data;
}

function changed(document: OrderDocument, event: Later, at: string): OrderDocument {
  switch (event.type) {
    case 'OrderSent':
      return { ...document, sentAt: at };
    case 'OrderAccepted': {
      const venueOrderId = event.data.venueOrderId ?? document.venueOrderId;
      const status = document.filledQuantity === '0' ? 'open' : 'partially_filled';
      return { ...document, status, acceptedAt: document.acceptedAt ?? at, venueOrderId, unresolved: null };
    }
    case 'OrderFilled':
      return filled(document, event.data, at);
    case 'OrderModified':
      return { ...document, price: event.data.price, quantity: event.data.quantity };
    case 'OrderCancelRequested':
      return { ...document, cancelRequestedAt: document.cancelRequestedAt ?? at };
    case 'OrderCancelled': {
      const { by, reason } = event.data;
      return { ...document, status: 'cancelled', cancelled: { by, reason, at }, unresolved: null };
    }
    case 'OrderRejected': {
      const { code, reason } = event.data;
      return { ...document, status: 'rejected', rejected: { code, reason, at }, unresolved: null };
    }
    case 'OrderUnresolved':
      return { ...document, status: 'unresolved', unresolved: { reason: event.data.reason, at } };
    default:
      return unknownEvent(event);
  }
}

function placed(data: OrderPlaced['data'], recorded: RecordedEvent): OrderDocument {
  const accountId = recorded.stream.slice(ACCOUNT_STREAM_PREFIX.length);
  return {
    id: `${accountId}.${data.orderId}`,
    orderId: data.orderId,
    accountId,
    symbol: data.symbol,
    side: data.side,
    type: data.orderType,
    quantity: data.quantity,
    price: data.price,
    status: 'open',
    filledQuantity: '0',
    filledValue: '0',
    averagePrice: null,
    fee: '0',
    slippage: '0',
    signalId: data.signalId,
    broker: data.broker,
    pair: data.pair,
    simulated: data.simulated,
    feeRate: data.feeRate,
    flags: [],
    fillCount: 0,
    fills: [],
    by: data.by,
    sendBy: data.sendBy,
    sentAt: null,
    acceptedAt: null,
    venueOrderId: null,
    cancelRequestedAt: null,
    cancelled: null,
    rejected: null,
    unresolved: null,
    revision: recorded.revision,
    created: recorded.position.toString(),
    createdAt: recorded.time,
    updatedAt: recorded.time,
  };
}

/** What fills an order that is over leaves it over, until it is filled whole. */
function filled(document: OrderDocument, data: OrderFilled['data'], at: string): OrderDocument {
  const isOver = document.status === 'cancelled' || document.status === 'rejected' || document.status === 'filled';
  const filledQuantity = sum(document.filledQuantity, data.quantity);
  const filledValue = sum(document.filledValue, multiply(data.quantity, data.price));
  return {
    ...document,
    status: data.completes ? 'filled' : isOver ? document.status : 'partially_filled',
    filledQuantity,
    filledValue,
    averagePrice: averagePrice({ filled: filledQuantity, filledValue }),
    fee: sum(document.fee, feeOf(data)),
    slippage: sum(document.slippage, multiply(data.slippage, data.quantity)),
    flags: [...document.flags, ...data.flags.filter((flag) => !document.flags.includes(flag))],
    fillCount: document.fillCount + 1,
    fills: [...document.fills, fillView(data)].slice(-KEPT_FILLS),
    acceptedAt: document.acceptedAt ?? at,
    unresolved: null,
  };
}

/** In a fixed order of keys, whatever order a store gave them in. */
function fillView({ tradeId, quantity, price, fee, feeCurrency, at, flags }: OrderFilled['data']): TradeView {
  return { tradeId, quantity, price, fee, feeCurrency, at, flags };
}

function unknownEvent(event: never): never {
  throw new Error(`unknown event ${(event as AccountEvent).type}`);
}
