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
  /** The exchange that orders go to, where that is at another address than its own: its prices are asked for there too. */
  readonly exchange?: { readonly name: string; readonly url: string };
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
  readonly BROKER_EXCHANGE?: string | undefined;
  readonly BROKER_URL?: string | undefined;
}

/** `SIM_PRICES=none` simulates nothing. */
const NO_PRICES = 'none';

export function venueSettings(settings: VenueOptions): VenueSettings {
  const { VENUES, SIM_PRICES = SHIPPED_PRICES, SIM_SPEED, MARKETS_FILE = SANDBOX_MARKETS, VENUE_POLL_MS } = settings;
  const { BROKER_EXCHANGE: name, BROKER_URL: url } = settings;
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
      ...(name !== undefined && url !== undefined && { exchange: { name, url } }),
    },
  };
}

/** Another address than the exchange's own, as an option of what asks it. */
export function addressOf(exchange: string, { urls }: VenueSettings): { readonly baseUrl?: string } {
  return urls.exchange?.name === exchange ? { baseUrl: urls.exchange.url } : {};
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
export function openVenue(name: string, settings: VenueSettings, http: HttpOptions = {}): Venue {
  const { pollMs, urls } = settings;
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
  return createCcxtVenue({ exchange: name, pollMs, ...addressOf(name, settings) });
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

type SimulationOptions = Pick<Parameters<typeof openSimulatedVenue>[0], 'onBegunAnew' | 'onTrouble' | 'keepsClock'>;

/** The replayed prices of the settings; null where nothing is simulated. */
export async function openSimulation(
  { simPrices, simSpeed }: VenueSettings,
  state: { read: () => Promise<string | null>; write: (text: string) => Promise<void> },
  options: SimulationOptions = {},
): Promise<Venue | null> {
  if (simPrices === null) return null;
  return openSimulatedVenue({ source: simPrices, speed: simSpeed, state, ...options });
}

/** The name under which the processes of a ledger keep how far its simulation is. */
export const SIMULATION = 'simulation';

/** Opens the venues of the settings, by name. */
export async function openVenues(
  settings: VenueSettings,
  coordination: Coordination,
  onTrouble: (what: string, reason: string) => void,
): Promise<ReadonlyMap<string, Venue>> {
  const opened: Venue[] = [createSandboxVenue(settings.markets)];
  for (const name of settings.venues) opened.push(openVenue(name, settings));
  const state = {
    read: () => coordination.kept(SIMULATION),
    write: (text: string) => coordination.keep(SIMULATION, text),
  };
  const simulation = await openSimulation(settings, state, {
    onBegunAnew: (reason) => onTrouble('simulated', `the simulation begins anew: ${reason}`),
    // Agents ask for prices in processes that follow none.
    keepsClock: true,
    onTrouble: (reason) => onTrouble('simulated', `how far it is could not be written: ${reason}`),
  });
  if (simulation !== null) opened.push(simulation);
  return new Map(opened.map((venue) => [venue.name, venue]));
}

/** The venues of prediction markets: they trade no coins. */
const PREDICTION_VENUES: ReadonlySet<string> = new Set(['kalshi', 'polymarket']);

/** The venue whose prices agents trade by, by name: the first exchange of the settings, else the simulation; null: none. */
export function valuingVenue(settings: VenueSettings): string | null {
  const exchange = valuingExchange(settings);
  if (exchange !== null) return `ccxt:${exchange}`;
  return settings.simPrices === null ? null : 'simulated';
}

/** The first exchange of coins in the settings, by ccxt's name for it; null: none. */
export function valuingExchange({ venues }: VenueSettings): string | null {
  return venues.find((name) => !PREDICTION_VENUES.has(name)) ?? null;
}
