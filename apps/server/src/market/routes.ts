/** Which venue tells the prices of which signal: known from the settings alone, in every role. Pure. */
import { ccxtIdOf, type MarketSide } from '#libs/market';
import type { Direction, Instrument } from '#libs/signal';

/** Where a signal's prices come from. */
export interface Route {
  /** As evidence names it: `simulated`, `sandbox`, `kalshi`, `ccxt:binance`. */
  readonly venue: string;
  /** The venue's own name of the instrument. */
  readonly symbol: string;
  /** On a prediction market the side whose price it is. */
  readonly side: MarketSide | null;
}

/** What of a signal its route hangs on. */
export interface Routed {
  readonly instrument: Pick<Instrument, 'class' | 'venue' | 'symbol'>;
  readonly direction: Direction | null;
  readonly sandbox: boolean;
}

export interface RouteSettings {
  /** Venues of real channels: `kalshi`, `polymarket`, or an exchange by the name that ccxt has for it. */
  readonly venues: readonly string[];
  /** Instruments that the simulated venue tells; none where it is off. */
  readonly simulated: ReadonlySet<string>;
}

/** The venue whose markets are the table of the sandbox. */
const SANDBOX_VENUE = 'sandbox';
const SIMULATED_VENUE = 'simulated';

const PREDICTION_VENUES: readonly string[] = ['kalshi', 'polymarket'];

/**
 * The route of a signal; null where no configured venue knows its instrument: it then stays as it is. Simulated prices
 * serve sandbox channels only, and sandbox channels nothing else: neither ever becomes part of the other's record.
 */
export function routeOf(
  { class: kind, venue, symbol }: Pick<Instrument, 'class' | 'venue' | 'symbol'>,
  direction: Direction | null,
  sandbox: boolean,
  { venues, simulated }: RouteSettings,
): Route | null {
  const name = venue.toLowerCase();
  if (kind === 'prediction') {
    // Who is long on a bet holds its YES; a short one has no price of its own.
    const side: MarketSide | null = direction === 'long' ? 'yes' : direction === 'short' ? null : direction;
    if (side === null || !PREDICTION_VENUES.includes(name)) return null;
    if (sandbox) return { venue: SANDBOX_VENUE, symbol: `${name} ${symbol}`, side };
    return venues.includes(name) ? { venue: name, symbol, side } : null;
  }
  if (kind !== 'crypto' || PREDICTION_VENUES.includes(name)) return null;
  if (direction === null) return null;
  const pair = symbol.toUpperCase();
  if (sandbox) return simulated.has(pair) ? { venue: SIMULATED_VENUE, symbol: pair, side: null } : null;
  const exchange = ccxtIdOf(venue);
  return venues.includes(exchange) ? { venue: `ccxt:${exchange}`, symbol: pair, side: null } : null;
}

/** One text for one instrument: prices of the same one move the same signals. */
export function deskOf({ venue, symbol, side }: Route): string {
  return side === null ? `${venue} ${symbol}` : `${venue} ${symbol} ${side}`;
}

/** What an answer says of where a signal's prices come from. */
export function trackingOf(route: Route | null): string {
  if (route === null) return 'no_venue';
  return route.venue === SANDBOX_VENUE ? SIMULATED_VENUE : route.venue;
}
