/** The worst stretch of a row of results. */
import type { Instant, SignedDecimal } from '#libs/signal';
import { type Figure, figure } from '../figures.ts';

/** A step of the equity curve: a signal that was settled, with its result in R. */
export interface EquityPoint {
  readonly at: Instant;
  readonly id: string;
  readonly r: SignedDecimal;
}

/** The points of a curve, that may be many: none of what is done with them takes long in one go. */
export interface EquityCurve {
  add(point: EquityPoint): void;
  length(): number;
  /**
   * The deepest fall of the curve from a peak, in R, 0 or above. The curve begins at 0 and goes by the time of
   * settlement; of signals settled at one moment by their ids. Whoever steps through it may do other things between.
   */
  maxDrawdown(): Generator<void, Figure>;
}

/** Points sorted, merged or walked in one go. */
const RUN = 5_000;

export function createEquityCurve(run = RUN): EquityCurve {
  const sorted: EquityPoint[][] = [];
  let newest: EquityPoint[] = [];

  function* merged(one: readonly EquityPoint[], other: readonly EquityPoint[]): Generator<void, EquityPoint[]> {
    const all: EquityPoint[] = [];
    let left = 0;
    let right = 0;
    while (left < one.length || right < other.length) {
      const first = one[left];
      const second = other[right];
      if (second === undefined || (first !== undefined && byTimeThenId(first, second) <= 0)) {
        all.push(first!);
        left += 1;
      } else {
        all.push(second);
        right += 1;
      }
      if (all.length % run === 0) yield;
    }
    return all;
  }

  function* inOrder(): Generator<void, readonly EquityPoint[]> {
    let parts: readonly (readonly EquityPoint[])[] = [...sorted, newest.toSorted(byTimeThenId)];
    while (parts.length > 1) {
      const wider: (readonly EquityPoint[])[] = [];
      for (let at = 0; at < parts.length; at += 2) {
        const next = parts[at + 1];
        wider.push(next === undefined ? parts[at]! : yield* merged(parts[at]!, next));
      }
      parts = wider;
    }
    return parts[0]!;
  }

  return {
    add: (point) => {
      newest.push(point);
      if (newest.length < run) return;
      sorted.push(newest.sort(byTimeThenId));
      newest = [];
    },
    length: () => sorted.length * run + newest.length,
    maxDrawdown: function* maxDrawdown() {
      let equity = figure(0);
      let peak = equity;
      let deepest = equity;
      let walked = 0;
      for (const { r } of yield* inOrder()) {
        equity = equity.plus(r);
        if (equity.gt(peak)) peak = equity;
        const fall = peak.minus(equity);
        if (fall.gt(deepest)) deepest = fall;
        walked += 1;
        if (walked % run === 0) yield;
      }
      return deepest;
    },
  };
}

function byTimeThenId(one: EquityPoint, other: EquityPoint): number {
  if (one.at !== other.at) return one.at < other.at ? -1 : 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}
