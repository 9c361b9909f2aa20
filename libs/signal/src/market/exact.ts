/** Arithmetic of positions: 40 decimals, rounded half away from zero; what is told outside is rounded to 8. */
import Big from 'big.js';
import type { SignedDecimal } from '../market-events.ts';

/** Places kept where a division does not end. */
const KEPT = 40;

/** Places told (outcome rules, rule 22). */
const TOLD = 8;

const Exact = Big();
Exact.DP = KEPT;
Exact.RM = Big.roundHalfUp;

export type Exact = Big;

export function exact(value: SignedDecimal): Exact {
  return new Exact(value);
}

/** As it is kept, without trailing zeros and without an exponent. */
export function kept(value: Exact): SignedDecimal {
  return value.round(KEPT, Big.roundHalfUp).toFixed();
}

/** As it is told: at most 8 places, half away from zero. */
export function told(value: Exact): SignedDecimal {
  const text = value.round(TOLD, Big.roundHalfUp).toFixed();
  return text === '-0' ? '0' : text;
}
