/** Where accounts ask what coins cost: a port, beside that of the prices that decide signals. */
import type { ChartCandle, ChartInterval } from './charts.ts';

/** What a pair costs now. */
export interface PairQuote {
  readonly price: string;
  /** When the source had it, milliseconds since 1970. */
  readonly at: number;
  /** By how many per cent it stands above, or with a minus below, the price of 24 hours before; null where that is not known. */
  readonly change24h: string | null;
}

/** What came of asking for one pair. */
export type ToldQuote =
  /** Null: nothing was traded yet, or there is no price yet. */
  | { readonly quote: PairQuote | null }
  /** It was asked for and not told, or what was told can't be a price. */
  | { readonly refused: string };

/** Price and pieces. */
export type BookLevel = readonly [price: string, quantity: string];

export interface OrderBook {
  /** The highest price first. */
  readonly bids: readonly BookLevel[];
  /** The lowest price first. */
  readonly asks: readonly BookLevel[];
}

/** Most levels of one side of a book. */
export const MOST_BOOK_LEVELS = 100;

/** Each question throws `VenueUnavailable` when the source can't be asked. Pairs are written `BTC/USDT`. */
export interface QuoteSource {
  /** As evidence names it: `simulated`, `ccxt:binance`. */
  readonly name: string;
  readonly simulated: boolean;
  /** Those of these pairs that it lists for spot trading. */
  listed(pairs: readonly string[]): Promise<ReadonlySet<string>>;
  /** What each of these pairs costs now: an entry for each of them. */
  quotes(pairs: readonly string[]): Promise<ReadonlyMap<string, ToldQuote>>;
  /** The newest candles, oldest first, at most `limit` (1 to 1000) of them. */
  chart(pair: string, interval: ChartInterval, limit: number): Promise<readonly ChartCandle[]>;
  /** The best levels, at most `depth` (1 to 100) of each side; null where the source has no book. */
  book(pair: string, depth: number): Promise<OrderBook | null>;
  close(): Promise<void>;
}
