/** What a venue tells of an instrument's price. Decimals are plain decimal strings, times milliseconds since 1970. */

/** Which side of a prediction market a price is that of; each side has a price of its own. */
export type MarketSide = 'yes' | 'no';

/** One price at one moment. */
export interface Tick {
  readonly kind: 'tick';
  /** The venue's own time of it. */
  readonly time: number;
  readonly price: string;
}

/** A closed candle: an unfinished one is never a price (outcome rules, rule 1). */
export interface Candle {
  readonly kind: 'candle';
  /** When it opened. It covers up to, not including, `time + interval`. */
  readonly time: number;
  readonly interval: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
}

export type Price = Tick | Candle;

/** When a price is known in full: a tick at once, a candle when it closes. */
export function knownAt(price: Price): number {
  return price.kind === 'tick' ? price.time : price.time + price.interval;
}
