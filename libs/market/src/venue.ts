/**
 * Where prices and results come from: a port. An adapter stands in `venues/`; it refuses what it can't understand and
 * says why, and it never invents: a venue that is down delays.
 */
import type { MarketSide, Price } from './price.ts';

/** A price of one instrument of a venue, on its way to the engine. */
export interface Quoted {
  /** The venue's own name of the instrument, as the signal has it: `BTC/USDT`, a ticker, a conditionId. */
  readonly symbol: string;
  /** On a prediction market the side whose price it is. */
  readonly side?: MarketSide;
  readonly price: Price;
  /** When this process heard of it, milliseconds since 1970. */
  readonly receivedAt: number;
}

/** An instrument as a venue knows it. */
export interface ResolvedMarket {
  readonly symbol: string;
  /** What people call it. */
  readonly name: string;
}

/** How a prediction market stands. */
export type Settlement =
  /** Not decided for good: trading, closed, disputed, or told in a form that decides nothing. */
  | { readonly state: 'waiting'; readonly reason: string }
  | {
      readonly state: 'settled';
      /** What one YES pays, 0 to 1; a NO pays the rest to 1. Null where positions are returned at cost. */
      readonly yesPayout: string | null;
      /** The venue's own word: `yes`, `no`, `scalar`, `50/50`, `void`. */
      readonly outcome: string;
      /** The venue's time of it, milliseconds since 1970; null where it tells none. */
      readonly at: number | null;
      /** The venue's answer, as it came: what the evidence's hash is taken of. */
      readonly raw: string;
    };

export interface Venue {
  /** As evidence names it: `simulated`, `kalshi`, `ccxt:binance`. */
  readonly name: string;
  /** Its prices are invented, or real ones moved in time: for sandbox channels only. */
  readonly simulated: boolean;
  /** The instrument of this name, or null where the venue has none. Throws `VenueUnavailable` when it can't be asked. */
  resolve(text: string): Promise<ResolvedMarket | null>;
  /** The last price now; null where there is none. Throws `VenueUnavailable`. */
  quote(symbol: string, side?: MarketSide): Promise<Quoted | null>;
  /**
   * Prices as they come, in order for each instrument, of whatever `symbols` names by then. Trouble is waited out,
   * with backoff, and told to `onTrouble`; the stream ends only with the signal.
   */
  stream(symbols: () => ReadonlySet<string>, options: StreamOptions): AsyncIterable<Quoted>;
  /**
   * Prices of the past, oldest first, whose time is at or after `from` and that were known in full by `to`. Absent
   * where a venue keeps none. Throws `VenueUnavailable`.
   */
  history?(symbol: string, from: number, to: number, signal: AbortSignal): AsyncIterable<Quoted>;
  /** How a prediction market stands. Absent where a venue has none. Throws `VenueUnavailable`. */
  settlement?(symbol: string): Promise<Settlement>;
  close(): Promise<void>;
}

export interface StreamOptions {
  readonly signal: AbortSignal;
  readonly onTrouble?: (trouble: VenueTrouble) => void;
}

/** What went wrong at a venue, for the log. */
export interface VenueTrouble {
  readonly venue: string;
  readonly symbol: string | null;
  readonly reason: string;
  /** Milliseconds until it is asked again. */
  readonly retryIn: number;
}

/** The venue could not be asked, or what it said can't be understood. Asking later is safe. */
export class VenueUnavailable extends Error {
  override readonly name = 'VenueUnavailable';
}
