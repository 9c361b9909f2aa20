/** The stores that the kernel's own tests run on. */
import { afterAll } from '@jest/globals';
import { createMemoryEventStore, createMemoryViewStore, openSqliteEventStore, openSqliteViewStore } from '#libs/stores';
import { scratchFile } from '../../../stores/src/testing/scratch.ts';
import type { EventStore } from '../ports.ts';
import type { ViewStore } from '../views.ts';

/** Each opens one store that is closed after the tests of the file. */
export const eventStores: readonly (readonly [name: string, open: () => EventStore])[] = [
  ['memory', () => createMemoryEventStore()],
  ['memory, one stream at a time', () => createMemoryEventStore({ atomic: false })],
  ['SQLite', () => closedLater(openSqliteEventStore(scratchFile('events.db')))],
];

export const viewStores: readonly (readonly [name: string, open: () => ViewStore])[] = [
  ['memory', () => createMemoryViewStore()],
  ['SQLite', () => closedLater(openSqliteViewStore(scratchFile('views.db'), { threads: false }))],
];

function closedLater<Store extends { close(): Promise<void> }>(store: Store): Store {
  afterAll(() => store.close());
  return store;
}
