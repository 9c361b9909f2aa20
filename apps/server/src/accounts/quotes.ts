/** Opens what tells agents and their accounts what coins cost. */
import { createCcxtVenue, openSimulationReader, type QuoteSource } from '#libs/market';
import type { Coordination } from '#libs/sourcing';
import { addressOf, SIMULATION, valuingExchange, type VenueSettings } from '../market/venues.ts';
import type { Quotes } from './coin-quotes.ts';
import { createQuotes } from './quoted-coins.ts';

export type { Coin } from '#libs/market';
export type { CoinQuote, Quotes } from './coin-quotes.ts';

export interface OpenQuotesOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** An answer of an exchange serves so long. The simulation costs nothing to ask. */
const KEPT_MS = 1_000;

/**
 * Opens the source of the settings: the first crypto exchange of `VENUES`, which is asked nothing before the first
 * question, else the simulation that the market role runs, which is only read.
 * @throws Error naming what is wrong with the files of the simulation.
 */
export async function openQuotes(
  settings: VenueSettings,
  coordination: Coordination,
  { now = Date.now }: OpenQuotesOptions = {},
): Promise<Quotes> {
  const exchange = valuingExchange(settings);
  if (exchange !== null) {
    const { pollMs } = settings;
    const source = createCcxtVenue({
      exchange,
      pollMs,
      now,
      ...addressOf(exchange, settings),
    });
    return createQuotes({ source, pairs: null, keepMs: KEPT_MS, now });
  }
  if (settings.simPrices === null) return createQuotes({ source: NOTHING, pairs: new Set(), keepMs: 0, now });
  const source = await openSimulationReader({
    source: settings.simPrices,
    readState: () => coordination.kept(SIMULATION),
    now,
  }).catch((error: Error) => {
    throw new Error(`SIM_PRICES: ${error.message}`, { cause: error });
  });
  return createQuotes({ source, pairs: source.symbols, keepMs: 0, now });
}

/** Where the settings name no source. */
const NOTHING: QuoteSource = {
  name: 'none',
  simulated: false,
  listed: async () => new Set(),
  quotes: async () => new Map(),
  chart: async () => [],
  book: async () => null,
  close: async () => undefined,
};
