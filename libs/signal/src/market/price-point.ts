/** A price as the rules judge it. Decimals are strings, moments ISO 8601 in UTC with milliseconds. */
import type { Decimal, Instant } from '../events.ts';
import type { Evidence, SignedDecimal } from '../market-events.ts';

export interface TickPoint {
  readonly kind: 'tick';
  readonly at: Instant;
  readonly price: Decimal;
}

/** Closed. It covers up to, not including, `closes`. */
export interface CandlePoint {
  readonly kind: 'candle';
  readonly opens: Instant;
  readonly closes: Instant;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
}

export type PricePoint = TickPoint | CandlePoint;

/** Where a price came from: what each step's evidence is made of. */
export type Source = Omit<Evidence, 'decidedBy'>;

/**
 * What the follower of prices remembers of a signal beside its events. It follows from events and prices, so it is
 * stored nowhere: after a restart it is found again from both.
 */
export interface Tracking {
  /** The signal's version when the last price was judged: an order that is younger meets its first price. 0: none yet. */
  readonly seen: number;
  readonly trail: TrailTracking | null;
  /** The last price known when the signal changed last; null where none was, or where none matters. */
  readonly last: Decimal | null;
}

export interface TrailTracking {
  /** Of the trail it follows: another one begins anew. */
  readonly since: number;
  /** The level that it never falls behind again: its trigger, or that of the trail it replaced. */
  readonly floor: Decimal;
  /** How far it stays behind the best price; null: it stays at its floor. */
  readonly distance: SignedDecimal | null;
  /** The best price since the match or since it began, whichever came later; null before the first. */
  readonly best: Decimal | null;
}

/** Of a signal that no price was judged for. */
export const UNTRACKED: Tracking = Object.freeze({ seen: 0, trail: null, last: null });
