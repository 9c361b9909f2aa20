/**
 * What prices do to a signal, as events: each step with its price, its share, its time and the evidence it rests on.
 * Shares of exits are percent of the whole position; those of fills percent of the original investment. They have up to
 * 40 decimals, so that none is lost between several; whoever shows them rounds to 8 (outcome rules, rule 22).
 */
import type { Decimal, Instant } from './values.ts';

/** `order-rule`: a candle left the order of two levels open, and the rules decided (outcome rules, rule 10). */
export type DecidedBy = 'tick' | 'candle' | 'order-rule' | 'settlement' | 'operator' | 'reported';

/** What a step rests on. */
export interface Evidence {
  readonly decidedBy: DecidedBy;
  /** Who told: `simulated`, `kalshi`, `ccxt:binance`, `operator`, `provider`, `replay`. */
  readonly source: string;
  /** SHA-256 of what was told, hex. */
  readonly hash: string;
  /** What was told, where the operator told it. */
  readonly text?: string;
  /** The price was missed while nobody looked, and fetched afterwards. */
  readonly late?: true;
}

interface Step {
  /** When it happened by the prices: a candle's open for what the open decides, else its close; a tick's own time. */
  readonly at: Instant;
  readonly evidence: Evidence;
}

/** A part of the entry was filled; the first one is the match. */
export interface SignalMatched {
  readonly type: 'SignalMatched';
  readonly data: Step & {
    /** Which price of a split entry; null where the entry is one order. */
    readonly part: 'min' | 'mid' | 'max' | null;
    readonly price: Decimal;
    readonly share: Decimal;
    /** The stop in force at the match, which the risk is measured by (rule 20); null where there is none. */
    readonly stop: Decimal | null;
  };
}

export interface TakeProfitHit {
  readonly type: 'TakeProfitHit';
  readonly data: Step & {
    /** A declared target, or a take profit added by a call. */
    readonly kind: 'target' | 'take_profit';
    /** Its place among its kind, from 1. */
    readonly place: number;
    readonly price: Decimal;
    readonly share: Decimal;
  };
}

export interface StopHit {
  readonly type: 'StopHit';
  readonly data: Step & {
    /** `break-even`: a fixed stop at the average entry. */
    readonly kind: 'stop' | 'trailing' | 'break-even';
    readonly price: Decimal;
    readonly share: Decimal;
  };
}

interface Added extends Step {
  /** Its place among its kind, from 1. */
  readonly place: number;
  readonly price: Decimal;
  readonly share: Decimal;
}

export interface DcaFilled {
  readonly type: 'DcaFilled';
  readonly data: Added;
}

export interface RebuyFilled {
  readonly type: 'RebuyFilled';
  readonly data: Added;
}

/** Never entered in its time. */
export interface SignalExpired {
  readonly type: 'SignalExpired';
  readonly data: Step & {
    /** The operator's reason. */
    readonly reason?: string;
  };
}

/** A signed decimal. */
export type SignedDecimal = string;

export type Result = 'win' | 'loss' | 'push';

/**
 * How a signal ended: `exits` by its targets and stops; `cancelled` and `closed` at the next price after the provider
 * said so; `resolved` and `void` by its market; `operator` by hand.
 */
export type SettledBy = 'exits' | 'cancelled' | 'closed' | 'resolved' | 'void' | 'operator';

interface Settled extends Step {
  readonly result: Result;
  readonly by: SettledBy;
  /** What the rest was closed at, and what a prediction market paid; null where exits had closed all, or none was told. */
  readonly price: Decimal | null;
  /** What this closed, in percent of the position. */
  readonly share: Decimal;
  /** Average of everything bought. */
  readonly entryPrice: Decimal | null;
  /** Profit over all money put in, without leverage, in percent, 8 decimals; null where no price was told. */
  readonly resultPct: SignedDecimal | null;
  /** Profit over the risk at the match, 8 decimals; null without a stop then. */
  readonly resultR: SignedDecimal | null;
  /** In words: the market's outcome, the operator's reason. */
  readonly reason?: string;
  /** The closing signal that asked for it. */
  readonly closedBySignalId?: string;
}

export interface SignalSettled {
  readonly type: 'SignalSettled';
  readonly data: Settled;
}

/** The result was told otherwise later. What was told first stays in the stream. */
export interface SettlementCorrected {
  readonly type: 'SettlementCorrected';
  readonly data: Settled;
}

export type MarketEvent =
  | SignalMatched
  | TakeProfitHit
  | StopHit
  | DcaFilled
  | RebuyFilled
  | SignalExpired
  | SignalSettled
  | SettlementCorrected;
