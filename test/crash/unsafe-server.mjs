/**
 * The built server, but for its events: they are not synced. No setting of the product can bring that about; the test of
 * durability must notice it.
 */
import 'reflect-metadata';

const dist = new URL('../../dist/', import.meta.url);
const { createLogger } = await import(new URL('apps/server/src/operations/log.js', dist));
const { createServer, openStores } = await import(new URL('apps/server/src/server.module.js', dist));
const { readSettings } = await import(new URL('apps/server/src/settings.js', dist));
const { openSqliteEventStore } = await import(new URL('libs/stores/src/index.js', dist));

const settings = readSettings(process.env);
const stores = await openStores(settings);
await stores.events.close();
const events = openSqliteEventStore(`${settings.DATA_DIR}/events.db`, { synchronous: process.env.SYNCHRONOUS });
const { app, stop } = await createServer(settings, createLogger(settings.LOG_LEVEL), { ...stores, events });
await app.listen({ host: settings.HOST, port: settings.PORT });
process.once('SIGTERM', () => void stop().then(() => process.exit(0)));
