/** How much of a position is sold where. */
import { splitEvenly, subtract, sum } from '#libs/signal';
import type { Decimal } from '#libs/signal';
import type { SignalDocument } from './document.ts';

/** One planned exit. */
export interface Exit {
  /** An added take profit, or one of the targets declared with the signal. */
  readonly kind: 'take_profit' | 'target';
  /** Its place among its kind, from 1. */
  readonly place: number;
  readonly orderType: 'limit' | 'market';
  /** Null for a market order. */
  readonly price: Decimal | null;
  /** Percent of the whole position; those of targets have 8 decimals at most, but for the last, which takes the remainder. */
  readonly share: Decimal;
}

/**
 * The exits of a signal with their shares: added take profits as they were called, in that order, then the declared
 * targets, which split evenly what is not promised to added ones (outcome rules, rule 16). Where there are targets the
 * shares sum to 100 exactly, the last target taking the remainder of rounding; a target left with nothing is no exit
 * and is not listed. Where there are none, what is not promised leaves by a stop.
 */
export function exitPlan(document: Pick<SignalDocument, 'takeProfits' | 'targets'>): readonly Exit[] {
  const added = document.takeProfits.map(({ orderType, price, share }, at): Exit => ({
    kind: 'take_profit',
    place: at + 1,
    orderType,
    price,
    share,
  }));
  const left = subtract('100', sum(...added.map((exit) => exit.share)));
  if (left === '0') return added;
  const shares = splitEvenly(left, document.targets.length);
  const declared = document.targets.map((price, at): Exit => ({
    kind: 'target',
    place: at + 1,
    orderType: 'limit',
    price,
    share: shares[at]!,
  }));
  return [...added, ...declared.filter((exit) => exit.share !== '0')];
}
