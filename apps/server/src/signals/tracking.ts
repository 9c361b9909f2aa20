/** Who follows a signal's prices, as every answer about it says. */
import type { SignalDocument } from '#libs/views';

export interface Tracking {
  /**
   * `simulated`, or the name of the venue (`kalshi`, `ccxt:binance`). Else why the signal stays as it is: `no_venue`,
   * `unknown_instrument` (the venue has none of this name), `no_direction`.
   */
  of(instrument: Traded['instrument'], sandbox: boolean, direction: Traded['direction']): string;
}

/** The name under which Nest injects it. */
export const TRACKING = Symbol('Tracking');

/** What a signal trades, as far as its prices are concerned. */
export type Traded = Pick<SignalDocument, 'instrument' | 'sandbox' | 'direction'>;

/** What is known of prices where a call is received. */
export interface PricesAtReceipt {
  /** Whether a venue follows the signal. */
  isFollowed(signal: Traded): boolean;
  /** The last price, young enough to measure a trail's distance by; null where none is known. `now` in ms since 1970. */
  reference(signal: Traded, now: number): string | null;
}

/** The name under which Nest injects it. */
export const PRICES = Symbol('Prices at receipt');
