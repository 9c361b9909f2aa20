/** How much of a position is sold where. */
import { compare, splitEvenly, subtract, sum } from '#libs/signal';
import type { Decimal, Instant } from '#libs/signal';
import { shown } from '../figures.ts';
import type { ExitView, SignalDocument } from './document.ts';

/** One exit, planned or done. */
export interface Exit {
  /** An added take profit, or one of the targets declared with the signal. */
  readonly kind: 'take_profit' | 'target';
  /** Its place among its kind, from 1. */
  readonly place: number;
  readonly orderType: 'limit' | 'market';
  /** Null for a market order. */
  readonly price: Decimal | null;
  /** Percent of the whole position, 8 decimals at most: what was sold, or is to be. */
  readonly share: Decimal;
  /** By the prices; null while it waits, and for good where something else ended the signal. */
  readonly hitAt: Instant | null;
  /** What it was sold at. */
  readonly hitPrice: Decimal | null;
}

/**
 * The exits of a signal with their shares: added take profits as they were called, in that order, then the declared
 * targets. One that was hit has the share that was sold there. The others split what those left: an added one takes its
 * own share of the whole, capped at what is left, and the open targets split the rest evenly (outcome rules, rule 16),
 * the last one taking the remainder of rounding, so that the shares sum to 100 while a target is open. An exit left with
 * nothing is none and is not listed. Where there are no targets, what is not promised leaves by a stop. What a stop or a
 * settlement closed is no part of the plan.
 */
export function exitPlan(document: Pick<SignalDocument, 'takeProfits' | 'targets' | 'exits'>): readonly Exit[] {
  const hitOf = (kind: Exit['kind'], place: number): ExitView | undefined =>
    document.exits.find((exit) => exit.kind === kind && exit.place === place);
  const sold = document.exits.filter(({ kind }) => kind === 'target' || kind === 'take_profit');
  let left = atLeastNothing(subtract('100', sum(...sold.map(({ share }) => shown(share)))));

  const added = document.takeProfits.map(({ orderType, price, share }, at): Exit => {
    const hit = hitOf('take_profit', at + 1);
    const open = compare(share, left) > 0 ? left : share;
    if (hit === undefined) left = subtract(left, open);
    return { kind: 'take_profit', place: at + 1, orderType, price, ...shareAndHit(hit, open) };
  });
  const open = document.targets.flatMap((_price, at) => (hitOf('target', at + 1) === undefined ? [at] : []));
  const shares = left === '0' ? [] : splitEvenly(left, open.length);
  const declared = document.targets.map((price, at): Exit => {
    const share = shares[open.indexOf(at)] ?? '0';
    return { kind: 'target', place: at + 1, orderType: 'limit', price, ...shareAndHit(hitOf('target', at + 1), share) };
  });
  return [...added, ...declared].filter(({ share }) => share !== '0');
}

function shareAndHit(hit: ExitView | undefined, planned: Decimal): Pick<Exit, 'share' | 'hitAt' | 'hitPrice'> {
  return hit === undefined
    ? { share: planned, hitAt: null, hitPrice: null }
    : { share: shown(hit.share), hitAt: hit.at, hitPrice: hit.price };
}

/** Shares that were rounded one by one may sum to a little more than all. */
function atLeastNothing(share: Decimal): Decimal {
  return share.startsWith('-') ? '0' : share;
}
