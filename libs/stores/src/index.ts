export * from './open.ts';
export { firstLook } from './first-look.ts';
export { createMemoryCoordination } from './memory/coordination.ts';
export { createMemoryEventStore, type MemoryEventStoreOptions } from './memory/event-store.ts';
export { createMemoryViewStore } from './memory/view-store.ts';
export { MINIMUM_SQLITE, type Synchronous } from './sqlite/database.ts';
export { openSqliteEventStore, type SqliteEventStoreOptions } from './sqlite/event-store.ts';
export { openSqliteViewStore } from './sqlite/view-store.ts';
export { openSqliteCoordination } from './sqlite/coordination.ts';
