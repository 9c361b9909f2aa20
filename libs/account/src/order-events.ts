/** How the events of orders change an account: the order itself, what it keeps back, and what its fills moved. */
import { Set as PersistentSet } from 'immutable';
import { multiply, negate, subtract, sum } from './decimal.ts';
import type {
  OrderAccepted,
  OrderCancelRequested,
  OrderFilled,
  OrderModified,
  OrderPlaced,
  OrderSent,
  OrderUnresolved,
  Release,
} from './events.ts';
import { bookFill, cashOf, feeOf } from './money.ts';
import { remainingOf } from './order.ts';
import { boundTo, simulatedIn } from './portfolio.ts';
import { REMEMBERED_ORDERS, type ExistingAccount, type Holding, type Order } from './state.ts';
import type { OrderSide, SignedDecimal } from './values.ts';

/** What an account holds of a symbol that it has nothing of. */
export const NO_HOLDING: Holding = Object.freeze({ quantity: '0', cost: '0', reserved: '0' });

export function placed(account: ExistingAccount, data: OrderPlaced['data']): ExistingAccount {
  const { orderId, symbol, side } = data;
  if (account.open.has(orderId) || account.over.has(orderId)) throw new Error(`order ${orderId} is placed once`);
  const order: Order = {
    orderId,
    symbol,
    side,
    orderType: data.orderType,
    quantity: data.quantity,
    price: data.price,
    filled: '0',
    filledValue: '0',
    fees: '0',
    status: 'open',
    broker: data.broker,
    pair: data.pair,
    simulated: data.simulated,
    feeRate: data.feeRate,
    reservePrice: data.reservePrice,
    reserved: data.reserved,
    sendBy: data.sendBy,
    sent: false,
    accepted: false,
    cancelRequested: false,
    venueOrderId: null,
    signalId: data.signalId,
    trades: PersistentSet(),
    placedAt: data.placedAt,
  };
  const settled = {
    ...account,
    broker: boundTo(account) ?? data.broker,
    simulated: simulatedIn(account) ?? data.simulated,
  };
  return put(keptBack(settled, symbol, side, data.reserved), null, order);
}

export function sent(account: ExistingAccount, { orderId }: OrderSent['data']): ExistingAccount {
  const order = openOrder(account, orderId);
  return put(account, order, { ...order, sent: true });
}

export function accepted(account: ExistingAccount, { orderId, venueOrderId }: OrderAccepted['data']): ExistingAccount {
  const order = openOrder(account, orderId);
  const status = order.filled === '0' ? 'open' : 'partially_filled';
  return put(account, order, {
    ...order,
    status,
    accepted: true,
    venueOrderId: venueOrderId ?? order.venueOrderId,
  });
}

export function filled(account: ExistingAccount, data: OrderFilled['data']): ExistingAccount {
  const { orderId, symbol, side, released, realized } = data;
  const before = account.open.get(orderId);
  const order = before ?? overOrder(account, orderId);
  const after: Order = {
    ...order,
    filled: sum(order.filled, data.quantity),
    filledValue: sum(order.filledValue, multiply(data.quantity, data.price)),
    fees: sum(order.fees, feeOf(data)),
    reserved: subtract(order.reserved, released),
    accepted: true,
    trades: order.trades.add(data.tradeId),
    status: data.completes ? 'filled' : before === undefined ? order.status : 'partially_filled',
  };
  const free = keptBack(account, symbol, side, negate(released));
  const holding = bookFill(free.holdings.get(symbol) ?? NO_HOLDING, data);
  const booked: ExistingAccount = {
    ...withHolding(free, symbol, holding),
    cash: sum(account.cash, cashOf(data)),
    realized: sum(account.realized, realized),
    fees: sum(account.fees, feeOf(data)),
  };
  if (before === undefined) return { ...booked, over: booked.over.set(orderId, after) };
  return data.completes ? ended(booked, before, after) : put(booked, before, after);
}

export function modified(account: ExistingAccount, data: OrderModified['data']): ExistingAccount {
  const { orderId, price, quantity, reservePrice, reserved, released } = data;
  const order = openOrder(account, orderId);
  const changed = keptBack(account, order.symbol, order.side, subtract(reserved, released));
  return put(changed, order, { ...order, price, quantity, reservePrice, reserved });
}

export function cancelRequested(account: ExistingAccount, { orderId }: OrderCancelRequested['data']): ExistingAccount {
  const order = openOrder(account, orderId);
  return put(account, order, { ...order, cancelRequested: true });
}

/** Cancelled, or rejected: over, and nothing is kept back any more. */
export function finished(
  account: ExistingAccount,
  { orderId, symbol, side, released }: Release & { readonly orderId: string },
  status: 'cancelled' | 'rejected',
): ExistingAccount {
  const order = openOrder(account, orderId);
  return ended(keptBack(account, symbol, side, negate(released)), order, {
    ...order,
    status,
    reserved: subtract(order.reserved, released),
  });
}

export function unresolved(account: ExistingAccount, { orderId }: OrderUnresolved['data']): ExistingAccount {
  const order = openOrder(account, orderId);
  return put(account, order, { ...order, status: 'unresolved' });
}

function openOrder(account: ExistingAccount, orderId: string): Order {
  const order = account.open.get(orderId);
  if (order === undefined) throw new Error(`order ${orderId} is not open`);
  return order;
}

function overOrder(account: ExistingAccount, orderId: string): Order {
  const order = account.over.get(orderId);
  if (order === undefined) throw new Error(`order ${orderId} is not known`);
  return order;
}

/** The account with an open order as it is now; `before` is null where it is new. */
function put(account: ExistingAccount, before: Order | null, after: Order): ExistingAccount {
  return { ...withBuying(account, before, after), open: account.open.set(after.orderId, after) };
}

/** The account with an open order over; the oldest of those that are over is forgotten where they are too many. */
function ended(account: ExistingAccount, before: Order, after: Order): ExistingAccount {
  let over = account.over.set(after.orderId, after);
  let overIds = account.overIds.push(after.orderId);
  if (overIds.size > REMEMBERED_ORDERS) {
    over = over.delete(overIds.first()!);
    overIds = overIds.shift();
  }
  return { ...withBuying(account, before, null), open: account.open.delete(after.orderId), over, overIds };
}

function withBuying(account: ExistingAccount, before: Order | null, after: Order | null): ExistingAccount {
  const order = after ?? before;
  if (order === null || order.side === 'sell') return account;
  const change = subtract(after === null ? '0' : remainingOf(after), before === null ? '0' : remainingOf(before));
  if (change === '0') return account;
  const buying = sum(account.buying.get(order.symbol) ?? '0', change);
  return {
    ...account,
    buying: buying === '0' ? account.buying.delete(order.symbol) : account.buying.set(order.symbol, buying),
  };
}

function keptBack(account: ExistingAccount, symbol: string, side: OrderSide, change: SignedDecimal): ExistingAccount {
  if (change === '0') return account;
  if (side === 'buy') return { ...account, reservedCash: sum(account.reservedCash, change) };
  const holding = account.holdings.get(symbol) ?? NO_HOLDING;
  return withHolding(account, symbol, { ...holding, reserved: sum(holding.reserved, change) });
}

/** Of what there is nothing left, nothing is kept. */
function withHolding(account: ExistingAccount, symbol: string, holding: Holding): ExistingAccount {
  const empty = holding.quantity === '0' && holding.reserved === '0' && holding.cost === '0';
  return {
    ...account,
    holdings: empty ? account.holdings.delete(symbol) : account.holdings.set(symbol, holding),
  };
}
