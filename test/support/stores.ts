/**
 * The stores that belong to a test's data folder. `TEST_STORES` says which kinds, events first: `sqlite+sqlite` unless
 * told otherwise, `esdb+mongodb`, `sqlite+mongodb`, `esdb+sqlite`. Files are in the folder; a server is started for it,
 * or those that `TEST_EVENTSTORE_URL` and `TEST_MONGODB_URL` name are used. On a given EventStoreDB each folder has a ledger
 * of its own, which stays there.
 */
import { randomUUID } from 'node:crypto';
import type { EventStore } from '#libs/sourcing';
import { openEventStore } from '#libs/stores';
import { type DocumentServer, startDocumentServer } from './document-server.ts';
import { buildDocumentServer } from './document-server-build.ts';
import { type EventStoreDouble, startEventStoreDouble } from './eventstore-double/double.ts';

const COMBINATIONS = ['sqlite+sqlite', 'esdb+mongodb', 'sqlite+mongodb', 'esdb+sqlite'] as const;
export type Combination = (typeof COMBINATIONS)[number];

/** The kinds a run was told to use. Throws for a name that is none. */
export const STORES: Combination = combination();

/** Whether FerretDB stands in for MongoDB: it reads a whole collection for most filters, so thousands of documents are too many. */
export const STAND_IN = STORES.endsWith('+mongodb') && (process.env['TEST_MONGODB_URL'] ?? '') === '';

/** The URL of the EventStoreDB that a run was given; null where there is none. It names a server, and no ledger. */
export const GIVEN_EVENT_STORE: string | null = process.env['TEST_EVENTSTORE_URL'] || null;

export interface FolderStores {
  /** The settings of a server on them. */
  readonly environment: { readonly EVENT_STORE_URL: string; readonly VIEW_STORE_URL: string };
  /** Null where events are not kept by a double. */
  readonly double: EventStoreDouble | null;
  /** Null where views are not kept by a server. */
  readonly documents: DocumentServer | null;
}

const ofFolders = new Map<string, Promise<FolderStores>>();

/** Those of a data folder, started by whoever asks first; `stores` says of which kinds, where the run does not decide. */
export function storesOf(dataDir: string, stores = STORES): Promise<FolderStores> {
  const found = ofFolders.get(dataDir) ?? startStores(dataDir, stores);
  ofFolders.set(dataDir, found);
  return found;
}

/** The events of a data folder, by a store of the caller's own: as another process comes to them. */
export async function openEventsOf(dataDir: string): Promise<EventStore> {
  return openEventStore((await storesOf(dataDir)).environment.EVENT_STORE_URL, { threads: false });
}

/** A ledger that nobody has used, in the EventStoreDB of a URL that names none. */
export function withLedger(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}ledger=test-${randomUUID().replaceAll('-', '')}`;
}

/** Why there can be no EventStoreDB that fails when a test says so; null where there can. */
export const noFaultsOfEvents: string | null =
  GIVEN_EVENT_STORE === null ? null : 'the one that TEST_EVENTSTORE_URL names is not ours to end';

/** Why there can be no MongoDB that a test may end and start again; null where there can. */
export async function noOutageOfViews(): Promise<string | null> {
  if ((process.env['TEST_MONGODB_URL'] ?? '') !== '') return 'the one that TEST_MONGODB_URL names is not ours to end';
  const built = await buildDocumentServer();
  return 'missing' in built ? built.missing : null;
}

/** Ends the servers that were started for a folder. Nothing may use them any more. */
export async function endStoresOf(dataDir: string): Promise<void> {
  const found = ofFolders.get(dataDir);
  ofFolders.delete(dataDir);
  const stores = await found;
  await stores?.documents?.stop();
  await stores?.double?.close();
}

async function startStores(dataDir: string, stores: Combination): Promise<FolderStores> {
  const [events, views] = stores.split('+');
  const documents = views === 'mongodb' ? await startDocumentServer() : null;
  if (typeof documents === 'string') throw new Error(`views can't be kept in MongoDB here: ${documents}`);
  const given = events === 'esdb' && GIVEN_EVENT_STORE !== null ? withLedger(GIVEN_EVENT_STORE) : null;
  const double = events === 'esdb' && given === null ? await startEventStoreDouble() : null;
  return {
    environment: {
      EVENT_STORE_URL: double?.url ?? given ?? `sqlite:${dataDir}/events.db`,
      VIEW_STORE_URL: documents?.url ?? `sqlite:${dataDir}/views.db`,
    },
    double,
    documents,
  };
}

function combination(): Combination {
  const told = process.env['TEST_STORES'] || 'sqlite+sqlite';
  const known = COMBINATIONS.find((one) => one === told);
  if (known === undefined) throw new Error(`TEST_STORES is ${JSON.stringify(told)}: one of ${COMBINATIONS.join(', ')}`);
  return known;
}
