/** What brokers and the paper market report of orders. */
import { cancelledNow, cancelOfLate } from './cancel.ts';
import { checkNumbers } from './checks.ts';
import type {
  FillResting,
  ReportAccepted,
  ReportCancelled,
  ReportFill,
  ReportRejected,
  ReportUnresolved,
  SendOrder,
} from './commands.ts';
import { compare, isSigned, smaller } from './decimal.ts';
import { decided, NOTHING_NEW, type AccountDecision } from './decision.ts';
import { refuse } from './errors.ts';
import { filledBy, isReached, onPaper } from './fills.ts';
import { DOLLARS } from './money.ts';
import { isOnPaper, isOver, remainingOf } from './order.ts';
import { findOrder } from './portfolio.ts';
import type { ExistingAccount, Order } from './state.ts';
import { OPERATOR_TRADES } from './values.ts';

/** An order is sent once, in time, and not after it is over. What the venue takes no part of keeps nothing back any more. */
export function sendOrder({ orderId, now, quantity }: SendOrder, account: ExistingAccount): AccountDecision {
  const order = findOrder(account, orderId);
  if (order === undefined) return refuse('order_not_found', 'orderId');
  if (isOver(order)) return refuse('order_finished', 'orderId', { status: order.status });
  if (order.sendBy === null) return refuse('on_paper', 'orderId');
  if (order.sent || order.accepted) return refuse('sent_before', 'orderId');
  if (now > order.sendBy) return refuse('too_late', 'orderId');
  const sent = { type: 'OrderSent', data: { orderId } } as const;
  if (quantity === undefined || compare(quantity, order.quantity) === 0) return decided(sent);
  const wrong = checkNumbers({ quantity });
  if (wrong !== null) return wrong;
  if (order.side !== 'sell' || order.price !== null) return refuse('not_modifiable', 'orderId');
  const remaining = remainingOf(order);
  if (compare(quantity, remaining) > 0) return refuse('above_remaining', 'quantity', { remaining });
  const { symbol, side, price, reservePrice, reserved: released } = order;
  const reserved = smaller(released, quantity);
  const data = { orderId, symbol, side, price, quantity, reservePrice, reserved, released };
  return decided({ type: 'OrderModified', data }, sent);
}

/** The venue has it. Where that was in doubt, what would have cancelled it meanwhile does so now. */
export function reportAccepted(command: ReportAccepted, account: ExistingAccount): AccountDecision {
  const { orderId, venueOrderId, now } = command;
  const order = findOrder(account, orderId);
  if (order === undefined) return refuse('order_not_found', 'orderId');
  if (isOver(order)) return NOTHING_NEW;
  const newId = venueOrderId !== null && order.venueOrderId === null;
  if (order.accepted && order.status !== 'unresolved' && !newId) return NOTHING_NEW;
  return decided({ type: 'OrderAccepted', data: { orderId, venueOrderId } }, ...cancelOfLate(account, order, now));
}

/**
 * A trade is booked once by its id, whatever the order's state is by then. A fee in the currency that the pair is
 * quoted in is one in dollars, as its prices are. The word of the operator is of what is left of an open order: it would
 * book again what is booked.
 */
export function reportFill(command: ReportFill, account: ExistingAccount): AccountDecision {
  const { orderId, tradeId, quantity, price, fee, at } = command;
  const order = findOrder(account, orderId);
  if (order === undefined) return refuse('order_not_found', 'orderId');
  if (order.trades.has(tradeId)) return NOTHING_NEW;
  const wrong = checkNumbers({ quantity, price });
  if (wrong !== null) return wrong;
  if (!isSigned(fee)) return refuse('number_invalid', 'fee');
  if (tradeId.startsWith(OPERATOR_TRADES)) {
    if (isOver(order)) return refuse('order_finished', 'orderId', { status: order.status });
    const remaining = remainingOf(order);
    if (compare(quantity, remaining) > 0) return refuse('above_remaining', 'quantity', { remaining });
  }
  const feeCurrency = command.feeCurrency === quoteCurrency(order) ? DOLLARS : command.feeCurrency;
  return decided(filledBy(account, order, { tradeId, quantity, price, fee, feeCurrency, slippage: '0', at }));
}

function quoteCurrency({ pair }: Order): string | undefined {
  return pair.split('/')[1];
}

/**
 * The rest of a limit order on paper. A price beyond its limit adds nothing: the limit was changed since the price was
 * compared with it. An order at a venue is filled by the venue alone.
 */
export function fillResting(command: FillResting, account: ExistingAccount): AccountDecision {
  const { orderId, price, tradeId, at } = command;
  const wrong = checkNumbers({ price });
  if (wrong !== null) return wrong;
  const order = account.open.get(orderId);
  if (order === undefined || !isOnPaper(order) || order.trades.has(tradeId)) return NOTHING_NEW;
  if (order.price === null || !isReached(order.side, order.price, price)) return NOTHING_NEW;
  const told = onPaper(order, remainingOf(order), { price, slippage: '0' }, { tradeId, at });
  return decided(filledBy(account, order, told));
}

export function reportCancelled({ orderId, by, reason }: ReportCancelled, account: ExistingAccount): AccountDecision {
  const order = findOrder(account, orderId);
  if (order === undefined) return refuse('order_not_found', 'orderId');
  return isOver(order) ? NOTHING_NEW : decided(cancelledNow(order, by, reason));
}

/** An order that was filled in part was at the venue: it is cancelled, whatever the venue calls it. */
export function reportRejected({ orderId, code, reason }: ReportRejected, account: ExistingAccount): AccountDecision {
  const order = findOrder(account, orderId);
  if (order === undefined) return refuse('order_not_found', 'orderId');
  if (isOver(order)) return NOTHING_NEW;
  if (order.filled !== '0') return decided(cancelledNow(order, 'venue', reason));
  const { symbol, side, reserved } = order;
  return decided({ type: 'OrderRejected', data: { orderId, symbol, side, released: reserved, code, reason } });
}

/** Only an order that was sent and of which nothing was heard can be in doubt. */
export function reportUnresolved({ orderId, reason }: ReportUnresolved, account: ExistingAccount): AccountDecision {
  const order = findOrder(account, orderId);
  if (order === undefined) return refuse('order_not_found', 'orderId');
  if (isOver(order) || order.accepted) return NOTHING_NEW;
  if (!order.sent) return refuse('not_sent', 'orderId');
  return order.status === 'unresolved' ? NOTHING_NEW : decided({ type: 'OrderUnresolved', data: { orderId, reason } });
}
