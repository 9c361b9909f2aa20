/** What coins cost, for agents and their accounts. */
import type { Marks } from '#libs/account';
import type { ChartCandle, Coin, OrderBook } from '#libs/market';

/** Dollars that coins are priced in, in the order of preference. */
export const DOLLARS = ['USDT', 'USD'] as const;

export interface CoinQuote {
  readonly symbol: string;
  readonly id: string;
  readonly price: string;
  /** When the source had it, milliseconds since 1970. */
  readonly at: number;
  /** As evidence names it: `simulated`, `ccxt:binance`. */
  readonly source: string;
  readonly simulated: boolean;
  readonly pair: string;
  /** Per cent, with a minus where it fell; null where the source does not know it. */
  readonly change24h: string | null;
}

/** Symbols are a coin's, in any case of their letters: `BTC`. What is asked throws `VenueUnavailable` after 2.5 s at the latest. */
export interface Quotes {
  /**
   * The coin of an id or a symbol; null: not known. A symbol that no table of ours has is known until the source was
   * asked and lists no pair of it (`find`); the simulated one is known in full.
   */
  coin(text: string): Coin | null;
  /** The same, asked of the source where need be: only a coin that it lists a pair of, so that it can be traded. */
  find(text: string): Promise<Coin | null>;
  /** Those that are shown where none are named. */
  coins(): readonly Coin[];
  /** The price now; null: none, or older than 60 s. */
  quote(symbol: string): Promise<CoinQuote | null>;
  /** The prices of those that have one. Never throws `VenueUnavailable`. */
  marks(symbols: Iterable<string>): Promise<Marks>;
  /**
   * The newest candles, oldest first; the last one is still being made. Empty where there is none.
   * @param interval one of `CHART_INTERVALS`. @param limit 1 to 1000; 100 where nothing is said.
   */
  candles(symbol: string, interval: string, limit?: number): Promise<readonly ChartCandle[]>;
  /** @param depth levels of each side, 1 to 100. Null: the source has no book, or no pair of the coin. */
  book(symbol: string, depth: number): Promise<OrderBook | null>;
  close(): Promise<void>;
}
