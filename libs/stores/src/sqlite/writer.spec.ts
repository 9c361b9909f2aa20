import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type EventStore, NO_STREAM, OutcomeUnknown, RevisionConflict, StoreUnavailable } from '#libs/sourcing';
import { rejection } from '../../../sourcing/src/testing/event-store-appends.ts';
import { freshName, sampleEvent, sampleEvents } from '../../../sourcing/src/testing/sample-events.ts';
import { openSqliteEventStore } from './event-store.ts';
import { scratchFile } from '../testing/scratch.ts';
import { commitsIn } from '../testing/wal-file.ts';

const create = (stream: string) => ({ stream, expected: NO_STREAM, events: [sampleEvent()] });

describe('the writer of an event log', () => {
  const path = scratchFile('events.db');
  let store: EventStore;
  beforeAll(async () => {
    store = openSqliteEventStore(path);
    await store.append(create(freshName('w')));
  });
  afterAll(() => store.close());

  it('commits appends that wait together', async () => {
    const before = commitsIn(`${path}-wal`);
    for (let n = 0; n < 20; n += 1) await store.append(create(freshName('w')));
    const alone = commitsIn(`${path}-wal`) - before;
    expect(alone).toBe(20);
    await Promise.all(Array.from({ length: 2_000 }, () => store.append(create(freshName('w')))));
    const together = commitsIn(`${path}-wal`) - before - alone;
    expect(together).toBeGreaterThan(0);
    expect(together).toBeLessThanOrEqual(100);
  });

  it('lets each append of a commit stand or fall alone', async () => {
    const before = commitsIn(`${path}-wal`);
    const [taken, other, third] = [freshName('w'), freshName('w'), freshName('w')];
    const used = sampleEvent();
    const results = await Promise.allSettled([
      store.append({ stream: taken, expected: NO_STREAM, events: [used] }),
      store.append({ stream: taken, expected: NO_STREAM, events: sampleEvents(3) }),
      store.append({ stream: other, expected: NO_STREAM, events: [sampleEvent(), used] }),
      store.append({ stream: third, expected: NO_STREAM, events: sampleEvents(2) }),
      store.append({ stream: taken, expected: 0, events: sampleEvents(2) }),
      store.appendAll!([create(freshName('w')), { stream: third, expected: 7, events: sampleEvents(1) }]),
      store.append({ stream: third, expected: 1, events: [sampleEvent({ text: null })] }),
    ]);
    expect(commitsIn(`${path}-wal`) - before).toBe(1);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(results[1]).toEqual(expect.objectContaining({ reason: expect.any(RevisionConflict) }));
    expect(results[5]).toEqual(
      expect.objectContaining({ reason: expect.objectContaining({ stream: third, actual: 1 }) }),
    );
    const lengths = await Promise.all(
      [taken, other, third].map(async (stream) => (await store.readStream(stream)).length),
    );
    expect(lengths).toEqual([3, 0, 3]);
  });

  it('refuses an event id that stands elsewhere in the log, whichever place it has in its append', async () => {
    const [one, two] = [freshName('w'), freshName('w')];
    const used = sampleEvent();
    await store.append({ stream: one, expected: NO_STREAM, events: [used] });
    await store.append(create(two));
    for (const events of [[used], [used, sampleEvent()], [sampleEvent(), used]]) {
      expect(await rejection(store.append({ stream: two, expected: 0, events }))).toEqual(
        expect.objectContaining({
          name: 'Error',
          message: expect.stringMatching(/the event id for revision [12] of .* stands elsewhere in the log/),
        }),
      );
    }
    expect(await store.readStream(two)).toHaveLength(1);
  });

  it('is not kept waiting by a reader, whatever it reads', async () => {
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec('BEGIN');
    const count = () => reader.prepare('SELECT count(*) AS count FROM events').get()!['count'];
    const before = count();
    await store.append(create(freshName('w')));
    await Promise.all(Array.from({ length: 500 }, () => store.append(create(freshName('w')))));
    expect(count()).toBe(before);
    reader.exec('COMMIT');
    expect(count()).toBe(Number(before) + 501);
    reader.close();
  });

  it('waits for another process that is writing', async () => {
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const waiting = store.append(create(freshName('w')));
    await sleep(100);
    other.exec('COMMIT');
    other.close();
    expect((await waiting).revision).toBe(0);
  });
});

describe('the queue of an event log', () => {
  it('takes no more than it was told to, and says that nothing was written of the rest', async () => {
    const store = openSqliteEventStore(path(), { maxWaiting: 5 });
    const streams = Array.from({ length: 20 }, () => freshName('w'));
    const results = await Promise.allSettled(streams.map((stream) => store.append(create(stream))));
    expect(results.map(({ status }) => status)).toEqual([
      ...Array<string>(5).fill('fulfilled'),
      ...Array<string>(15).fill('rejected'),
    ]);
    for (const result of results.slice(5))
      expect(result).toEqual(expect.objectContaining({ reason: expect.any(StoreUnavailable) }));
    expect((await store.append(create(streams[19]!))).revision).toBe(0);
    await store.close();
  });

  it('is worked off before the log closes, and takes nothing after', async () => {
    const file = path();
    const store = openSqliteEventStore(file);
    const accepted = Array.from({ length: 500 }, () => store.append(create(freshName('w'))));
    const closing = [store.close(), store.close()];
    expect(await rejection(store.append(create(freshName('w'))))).toBeInstanceOf(StoreUnavailable);
    await Promise.all(closing);
    expect(await rejection(store.head())).toBeInstanceOf(StoreUnavailable);
    expect((await Promise.allSettled(accepted)).filter(({ status }) => status === 'fulfilled')).toHaveLength(500);
    const again = openSqliteEventStore(file);
    expect((await again.readAll(0n, 1_000)).events).toHaveLength(500);
    await again.close();
  });

  it('of a thread that dies has unknown outcomes, and the next append is taken by another thread', async () => {
    const file = path();
    const workers: Worker[] = [];
    const post = jest.spyOn(Worker.prototype, 'postMessage').mockImplementation(function posted(this: Worker, ...args) {
      if (!workers.includes(this)) workers.push(this);
      post.mockRestore();
      return this.postMessage(...args);
    });
    const store = openSqliteEventStore(file);
    const blocker = new DatabaseSync(file);
    blocker.exec('BEGIN IMMEDIATE');
    const append = create(freshName('w'));
    const outcome = rejection(store.append(append));
    await sleep(200);
    const end = workers[0]!.terminate();
    blocker.exec('ROLLBACK');
    blocker.close();
    await end;
    expect(await outcome).toBeInstanceOf(OutcomeUnknown);
    // Whatever became of the first try, a repeat makes it true.
    expect((await store.append(append)).revision).toBe(0);
    expect(await store.readStream(append.stream)).toHaveLength(1);
    await expect(store.ready()).resolves.toBeUndefined();
    await store.close();
  });

  const files = ['bounded', 'closing', 'dying'].map((name) => scratchFile(`${name}.db`));
  const path = (): string => files.shift()!;
});
