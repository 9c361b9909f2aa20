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
  type Exchange,
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
  readonly urls: VenueUrls;
}

/** Where venues are asked, in place of their own addresses. */
interface VenueUrls {
  readonly kalshi?: string;
  readonly polymarketClob?: string;
  readonly polymarketGamma?: string;
}

export interface VenueOptions {
  readonly VENUES: readonly string[];
  readonly SIM_PRICES?: string | undefined;
  readonly SIM_SPEED: number;
  readonly MARKETS_FILE?: readonly Market[] | undefined;
  readonly VENUE_POLL_MS: number;
  readonly KALSHI_URL?: string | undefined;
  readonly POLYMARKET_CLOB_URL?: string | undefined;
  readonly POLYMARKET_GAMMA_URL?: string | undefined;
}

/** `SIM_PRICES=none` simulates nothing. */
const NO_PRICES = 'none';

export function venueSettings(settings: VenueOptions): VenueSettings {
  const { VENUES, SIM_PRICES = SHIPPED_PRICES, SIM_SPEED, MARKETS_FILE = SANDBOX_MARKETS, VENUE_POLL_MS } = settings;
  const { KALSHI_URL: kalshi, POLYMARKET_CLOB_URL: polymarketClob, POLYMARKET_GAMMA_URL: polymarketGamma } = settings;
  return {
    venues: VENUES,
    simPrices: SIM_PRICES === NO_PRICES ? null : SIM_PRICES,
    simSpeed: SIM_SPEED,
    markets: MARKETS_FILE,
    pollMs: VENUE_POLL_MS,
    urls: {
      ...(kalshi !== undefined && { kalshi }),
      ...(polymarketClob !== undefined && { polymarketClob }),
      ...(polymarketGamma !== undefined && { polymarketGamma }),
    },
  };
}

function refuseSimulation(error: Error): never {
  throw new Error(`SIM_PRICES, SIM_SPEED: ${error.message}`, { cause: error });
}

/** What every role knows of prices: which instruments some venue tells. */
export async function routeSettings({ venues, simPrices }: VenueSettings): Promise<RouteSettings> {
  const files = simPrices === null ? [] : await seriesFilesIn(simPrices).catch(refuseSimulation);
  return { venues, simulated: new Set(files.map((file) => seriesNameOf(file).instrument.toUpperCase())) };
}

/** @throws Error in one clear sentence, for a venue that nobody knows and for prices that can't be replayed. */
export async function checkVenues({ venues, simPrices, simSpeed }: VenueSettings): Promise<void> {
  if (simPrices !== null) {
    await checkSimulation({ source: simPrices, speed: simSpeed }).catch(refuseSimulation);
  }
  for (const name of venues)
    if (name !== 'kalshi' && name !== 'polymarket') {
      await checkCcxtExchange(name).catch((error: Error) => {
        throw new Error(`VENUES: ${error.message}`, { cause: error });
      });
    }
}

type HttpOptions = Omit<NonNullable<Parameters<typeof createKalshi>[0]>, 'baseUrl' | 'pollMs'>;

/** A venue of real prices: `kalshi`, `polymarket`, or an exchange by ccxt's name for it. */
export function openVenue(name: string, { pollMs, urls }: VenueSettings, http: HttpOptions = {}): Venue {
  if (name === 'kalshi') {
    const { kalshi } = urls;
    return createKalshi({ ...http, pollMs, ...(kalshi !== undefined && { baseUrl: kalshi }) });
  }
  if (name === 'polymarket') {
    const { polymarketClob: clob, polymarketGamma: gamma } = urls;
    return createPolymarket({
      ...http,
      pollMs,
      ...(clob !== undefined && { clobUrl: clob }),
      ...(gamma !== undefined && { gammaUrl: gamma }),
    });
  }
  return createCcxtVenue({ exchange: name, pollMs });
}

/** Requests wait for these answers: they are given up sooner than those of the market role. */
const IMPATIENT: HttpOptions = { timeoutMs: 2_500, tries: 2, maxWaitMs: 3_200 };

/** The lowest tier may send 20 reads a second. So a batch of 50 is asked for in 3 s. */
const KALSHI_RATE: HttpOptions = { requestsPerSecond: 15, burst: 5 };

/** The venues of prediction markets among those of the settings, for what waits for an answer. */
export function openPredictionVenues(settings: VenueSettings): ReadonlyMap<Exchange, Venue> {
  const opened = new Map<Exchange, Venue>();
  if (settings.venues.includes('kalshi'))
    opened.set('kalshi', openVenue('kalshi', settings, { ...IMPATIENT, ...KALSHI_RATE }));
  if (settings.venues.includes('polymarket')) opened.set('polymarket', openVenue('polymarket', settings, IMPATIENT));
  return opened;
}

/** The replayed prices of the settings; null where nothing is simulated. */
export async function openSimulation(
  { simPrices, simSpeed }: VenueSettings,
  state: { read: () => Promise<string | null>; write: (text: string) => Promise<void> },
  onBegunAnew: (reason: string) => void = () => undefined,
): Promise<Venue | null> {
  if (simPrices === null) return null;
  return openSimulatedVenue({ source: simPrices, speed: simSpeed, state, onBegunAnew });
}

/** Opens the venues of the settings, by name. */
export async function openVenues(
  settings: VenueSettings,
  coordination: Coordination,
  onTrouble: (what: string, reason: string) => void,
): Promise<ReadonlyMap<string, Venue>> {
  const opened: Venue[] = [createSandboxVenue(settings.markets)];
  for (const name of settings.venues) opened.push(openVenue(name, settings));
  const state = {
    read: () => coordination.kept('simulation'),
    write: (text: string) => coordination.keep('simulation', text),
  };
  const simulation = await openSimulation(settings, state, (reason) =>
    onTrouble('simulated', `the simulation begins anew: ${reason}`),
  );
  if (simulation !== null) opened.push(simulation);
  return new Map(opened.map((venue) => [venue.name, venue]));
}
