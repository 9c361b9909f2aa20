/** From the settings to the venues, and to what the other roles know of them without opening any. */
import {
  checkCcxtExchange,
  checkSimulation,
  createCcxtVenue,
  createKalshi,
  createPolymarket,
  createSandboxVenue,
  openSimulatedVenue,
  seriesFilesIn,
  seriesNameOf,
  SHIPPED_PRICES,
  type Market,
  SANDBOX_MARKETS,
  type Venue,
} from '#libs/market';
import type { Coordination } from '#libs/sourcing';
import type { RouteSettings } from './routes.ts';

/** What the market role is told of the settings; plain, since it crosses to another thread. */
export interface VenueSettings {
  readonly venues: readonly string[];
  /** A file or a folder; null: nothing is simulated. */
  readonly simPrices: string | null;
  readonly simSpeed: number;
  readonly markets: readonly Market[];
  /** Milliseconds between two questions for prices. */
  readonly pollMs: number;
}

export interface VenueOptions {
  readonly VENUES: readonly string[];
  readonly SIM_PRICES?: string | undefined;
  readonly SIM_SPEED: number;
  readonly MARKETS_FILE?: readonly Market[] | undefined;
  readonly VENUE_POLL_MS: number;
}

/** `SIM_PRICES=none` simulates nothing. */
const NO_PRICES = 'none';

export function venueSettings(settings: VenueOptions): VenueSettings {
  const { VENUES, SIM_PRICES = SHIPPED_PRICES, SIM_SPEED, MARKETS_FILE = SANDBOX_MARKETS, VENUE_POLL_MS } = settings;
  return {
    venues: VENUES,
    simPrices: SIM_PRICES === NO_PRICES ? null : SIM_PRICES,
    simSpeed: SIM_SPEED,
    markets: MARKETS_FILE,
    pollMs: VENUE_POLL_MS,
  };
}

/** What every role knows of prices: which instruments some venue tells. */
export async function routeSettings({ venues, simPrices }: VenueSettings): Promise<RouteSettings> {
  const files = simPrices === null ? [] : await seriesFilesIn(simPrices);
  return { venues, simulated: new Set(files.map((file) => seriesNameOf(file).instrument.toUpperCase())) };
}

/** @throws Error in one clear sentence, for a venue that nobody knows and for prices that can't be replayed. */
export async function checkVenues({ venues, simPrices, simSpeed }: VenueSettings): Promise<void> {
  if (simPrices !== null) {
    await checkSimulation({ source: simPrices, speed: simSpeed }).catch((error: Error) => {
      throw new Error(`SIM_PRICES, SIM_SPEED: ${error.message}`, { cause: error });
    });
  }
  for (const name of venues) if (name !== 'kalshi' && name !== 'polymarket') await checkCcxtExchange(name);
}

/** Opens the venues of the settings, by name. */
export async function openVenues(
  { venues, simPrices, simSpeed, markets, pollMs }: VenueSettings,
  coordination: Coordination,
  onTrouble: (what: string, reason: string) => void,
): Promise<ReadonlyMap<string, Venue>> {
  const opened: Venue[] = [createSandboxVenue(markets)];
  for (const name of venues) {
    if (name === 'kalshi') opened.push(createKalshi({ pollMs }));
    else if (name === 'polymarket') opened.push(createPolymarket({ pollMs }));
    else opened.push(createCcxtVenue({ exchange: name, pollMs }));
  }
  if (simPrices !== null) {
    const state = {
      read: () => coordination.kept('simulation'),
      write: (text: string) => coordination.keep('simulation', text),
    };
    const onBegunAnew = (reason: string): void => onTrouble('simulated', `the simulation begins anew: ${reason}`);
    opened.push(await openSimulatedVenue({ source: simPrices, speed: simSpeed, state, onBegunAnew }));
  }
  return new Map(opened.map((venue) => [venue.name, venue]));
}
