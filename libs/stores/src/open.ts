/** From the two store settings to the stores. */
import { join } from 'node:path';
import type { Coordination, EventStore, ViewStore } from '#libs/sourcing';
import { openSqliteCoordination } from './sqlite/coordination.ts';
import { openSqliteEventStore } from './sqlite/event-store.ts';
import { openSqliteViewStore } from './sqlite/view-store.ts';

/** `threads: false` for commands and for threads that are one themselves. */
export interface OpenOptions {
  readonly threads?: boolean;
  readonly maxWaiting?: number;
}

/** Opens the event store that `EVENT_STORE_URL` names. Throws one clear sentence when it can't. */
export async function openEventStore(url: string, options: OpenOptions = {}): Promise<EventStore> {
  return openSqliteEventStore(sqlitePath('EVENT_STORE_URL', url), options);
}

/** Opens the view store that `VIEW_STORE_URL` names. Throws one clear sentence when it can't. */
export async function openViewStore(url: string, options: OpenOptions = {}): Promise<ViewStore> {
  return openSqliteViewStore(sqlitePath('VIEW_STORE_URL', url), options);
}

/** Opens what the processes of one ledger share beside events and views: `coordination.db` in the data folder. */
export async function openCoordination(dataDir: string, options: OpenOptions = {}): Promise<Coordination> {
  return openSqliteCoordination(join(dataDir, 'coordination.db'), options);
}

function sqlitePath(setting: string, url: string): string {
  const path = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : '';
  if (path === '') throw new Error(`${setting} is ${JSON.stringify(url)}; it begins with sqlite: and names a file`);
  return path;
}
