/** Arithmetic on decimals held as strings: exact but for the two quotients, and never written with an exponent. */
import Big from 'big.js';
import type { Decimal, SignedDecimal } from './values.ts';

/** Longest decimal taken from outside, its minus sign left out. */
const MAX_LENGTH = 40;

const PLAIN = /^(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;

/** Divides to 18 places, half to even. A constructor of its own: the settings of the shared one belong to nobody. */
const Quotient = Big();
Quotient.DP = 18;
Quotient.RM = Quotient.roundHalfEven;

/** Whether a text is a plain decimal above zero of at most 40 characters: no sign, exponent or needless leading zero. */
export function isDecimal(text: string): text is Decimal {
  return isPlain(text) && /[1-9]/.test(text);
}

/** Whether a text is a plain decimal, zero and a minus sign allowed. */
export function isSigned(text: string): text is SignedDecimal {
  return isPlain(text.startsWith('-') ? text.slice(1) : text);
}

function isPlain(text: string): boolean {
  return text.length <= MAX_LENGTH && PLAIN.test(text);
}

/** -1 where `left` is smaller, 0 where both are the same number (`1.5` and `1.50` are), 1 where it is greater. */
export function compare(left: SignedDecimal, right: SignedDecimal): -1 | 0 | 1 {
  return new Big(left).cmp(right);
}

/** The total, without trailing zeros; `0` for no terms. */
export function sum(...terms: readonly SignedDecimal[]): SignedDecimal {
  let total = new Big(0);
  for (const term of terms) total = total.plus(term);
  return total.toFixed();
}

/** `left` less `right`. */
export function subtract(left: SignedDecimal, right: SignedDecimal): SignedDecimal {
  return new Big(left).minus(right).toFixed();
}

/** The exact product. */
export function multiply(...factors: readonly SignedDecimal[]): SignedDecimal {
  let product = new Big(1);
  for (const factor of factors) product = product.times(factor);
  return product.toFixed();
}

export function negate(value: SignedDecimal): SignedDecimal {
  return multiply(value, '-1');
}

export function smaller<Value extends SignedDecimal>(left: Value, right: Value): Value {
  return compare(left, right) <= 0 ? left : right;
}

/** Rounded to 18 places, half to even. `divisor` is not zero. */
export function divide(value: SignedDecimal, divisor: SignedDecimal): SignedDecimal {
  return new Quotient(value).div(divisor).toFixed();
}

/** `whole` × `part` ÷ `of`, rounded once, to 18 places, half to even; all of it where `part` is `of`. */
export function shareOf(whole: SignedDecimal, part: SignedDecimal, of: SignedDecimal): SignedDecimal {
  return compare(part, of) === 0 ? sum(whole) : divide(multiply(whole, part), of);
}
