import { afterAll, describe, expect, it } from '@jest/globals';
import { NO_STREAM, RevisionConflict } from '#libs/sourcing';
import { rejection } from '../../../sourcing/src/testing/event-store-appends.ts';
import { freshName, sampleEvent, sampleEvents } from '../../../sourcing/src/testing/sample-events.ts';
import { scratchFile } from '../testing/scratch.ts';
import { openSqliteEventStore } from './event-store.ts';

describe.each([
  ['on threads', true],
  ['in place', false],
])('a SQLite event log %s', (_where, threads) => {
  const store = openSqliteEventStore(scratchFile('events.db'), { threads });
  afterAll(() => store.close());

  it('tells what each commit made durable: not what was refused, found there already, or taken back', async () => {
    const told: number[] = [];
    store.onCommit((events) => told.push(events));
    const [taken, other] = [freshName('c'), freshName('c')];
    const used = sampleEvent();
    const first = { stream: taken, expected: NO_STREAM, events: [used] };
    await store.append(first);
    expect(told).toEqual([1]);
    // Again, in conflict, and with an id that stands elsewhere behind one that does not.
    await store.append(first);
    expect(await rejection(store.append({ ...first, events: sampleEvents(2) }))).toBeInstanceOf(RevisionConflict);
    await rejection(store.append({ stream: other, expected: NO_STREAM, events: [sampleEvent(), used] }));
    expect(told).toEqual([1]);
    await store.appendAll!([
      { stream: taken, expected: 0, events: sampleEvents(2) },
      { stream: other, expected: NO_STREAM, events: sampleEvents(3) },
    ]);
    expect(told).toEqual([1, 5]);
  });

  it('tells each event once, however many appends share a commit', async () => {
    const told: number[] = [];
    store.onCommit((events) => told.push(events));
    const append = () => store.append({ stream: freshName('c'), expected: NO_STREAM, events: sampleEvents(2) });
    await Promise.all(Array.from({ length: 500 }, append));
    expect(told.reduce((sum, events) => sum + events, 0)).toBe(1_000);
    if (threads) expect(told.length).toBeLessThan(100);
    else expect(told).toEqual(Array<number>(500).fill(2));
  });
});
