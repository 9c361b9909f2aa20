/** Shares of the original investment and of the position. */
import type { Decimal, Size } from '../events.ts';
import { exact, kept } from './exact.ts';
import type { AddedExit, TargetOrder } from './orders.ts';

/**
 * What a rebuy puts in, in percent of the original investment (outcome rules, rule 18). An `invest` is a percentage of
 * each follower's funds: it compares with an original that is one too; else the original is bought again.
 */
export function rebuyShareOf(invest: Decimal | null, size: Size | null): Decimal {
  if (invest === null || size?.kind !== 'percent') return '100';
  return kept(exact(invest).div(size.value).times(100));
}

/**
 * The share of the next open target: open targets split evenly what is neither closed nor promised to added take
 * profits that still wait (rule 16). The last one takes all of it.
 */
export function targetShare(
  left: Decimal,
  targets: readonly TargetOrder[],
  takeProfits: readonly AddedExit[],
): Decimal {
  let free = exact(left);
  for (const { hit, share } of takeProfits) if (!hit) free = free.minus(share);
  const open = targets.filter(({ hit }) => !hit).length;
  return free.lte(0) ? '0' : kept(free.div(open));
}

/** An added share, capped at what is left. */
export function cappedShare(share: Decimal, left: Decimal): Decimal {
  return exact(share).gt(left) ? left : share;
}
