/** From the two store settings to the stores. */
import { existsSync } from 'node:fs';
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
  if (url.startsWith('esdb')) {
    const { openEventStoreDb } = await import('./eventstoredb/event-store.ts');
    return openEventStoreDb(url, options.maxWaiting === undefined ? {} : { maxWaiting: options.maxWaiting });
  }
  return openSqliteEventStore(sqlitePath('EVENT_STORE_URL', url), options);
}

/** Opens the view store that `VIEW_STORE_URL` names. Throws one clear sentence when it can't. */
export async function openViewStore(url: string, options: OpenOptions = {}): Promise<ViewStore> {
  if (isMongo(url)) {
    const { openMongoViewStore } = await import('./mongodb/view-store.ts');
    return openMongoViewStore(url);
  }
  return openSqliteViewStore(sqlitePath('VIEW_STORE_URL', url), options);
}

/** Where the processes of one ledger share what nobody audits. */
export interface CoordinationPlace {
  readonly viewStoreUrl: string;
  readonly dataDir: string;
}

/** Opens it: beside the views where MongoDB keeps them, else `coordination.db` in the data folder. */
export async function openCoordination(
  { viewStoreUrl, dataDir }: CoordinationPlace,
  options: OpenOptions = {},
): Promise<Coordination> {
  if (isMongo(viewStoreUrl)) {
    const { openMongoCoordination } = await import('./mongodb/coordination.ts');
    return openMongoCoordination(viewStoreUrl);
  }
  return openSqliteCoordination(coordinationFile(dataDir), options);
}

/** Whether there is one already; one that is no file is taken to be. */
export function coordinationExists({ viewStoreUrl, dataDir }: CoordinationPlace): boolean {
  return isMongo(viewStoreUrl) || existsSync(coordinationFile(dataDir));
}

function coordinationFile(dataDir: string): string {
  return join(dataDir, 'coordination.db');
}

function isMongo(url: string): boolean {
  return url.startsWith('mongodb');
}

function sqlitePath(setting: string, url: string): string {
  const path = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : '';
  if (path === '') throw new Error(`${setting} is ${JSON.stringify(url)}; it begins with sqlite: and names a file`);
  return path;
}
