/**
 * Fills a log up to a number of events of signals with signals like those that are there, each created and updated once:
 * node pad.ts EVENTS_FILE NUMBER
 */
import { DatabaseSync } from 'node:sqlite';
import { compactId, derivedEventId, newId, NO_STREAM, type NewEvent, type RecordedEvent } from '#libs/sourcing';
import { openEventStore } from '#libs/stores';

const SIGNALS_AT_ONCE = 500;

const [, , eventsFile, wanted] = process.argv;
const store = await openEventStore(`sqlite:${eventsFile}`, { threads: false });
const { events: first } = await store.readAll(0n, 1_000, 'signal-');
const model = first.find(({ type }) => type === 'SignalCreated');
if (model === undefined) throw new Error('there is no signal to go by');
const db = new DatabaseSync(eventsFile!, { readOnly: true });
const count = db.prepare("SELECT count(*) AS count FROM events WHERE stream >= 'signal-' AND stream < 'signal.'");
const present = Number(count.get()!['count']);
db.close();
for (let lacking = Number(wanted) - present; lacking > 0; lacking -= 2 * SIGNALS_AT_ONCE) {
  await store.appendAll!(Array.from({ length: SIGNALS_AT_ONCE }, () => signalLike(model)));
}
await store.close();
process.send!({ added: Math.max(0, Number(wanted) - present) }, () => process.exit(0));

function signalLike(created: RecordedEvent): { stream: string; expected: number; events: NewEvent[] } {
  const [at, next] = [0, 1].map((index) => ({
    id: derivedEventId(newId(Date.now()), index),
    time: created.time,
    channelId: created.channelId,
    metadata: { ...created.metadata, commandId: newId(Date.now()) },
  })) as [Omit<NewEvent, 'type' | 'data'>, Omit<NewEvent, 'type' | 'data'>];
  return {
    stream: `signal-${compactId(newId(Date.now()))}`,
    expected: NO_STREAM,
    events: [
      { ...at, type: 'SignalCreated', data: created.data },
      { ...next, type: 'PricesUpdated', data: { targets: { '1': '71000' } } },
    ],
  };
}
