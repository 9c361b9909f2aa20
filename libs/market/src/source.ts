/** Where a dialect asks what a market is and what it costs: a port. Real venues come with the market engine. */

/** The exchanges of prediction markets that a strategy can trade on. */
export type Exchange = 'kalshi' | 'polymarket';

/** A prediction market as a source knows it. */
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

export interface MarketSource {
  /** The market of an exchange by ticker, conditionId or exact name; null where there is none. */
  find(exchange: Exchange, text: string): Promise<Market | null>;
}
