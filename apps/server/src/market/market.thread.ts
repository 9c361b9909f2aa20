/** Runs the market role on a thread of its own, while it holds the lease: one process at a time moves signals. */
import { parentPort, workerData } from 'node:worker_threads';
import { createHandle, messageOf, whileLeading } from '#libs/sourcing';
import { openCoordination, openEventStore, openViewStore } from '#libs/stores';
import { handledSignal } from '../signals/handled-signal.ts';
import { Market, type MarketNews } from './market.ts';
import { openVenues, routeSettings, type VenueSettings } from './venues.ts';

export interface MarketThreadSettings {
  readonly eventStoreUrl: string;
  readonly viewStoreUrl: string;
  readonly dataDir: string;
  readonly venues: VenueSettings;
}

/** What the thread tells its parent. */
export type MarketThreadNews = MarketNews | { readonly news: 'standby' } | { readonly news: 'leading' };

/** Last prices are told to readers at most so often. */
const PRICES_MS = 200;

const settings = workerData as MarketThreadSettings;
const port = parentPort!;
const stopping = new AbortController();
port.once('message', () => stopping.abort());

const prices = new Map<string, MarketNews>();
const tell = (news: MarketThreadNews): void => {
  if (news.news === 'price') prices.set(news.desk, news);
  else port.postMessage(news);
};
const telling = setInterval(() => {
  for (const news of prices.values()) port.postMessage(news);
  prices.clear();
}, PRICES_MS);

const trouble = (what: string, reason: string): void => tell({ news: 'trouble', what, reason });
const coordination = await openCoordination(settings);
await whileLeading(coordination, 'market', lead, {
  signal: stopping.signal,
  onLeading: () => tell({ news: 'leading' }),
  onStandby: () => tell({ news: 'standby' }),
  onError: (error) => trouble('market', messageOf(error)),
});
clearInterval(telling);
await coordination.close();
port.close();

/** Moves signals until the lease is lost, something fails, or all is to stop. */
async function lead(signal: AbortSignal): Promise<void> {
  const events = await openEventStore(settings.eventStoreUrl);
  const views = await openViewStore(settings.viewStoreUrl, { threads: false });
  const venues = await openVenues(settings.venues, coordination, trouble);
  try {
    const handle = createHandle(handledSignal, events, { cacheSize: 10_000, maxInFlight: 100_000 });
    const routes = await routeSettings(settings.venues);
    await new Market({ events, views, coordination, handle, venues, routes, signal, tell }).run();
  } finally {
    for (const venue of venues.values()) await venue.close().catch(() => undefined);
    await views.close();
    await events.close();
  }
}
