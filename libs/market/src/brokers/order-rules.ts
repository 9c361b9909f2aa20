/** What of an order can be refused before anybody is asked. Nothing is rounded in silence: it is refused, with what fits. */
import Big from 'big.js';
import type { OrderRequest, PairRules } from '../broker.ts';

export interface Denial {
  readonly code: 'denied_precision' | 'denied_limits' | 'denied_order';
  readonly reason: string;
}

const PLAIN = /^(?=.{1,40}$)\d+(?:\.\d+)?$/;

/** The quantity that fits: never more than asked. `step` is above 0. */
export function fittingQuantity(quantity: string, step: string): string {
  return steps(quantity, step, Big.roundDown).toFixed();
}

/** The price that fits, on the side that is safe for who asks: lower to buy, higher to sell. `step` is above 0. */
export function fittingPrice(price: string, step: string, side: OrderRequest['side']): string {
  return steps(price, step, side === 'buy' ? Big.roundDown : Big.roundUp).toFixed();
}

/** Why the venue would not take the order as it is written; null where no rule of the pair speaks against it. */
export function denialOf(order: OrderRequest, rules: PairRules): Denial | null {
  const { quantity, price, type, side, pair } = order;
  if (!isAmount(quantity)) return { code: 'denied_order', reason: `quantity: ${shown(quantity)} is not above 0` };
  if (type === 'limit' && (price === null || !isAmount(price)))
    return { code: 'denied_order', reason: `price: a limit order has one above 0, not ${shown(price)}` };
  if (type === 'market' && price !== null) return { code: 'denied_order', reason: 'price: a market order has none' };

  if (rules.quantityStep !== null) {
    const fits = fittingQuantity(quantity, rules.quantityStep);
    if (!new Big(fits).eq(quantity))
      return precision(`quantity: ${pair} goes in steps of ${rules.quantityStep}: ${quantity} is none, ${fits} is`);
  }
  if (price !== null && rules.priceStep !== null) {
    const fits = fittingPrice(price, rules.priceStep, side);
    if (!new Big(fits).eq(price))
      return precision(`price: ${pair} goes in steps of ${rules.priceStep}: ${price} is none, ${fits} is`);
  }
  return (
    outside('quantity', quantity, rules.leastQuantity, rules.mostQuantity) ??
    (type === 'market' ? outside('quantity', quantity, null, rules.mostMarketQuantity) : null) ??
    (price === null ? null : outside('price', price, rules.leastPrice, rules.mostPrice)) ??
    (price === null ? null : outside('value', costOf(quantity, price), rules.leastCost, rules.mostCost))
  );
}

/** Quantity × price. */
export function costOf(quantity: string, price: string): string {
  return new Big(quantity).times(price).toFixed();
}

function steps(value: string, step: string, rounding: Big.RoundingMode): Big {
  const size = new Big(step);
  const whole = new Big(value).mod(size).eq(0);
  if (whole) return new Big(value);
  // The quotient is cut by the remainder, not divided out: a division would round.
  const below = new Big(value).minus(new Big(value).mod(size));
  return rounding === Big.roundDown ? below : below.plus(size);
}

function outside(name: string, value: string, least: string | null, most: string | null): Denial | null {
  if (least !== null && new Big(value).lt(least))
    return { code: 'denied_limits', reason: `${name}: ${value} is below ${least}, the least that the venue takes` };
  // Some venues write 0 for no upper limit.
  if (most !== null && new Big(most).gt(0) && new Big(value).gt(most))
    return { code: 'denied_limits', reason: `${name}: ${value} is above ${most}, the most that the venue takes` };
  return null;
}

function precision(reason: string): Denial {
  return { code: 'denied_precision', reason };
}

function isAmount(text: unknown): text is string {
  return typeof text === 'string' && PLAIN.test(text) && new Big(text).gt(0);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60);
}
