export { openEventStore, openViewStore, type OpenOptions } from './open.ts';
export { createMemoryEventStore, type MemoryEventStoreOptions } from './memory/event-store.ts';
export { createMemoryViewStore } from './memory/view-store.ts';
export { MINIMUM_SQLITE, type Synchronous } from './sqlite/database.ts';
export { openSqliteEventStore, type SqliteEventStoreOptions } from './sqlite/event-store.ts';
export { openSqliteViewStore } from './sqlite/view-store.ts';
