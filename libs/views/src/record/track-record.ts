/** What a set of signals came to. Every number's formula, with a worked example: docs/track-record.md. */
import type { Decimal, Instant, SignalStatus, SignedDecimal } from '#libs/signal';
import type { SignalDocument } from '../signals/document.ts';

/** The last price known of what a signal trades: of the side taken on a prediction market. */
export interface LastPrice {
  readonly price: Decimal;
  readonly at: Instant;
}

export interface RecordOptions {
  /**
   * True: a record of simulated signals; else of real ones. A record is of one kind: signals of the other are counted
   * apart and are in none of its figures.
   */
  readonly simulated?: boolean;
  /** Percent of the money of each fill and each exit; 0 where nothing is said. */
  readonly feePct?: Decimal;
  readonly slippagePct?: Decimal;
  /** What open positions are marked to; without it none is. */
  readonly lastPrice?: (document: SignalDocument) => LastPrice | null;
}

/** Decimals have exactly 8 places; null is what can't be said. */
export interface TrackRecord {
  /** A record of invented prices. */
  readonly simulated: boolean;
  /** All of them: the sum of `counts` and of `apart`. */
  readonly signals: number;
  readonly counts: Readonly<Record<SignalStatus, number>>;
  /** Signals in no other count and in none of the figures. */
  readonly apart: CountsApart;
  /** Of the matched: bets whose market is not decided yet. */
  readonly unresolved: number;
  /** Of those counted by status: their result was told otherwise later. */
  readonly corrected: number;
  /** Of those counted by status: settled by the operator's hand. */
  readonly byOperator: number;
  /** Wins of wins and losses, 0 to 1. */
  readonly winRate: Decimal | null;
  readonly winRateCi95: readonly [low: Decimal, high: Decimal] | null;
  /** Settled signals whose result is known in R; pushes are among them. */
  readonly withR: number;
  /** Settled signals without: no stop lay on the losing side at the match, or no price was told. */
  readonly withoutR: number;
  readonly totalR: SignedDecimal;
  readonly averageR: SignedDecimal | null;
  /** What a trade may be expected to come to: the mean R of all settled signals that have one. */
  readonly expectancyR: SignedDecimal | null;
  readonly profitFactor: Decimal | null;
  readonly maxDrawdownR: Decimal;
  readonly averageResultPct: SignedDecimal | null;
  /** Settled signals whose result was told without a price. */
  readonly withoutResultPct: number;
  readonly open: OpenPositions;
  readonly feePct: Decimal;
  readonly slippagePct: Decimal;
}

export interface CountsApart {
  /** Of invented prices, in a real record. */
  readonly simulated: number;
  /** Of real prices, in a simulated record. */
  readonly real: number;
  /** Closing signals: they end a trade and are none. */
  readonly closing: number;
  /** Settled at the prices that their providers gave, which nobody checked. */
  readonly reported: number;
}

/** Positions not settled yet, at the last price. */
export interface OpenPositions {
  readonly marked: number;
  /** No last price is known. */
  readonly unmarked: number;
  /** Of the marked. */
  readonly totalR: SignedDecimal;
  /** Of the marked: without a risk that R could be measured by. */
  readonly withoutR: number;
  readonly averageResultPct: SignedDecimal | null;
  /** Time of the oldest price used. */
  readonly oldestPriceAt: Instant | null;
}
