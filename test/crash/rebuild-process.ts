/** Rebuilds the view of signals in DATA_DIR, as the command line does, slowly enough to be killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { buildView, type EventStore } from '#libs/sourcing';
import { openEventStore, openViewStore } from '#libs/stores';
import { signalsView } from '#libs/views';

const dataDir = process.env['DATA_DIR']!;
const events = await openEventStore(`sqlite:${dataDir}/events.db`, { threads: false });
const views = await openViewStore(`sqlite:${dataDir}/views.db`, { threads: false });
const slow: EventStore = {
  ...events,
  readAll: async (...args) => {
    await sleep(Number(process.env['PAUSE_MS'] ?? 0));
    return events.readAll(...args);
  },
};
await buildView(signalsView, slow, views, {
  batchSize: 50,
  onProgress: (handled, head) => process.stdout.write(`${handled}/${head}\n`),
});
await views.close();
await events.close();
