/** What the two sides of ccxt's process say to each other. Prices come as the venue wrote them, unjudged. */
import { type ResolvedMarket, VenueUnavailable } from '../venue.ts';

/** What the process is started with. */
export interface CcxtSettings {
  /** An id of ccxt's list. */
  readonly exchange: string;
  /** Asked instead of the exchange's own address; null for that. */
  readonly baseUrl: string | null;
  /** How long one answer of the exchange may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface RawTicker {
  readonly symbol: string;
  /** Null where the venue tells no last price. */
  readonly last: string | null;
  /** The venue's time of it; null where it tells none. */
  readonly time: number | null;
}

export interface RawTickers {
  readonly tickers: readonly RawTicker[];
  /** What the venue would not tell, and why: asking at once again is in vain. */
  readonly refused: readonly { readonly symbol: string; readonly reason: string }[];
  /** Not asked for lack of time. */
  readonly left: readonly string[];
}

/** Open time, open, high, low, close, and what else the venue adds. */
export type RawCandle = readonly unknown[];

interface RawCandles {
  readonly rows: readonly RawCandle[];
  /** How many were asked for. */
  readonly limit: number;
}

/** What the process can be asked. */
export interface CcxtMethods {
  /** Whether ccxt knows the exchange at all; asks the venue nothing. */
  readonly check: () => Promise<null>;
  readonly resolve: (text: string) => Promise<ResolvedMarket | null>;
  readonly tickers: (symbols: readonly string[]) => Promise<RawTickers>;
  /** Candles of a minute, from that of `since` on; oldest first. */
  readonly candles: (symbol: string, since: number) => Promise<RawCandles>;
  /** The venue's clock; null where it tells none. */
  readonly time: () => Promise<number | null>;
}

/** Asks the process. Rejects with `CcxtFailure`. */
export type AskCcxt = <Method extends keyof CcxtMethods>(
  method: Method,
  ...args: Parameters<CcxtMethods[Method]>
) => ReturnType<CcxtMethods[Method]>;

/** A question as it travels. */
export type CcxtQuestion = readonly [id: number, method: keyof CcxtMethods, args: readonly unknown[]];

/**
 * `unknown`: ccxt has no such exchange. `refused`: the venue answered that it won't tell this. `unavailable`: it could
 * not be asked, or not be understood.
 */
export type FailureKind = 'unknown' | 'refused' | 'unavailable';

export interface Failure {
  readonly kind: FailureKind;
  readonly reason: string;
  /** Milliseconds that the venue wants to be left alone; 0 where it says nothing of it. */
  readonly retryIn: number;
}

/** An answer as it travels. */
export type CcxtAnswer =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly failure: Failure };

export class CcxtFailure extends VenueUnavailable {
  readonly kind: FailureKind;
  readonly retryIn: number;

  constructor({ kind, reason, retryIn }: Failure) {
    super(reason);
    this.kind = kind;
    this.retryIn = retryIn;
  }
}
