/** Changing a limit order that rests on paper. */
import { checkLimits, checkNumbers, checkPaused, type Checked } from './checks.ts';
import type { ModifyOrder } from './commands.ts';
import { dayStartOfLimited } from './day.ts';
import { compare, subtract } from './decimal.ts';
import { decided, NOTHING_NEW, type AccountDecision } from './decision.ts';
import { refuse } from './errors.ts';
import type { AccountEvent, OrderModified } from './events.ts';
import { filledBy, onPaper, paperPrice } from './fills.ts';
import { withFee } from './money.ts';
import { isOnPaper, isOver, remainingOf } from './order.ts';
import { modified } from './order-events.ts';
import { checkFree } from './place.ts';
import { findOrder, isOfItsKind, markOf } from './portfolio.ts';
import type { ExistingAccount, Order } from './state.ts';
import type { Decimal } from './values.ts';

/**
 * A change that adds (more pieces, or a higher price of a buy) is checked as a new order of that size would be; one that
 * only reduces is always taken. A new price that the market has reached already fills the order at once, where that is
 * the market that it was placed in: simulated prices fill nothing that was placed on real ones, nor the other way round.
 */
export function modifyOrder(command: ModifyOrder, account: ExistingAccount): AccountDecision {
  const { orderId, marks, now, terms } = command;
  const order = findOrder(account, orderId);
  if (order === undefined) return refuse('order_not_found', 'orderId');
  const unfit = checkModifiable(order);
  if (unfit !== null) return unfit;
  const { price: newPrice, quantity: newQuantity } = command;
  if (newPrice === undefined && newQuantity === undefined) return refuse('nothing_to_modify');
  const wrong = checkNumbers({ quantity: newQuantity, price: newPrice });
  if (wrong !== null) return wrong;
  const price = newPrice ?? order.price!;
  const quantity = newQuantity ?? order.quantity;
  if (compare(quantity, order.filled) <= 0) return refuse('below_filled', 'quantity', { filled: order.filled });
  const moved = compare(price, order.price!);
  const grown = compare(quantity, order.quantity);
  if (moved === 0 && grown === 0) return NOTHING_NEW;

  const adds = grown > 0 || (order.side === 'buy' && moved > 0);
  const beyond = adds && order.side === 'buy' ? checkAdds(command, account, quantity, order) : null;
  if (beyond !== null) return beyond;
  const { side, symbol, feeRate, reserved: released } = order;
  const quote = markOf(marks, symbol) ?? null;
  const fits = quote !== null && isOfItsKind(order, quote);
  const fill =
    !fits || terms.paper === null || moved === 0 ? null : paperPrice({ side, price }, quote, terms.paper.slippage);
  const reservePrice = fill?.price ?? price;
  const remaining = subtract(quantity, order.filled);
  const reserved = side === 'buy' ? withFee(remaining, reservePrice, feeRate) : remaining;
  const short = adds ? checkFree(account, { symbol, side, needed: subtract(reserved, released) }) : null;
  if (short !== null) return short;

  const data: OrderModified['data'] = { orderId, symbol, side, price, quantity, reservePrice, reserved, released };
  const events: AccountEvent[] = [...dayStartOfLimited(account, now, marks), { type: 'OrderModified', data }];
  if (fill !== null && terms.paper !== null) {
    const after = modified(account, data);
    const told = onPaper(order, remaining, fill, { tradeId: terms.paper.tradeId, at: now });
    events.push(filledBy(after, after.open.get(orderId)!, told));
  }
  return decided(...events);
}

function checkModifiable(order: Order): Checked {
  if (isOver(order)) return refuse('order_finished', 'orderId', { status: order.status });
  if (order.status === 'unresolved') return refuse('order_unresolved', 'orderId');
  return isOnPaper(order) && order.price !== null ? null : refuse('not_modifiable', 'orderId');
}

/** The cap counts what the open buys may still add: here only what comes on top of that. */
function checkAdds({ marks, now }: ModifyOrder, account: ExistingAccount, quantity: Decimal, order: Order): Checked {
  const more = subtract(subtract(quantity, order.filled), remainingOf(order));
  return checkPaused(account) ?? checkLimits(account, { symbol: order.symbol, quantity: more, now, marks });
}
