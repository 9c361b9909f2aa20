/**
 * A view that follows events it is behind by, in this process alone, and how fast: node catch-up.ts VIEWS_URL SIGNALS
 *
 * Each signal is created and then updated once. The events are in memory, so that what is measured is folding and saving.
 */
import { derivedEventId, NO_STREAM, runProcessor } from '#libs/sourcing';
import { createMemoryEventStore, openViewStore } from '#libs/stores';
import { signalsView } from '#libs/views';
import { createBody } from './bodies.ts';
import { createdEvent } from './created-event.ts';

export interface CaughtUp {
  readonly events: number;
  readonly seconds: number;
}

const [, , viewsUrl, signals] = process.argv;
const events = createMemoryEventStore();
for (let n = 0; n < Number(signals); n += 1) {
  const { signalId, event } = createdEvent(JSON.parse(createBody(n)), n);
  const update = {
    ...event,
    id: derivedEventId(event.metadata.commandId, 1),
    type: 'PricesUpdated',
    data: { targets: { '1': '71000' } },
  };
  await events.append({ stream: `signal-${signalId}`, expected: NO_STREAM, events: [event, update] });
}
const views = await openViewStore(viewsUrl!, { threads: false });
// Empty and live: it is followed, not built.
const at = { view: signalsView.name, version: `${signalsView.version}.1` };
await views.open(signalsView, at.version, await events.id());
await views.promote(at);

const head = await events.head();
const stop = new AbortController();
let failure: unknown = null;
const start = performance.now();
await runProcessor(signalsView, events, views, {
  signal: stop.signal,
  onProgress: (checkpoint) => checkpoint >= head && stop.abort(),
  onParked: ({ stream, reason }) => {
    failure = new Error(`${stream} was parked: ${reason}`);
    stop.abort();
  },
  onError: (error) => {
    failure = error;
    stop.abort();
  },
});
if (failure !== null) throw failure;
const caughtUp: CaughtUp = { events: 2 * Number(signals), seconds: (performance.now() - start) / 1_000 };
const kept = await views.count(signalsView.name, []);
if (kept !== Number(signals)) throw new Error(`the view has ${kept} documents of ${signals}`);
await views.close();
await events.close();
process.send!(caughtUp, () => process.exit(0));
