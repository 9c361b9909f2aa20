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

/** A ticker with what changed within 24 hours. */
export interface RawQuote extends RawTicker {
  /** Price of 24 hours before; null where the venue tells none. */
  readonly open: string | null;
  /** By how many per cent it changed since; null where the venue does not tell. */
  readonly percentage: string | null;
}

export interface RawTickers {
  readonly tickers: readonly RawQuote[];
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

/** Price and pieces of each level, and what else the venue adds, in the venue's order. */
export interface RawBook {
  readonly bids: readonly (readonly unknown[])[];
  readonly asks: readonly (readonly unknown[])[];
}

/** What the process can be asked. */
export interface CcxtMethods {
  /** Whether ccxt knows the exchange at all; asks the venue nothing. */
  readonly check: () => Promise<null>;
  readonly resolve: (text: string) => Promise<ResolvedMarket | null>;
  readonly tickers: (symbols: readonly string[]) => Promise<RawTickers>;
  /** Candles of a minute, from that of `since` on; oldest first. */
  readonly candles: (symbol: string, since: number) => Promise<RawCandles>;
  /** Those of these names that are spot markets and trade. New markets of the venue are heard of within minutes. */
  readonly listed: (symbols: readonly string[]) => Promise<readonly string[]>;
  /** The newest candles of an interval, oldest first, the one that is being made among them. */
  readonly chart: (symbol: string, interval: string, limit: number) => Promise<readonly RawCandle[]>;
  /** The best levels, some `limit` of each side; null where the venue tells no book. */
  readonly book: (symbol: string, limit: number) => Promise<RawBook | null>;
  /** The venue's clock; null where it tells none. */
  readonly time: () => Promise<number | null>;
}

/** Asks a process by one of its methods. Rejects with `CcxtFailure`. */
export type Ask<Methods extends object> = <Method extends keyof Methods>(
  method: Method,
  ...args: Methods[Method] extends (...args: infer Args) => unknown ? Args : never
) => Methods[Method] extends (...args: never[]) => infer Result ? Result : never;

export type AskCcxt = Ask<CcxtMethods>;

/** A question as it travels. */
export type CcxtQuestion<Method extends PropertyKey = keyof CcxtMethods> = readonly [
  id: number,
  method: Method,
  args: readonly unknown[],
];

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
