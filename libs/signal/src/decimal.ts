/** Arithmetic on decimals held as strings: no digit is lost, and no result is ever written with an exponent. */
import Big from 'big.js';
import type { Decimal } from './events.ts';

/** Longest decimal taken from outside. */
const MAX_LENGTH = 40;

/** Up to this many characters, decimals that differ also differ as doubles, so a comparison needs no big number. */
const EXACT_AS_DOUBLE = 15;

/** Places a share is rounded to, half away from zero (outcome rules, rule 22). */
const PLACES = 8;

const ZERO = 48;
const NINE = 57;
const DOT = 46;

/**
 * Whether a text is a plain decimal above zero: digits with at most one dot between them, no sign, no exponent, no
 * needless leading zero, at most 40 characters. Trailing zeros are fine: `65000.00` is what many clients print.
 */
export function isDecimal(text: unknown): text is Decimal {
  if (typeof text !== 'string' || text.length === 0 || text.length > MAX_LENGTH) return false;
  const last = text.length - 1;
  let dot = -1;
  let aboveZero = false;
  for (let at = 0; at <= last; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (dot !== -1 || at === 0 || at === last) return false;
      dot = at;
    } else if (code < ZERO || code > NINE) {
      return false;
    } else if (code !== ZERO) {
      aboveZero = true;
    }
  }
  const wholeDigits = dot === -1 ? text.length : dot;
  return aboveZero && (wholeDigits === 1 || text.charCodeAt(0) !== ZERO);
}

/** -1 where `left` is smaller, 0 where both are the same number (`1.5` and `1.50` are), 1 where it is greater. */
export function compare(left: Decimal, right: Decimal): -1 | 0 | 1 {
  if (left.length <= EXACT_AS_DOUBLE && right.length <= EXACT_AS_DOUBLE) {
    const a = Number(left);
    const b = Number(right);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return new Big(left).cmp(right);
}

/** Whether a text is a percentage of something: a decimal above 0 and at most 100. */
export function isPercent(text: unknown): text is Decimal {
  return isDecimal(text) && compare(text, '100') <= 0;
}

/** The total, without trailing zeros; `0` for no terms. */
export function sum(...terms: readonly Decimal[]): Decimal {
  let total = new Big(0);
  for (const term of terms) total = total.plus(term);
  return total.toFixed();
}

/** The exact product, without trailing zeros. */
export function multiply(left: Decimal, right: Decimal): Decimal {
  return new Big(left).times(right).toFixed();
}

/** `left` less `right`, without trailing zeros. May be zero or below, and then is no `Decimal` in the sense of `isDecimal`. */
export function subtract(left: Decimal, right: Decimal): Decimal {
  return new Big(left).minus(right).toFixed();
}

/**
 * An amount in `parts` equal shares of at most 8 decimals, half away from zero; the last one takes the remainder, so
 * that the shares sum to the amount exactly. Where rounding up would leave less than nothing to the last (an amount of
 * a few hundred-millionths), the others are rounded down instead.
 */
export function splitEvenly(amount: Decimal, parts: number): readonly Decimal[] {
  if (parts <= 0) return [];
  const whole = new Big(amount);
  const exact = whole.div(parts);
  const rounded = exact.round(PLACES, Big.roundHalfUp);
  const each = rounded.times(parts - 1).gt(whole) ? exact.round(PLACES, Big.roundDown) : rounded;
  const shares: Decimal[] = Array.from({ length: parts - 1 }, () => each.toFixed());
  shares.push(whole.minus(each.times(parts - 1)).toFixed());
  return shares;
}

/** A finite number as it would be written by hand, without an exponent. */
export function decimalFrom(value: number): Decimal {
  const text = String(value);
  return text.includes('e') ? new Big(text).toFixed() : text;
}
