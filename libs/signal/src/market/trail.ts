/** How a trailing stop moves (outcome rules, rules 13 to 15). */
import type { Decimal } from '../events.ts';
import { compare } from '../decimal.ts';
import { exact, kept } from './exact.ts';
import type { Trail } from './orders.ts';
import type { TradeSign } from './position.ts';
import type { TrailTracking } from './price-point.ts';

/** Whichever lies further to the profit side. */
export function tighter(sign: TradeSign, one: Decimal | null, other: Decimal): Decimal;
export function tighter(sign: TradeSign, one: Decimal | null, other: Decimal | null): Decimal | null;
export function tighter(sign: TradeSign, one: Decimal | null, other: Decimal | null): Decimal | null {
  if (one === null) return other;
  if (other === null) return one;
  return compare(one, other) === -sign ? other : one;
}

/** Where a trailing stop stands: it follows the best price at its distance, and never falls back. */
export function levelOf({ floor, distance, best }: TrailTracking, sign: TradeSign): Decimal {
  if (distance === null || best === null) return floor;
  return tighter(sign, floor, kept(exact(best).minus(exact(distance).times(sign))));
}

/**
 * A trail as it begins with the position at a price: where another was in force, the level does not fall behind that.
 */
export function begun(
  { since, trigger, distance }: Trail,
  before: TrailTracking | null,
  best: Decimal | null,
  sign: TradeSign,
): TrailTracking {
  const level = before === null ? null : levelOf(before, sign);
  return { since, floor: tighter(sign, level, trigger), distance, best };
}

/** The price that a trail's distance was measured from: where it begins when it was called for on an open position. */
export function referenceOf({ trigger, distance }: Trail, sign: TradeSign): Decimal | null {
  return distance === null ? null : kept(exact(trigger).plus(exact(distance).times(sign)));
}

/** With the best price moved by one more. */
export function followed(tracked: TrailTracking, price: Decimal, sign: TradeSign): TrailTracking {
  const best = tighter(sign, tracked.best, price);
  return best === tracked.best ? tracked : { ...tracked, best };
}
