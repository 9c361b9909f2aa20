/** Arithmetic on what is shown: 40 decimals within, 8 outside, rounded half away from zero (outcome rules, rule 22). */
import Big from 'big.js';
import type { SignedDecimal } from '#libs/signal';

const PLACES = 8;

const Exact = Big();
Exact.DP = 40;
Exact.RM = Big.roundHalfUp;

export type Figure = Big;

export function figure(value: SignedDecimal | number | Figure): Figure {
  return new Exact(value);
}

/** With exactly 8 places. */
export function told(value: Figure): SignedDecimal {
  // What rounds to nothing has no sign.
  const rounded = value.round(PLACES, Big.roundHalfUp);
  return rounded.eq(0) ? '0.00000000' : rounded.toFixed(PLACES);
}

/** With as many places as it needs, at most 8. */
export function shown(value: Figure | SignedDecimal): SignedDecimal {
  const rounded = figure(value).round(PLACES, Big.roundHalfUp);
  return rounded.eq(0) ? '0' : rounded.toFixed();
}
