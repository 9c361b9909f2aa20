/**
 * Builds the view of signals from a log into a file of its own, in this process alone, and tells how fast:
 * node rebuild.ts EVENTS_FILE VIEWS_FILE
 */
import { buildView } from '#libs/sourcing';
import { openEventStore, openViewStore } from '#libs/stores';
import { signalsView } from '#libs/views';

export interface Rebuilt {
  readonly events: number;
  readonly seconds: number;
}

const [, , eventsFile, viewsFile] = process.argv;
const events = await openEventStore(`sqlite:${eventsFile}`, { threads: false });
const views = await openViewStore(`sqlite:${viewsFile}`, { threads: false });
let count = 0;
const start = performance.now();
await buildView(signalsView, events, views, { onProgress: (_handled, _head, more) => (count += more) });
const rebuilt: Rebuilt = { events: count, seconds: (performance.now() - start) / 1_000 };
await views.close();
await events.close();
process.send!(rebuilt, () => process.exit(0));
