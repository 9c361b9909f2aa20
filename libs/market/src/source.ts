/** Where a dialect asks what a prediction market is and what it costs: a port. */
import type { MarketSide } from './price.ts';

/** The exchanges of prediction markets that a strategy can trade on. */
export type Exchange = 'kalshi' | 'polymarket';

/** A prediction market of a table. */
export interface Market {
  readonly exchange: Exchange;
  /** The exchange's own name for it: a Kalshi ticker, a Polymarket conditionId. */
  readonly market: string;
  /** What people call it. */
  readonly name: string;
  /** What a YES costs: a decimal string strictly between 0 and 1. A NO costs the rest to 1. */
  readonly yesPrice: string;
  /** How it was resolved: `yes`, `no`, `void`, or what a YES pays; absent while it is open. */
  readonly result?: string;
}

/** A market that was found. */
export interface FoundMarket {
  /** The exchange's own name for it. */
  readonly market: string;
  /** What buying the side asked for costs, a decimal string; null where nobody offers it, or no side was asked for. */
  readonly price: string | null;
}

export interface MarketSource {
  /** Whether it can be asked about the markets of an exchange at all. */
  serves(exchange: Exchange): boolean;
  /**
   * The market of an exchange by ticker or conditionId, and what a side of it costs where one is named; null where the
   * exchange has none. Throws `VenueUnavailable` when it can't be asked.
   */
  find(exchange: Exchange, text: string, side: MarketSide | null): Promise<FoundMarket | null>;
}

const CONDITION_ID = /^0x[0-9a-f]{64}$/i;

/** A market's name as its exchange writes it: a conditionId is a number in hex, so its letters may be of either case. */
export function marketNameOf(text: string): string {
  return CONDITION_ID.test(text) ? text.toLowerCase() : text;
}
