/** Runs the market role on a thread of its own, while it holds the lease: one process at a time moves signals. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { type Coordination, createHandle, messageOf } from '#libs/sourcing';
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

const LEASE = 'market';
const LEASE_MS = 5_000;
const RENEW_MS = 1_000;

/** Last prices are told to readers at most so often. */
const PRICES_MS = 200;

const RESTART_MS = 1_000;

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

const coordination = await openCoordination(settings.dataDir);
const holder = randomUUID();
let standing = false;
while (!stopping.signal.aborted) {
  try {
    if (await coordination.lease(LEASE, holder, LEASE_MS, Date.now())) {
      standing = false;
      tell({ news: 'leading' });
      await lead();
    } else if (!standing) {
      standing = true;
      tell({ news: 'standby' });
    }
  } catch (error) {
    if (!stopping.signal.aborted) tell({ news: 'trouble', what: 'market', reason: messageOf(error) });
  }
  await sleep(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
}
clearInterval(telling);
await coordination.release(LEASE, holder).catch(() => undefined);
await coordination.close();
port.close();

/** Moves signals until the lease is lost, something fails, or all is to stop. */
async function lead(): Promise<void> {
  const lost = new AbortController();
  const signal = AbortSignal.any([stopping.signal, lost.signal]);
  const events = await openEventStore(settings.eventStoreUrl);
  const views = await openViewStore(settings.viewStoreUrl, { threads: false });
  const onTrouble = (what: string, reason: string): void => tell({ news: 'trouble', what, reason });
  const venues = await openVenues(settings.venues, coordination, onTrouble);
  const renewing = keepLease(coordination, lost, signal);
  try {
    // Nothing is remembered here: the desks know what they judged on.
    const handle = createHandle(handledSignal, events, { cacheSize: 10_000, maxInFlight: 100_000 });
    const routes = await routeSettings(settings.venues);
    await new Market({ events, views, coordination, handle, venues, routes, signal, tell }).run();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    lost.abort();
    await renewing;
    for (const venue of venues.values()) await venue.close().catch(() => undefined);
    await views.close();
    await events.close();
  }
}

/** Renews the lease; one that could not be renewed in its time is lost. */
async function keepLease(held: Coordination, lost: AbortController, signal: AbortSignal): Promise<void> {
  let last = Date.now();
  while (!signal.aborted) {
    await sleep(RENEW_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const now = Date.now();
    try {
      if (!(await held.lease(LEASE, holder, LEASE_MS, now))) return lost.abort();
      last = now;
    } catch {
      if (now - last > LEASE_MS) return lost.abort();
    }
  }
}
