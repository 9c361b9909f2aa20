/**
 * The double in a process of its own, such as a server that `TEST_EVENTSTORE_URL` names is. Prints its URL; ends with
 * SIGINT or SIGTERM, and all it kept with it: node apps/launcher/run.mjs file test/support/eventstore-double/serve.ts
 */
import { startEventStoreDouble } from './double.ts';

const double = await startEventStoreDouble();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void double.close());
console.log(double.url);
