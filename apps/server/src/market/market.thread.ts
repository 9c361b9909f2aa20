/** Runs the market role on a thread of its own, while it holds the lease: one process at a time moves signals. */
import { parentPort, workerData } from 'node:worker_threads';
import { createHandle, messageOf, whileLeading } from '#libs/sourcing';
import { openCoordination, openEventStore, openViewStore } from '#libs/stores';
import { AccountsEngine } from '../accounts/engine/accounts-engine.ts';
import { type LiveSettings, openLiveOrders } from '../accounts/engine/live-orders.ts';
import { handledAccount } from '../accounts/handled-account.ts';
import { handledSignal } from '../signals/handled-signal.ts';
import { PriceFeed } from './feed.ts';
import { Market } from './market.ts';
import type { MarketNews } from './news.ts';
import { together } from './together.ts';
import { openVenues, routeSettings, valuingVenue, type VenueSettings } from './venues.ts';

export interface MarketThreadSettings {
  readonly eventStoreUrl: string;
  readonly viewStoreUrl: string;
  readonly dataDir: string;
  readonly venues: VenueSettings;
  /** Where live orders go; null: to no exchange. */
  readonly live: LiveSettings | null;
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
  else {
    if (news.news === 'dropped') prices.delete(news.desk);
    port.postMessage(news);
  }
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
  const accounts = createHandle(handledAccount, events, { cacheSize: 10_000, maxInFlight: 100_000 });
  const toLive = { coordination, handle: accounts, signal, onTrouble: trouble };
  const live = settings.live === null ? null : openLiveOrders(settings.live, toLive);
  try {
    const handle = createHandle(handledSignal, events, { cacheSize: 10_000, maxInFlight: 100_000 });
    const routes = await routeSettings(settings.venues);
    const source = valuingVenue(settings.venues);
    await together(signal, (running) => {
      const feed = new PriceFeed({ venues, signal: running, onTrouble: trouble });
      const shared = { events, views, coordination, venues, feed, signal: running, onTrouble: trouble };
      return [
        feed.run(),
        new Market({ ...shared, handle, routes, tell }).run(),
        new AccountsEngine({ ...shared, handle: accounts, source, live }).run(),
      ];
    });
  } finally {
    await live?.close();
    for (const venue of venues.values()) await venue.close().catch(() => undefined);
    await views.close();
    await events.close();
  }
}
