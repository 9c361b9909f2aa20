/** Following an EventStoreDB through drops, outages and events that are not the ledger's. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EventStore,
  LOG_START,
  NO_STREAM,
  type RecordedEvent,
  runProcessor,
  StoreUnavailable,
  waitForPosition,
} from '#libs/sourcing';
import { createMemoryViewStore } from '#libs/stores';
import { openEventStoreDb } from '../../libs/stores/src/eventstoredb/event-store.ts';
import { accountsView, accountStream } from '../../libs/sourcing/src/testing/account.ts';
import { rejection } from '../../libs/sourcing/src/testing/event-store-appends.ts';
import { collect } from '../../libs/sourcing/src/testing/event-store-subscriptions.ts';
import { freshName, sampleEvent, sampleEvents } from '../../libs/sourcing/src/testing/sample-events.ts';
import { type EventStoreDouble, startEventStoreDouble } from '../support/eventstore-double/double.ts';

const DROPS = 100;
const EVENTS = 100_000;

let double: EventStoreDouble;
let store: EventStore;
beforeEach(async () => {
  double = await startEventStoreDouble();
  store = await openEventStoreDb(double.url);
});
afterEach(async () => {
  jest.restoreAllMocks();
  double.thaw();
  await store.close();
  await double.close();
});

async function append(stream: string, count = 1): Promise<bigint> {
  return (await store.append({ stream, expected: NO_STREAM, events: sampleEvents(count) })).position;
}

describe('a subscription', () => {
  it(`that is dropped ${DROPS} times during ${EVENTS} events misses none, tells none twice, and keeps their order`, async () => {
    const prefix = freshName('s');
    const stop = new AbortController();
    const told: RecordedEvent[] = [];
    let drops = 0;
    const following = (async () => {
      for await (const { events, checkpoint } of store.subscribe(LOG_START, {
        prefix,
        limit: 100,
        signal: stop.signal,
      })) {
        told.push(...events);
        expect(checkpoint).toBeGreaterThanOrEqual(told.at(-1)?.position ?? LOG_START);
        if (told.length >= ((drops + 1) * EVENTS) / (DROPS + 20)) drops += double.dropSubscriptions();
        if (told.length >= EVENTS) stop.abort();
      }
    })();
    const appended: string[] = [];
    for (let batch = 0; appended.length < EVENTS; batch += 1) {
      const events = sampleEvents(50);
      await store.append({ stream: freshName(prefix), expected: NO_STREAM, events });
      appended.push(...events.map(({ id }) => id));
      if (batch % 10 === 0) double.log.appendOwn(40);
    }
    await following;
    expect(drops).toBeGreaterThanOrEqual(DROPS);
    expect(told.map(({ id }) => id)).toEqual(appended);
  }, 300_000);

  it('goes on when the server comes back, and ends while there is none', async () => {
    const prefix = freshName('s');
    const stop = new AbortController();
    const told: RecordedEvent[] = [];
    const following = (async () => {
      for await (const { events } of store.subscribe(LOG_START, { prefix, signal: stop.signal })) told.push(...events);
    })();
    for (let round = 1; round <= 3; round += 1) {
      const append = { stream: freshName(prefix), expected: NO_STREAM, events: sampleEvents(1) };
      while ((await store.append(append).catch(() => null)) === null) await sleep(20);
      while (told.length < round) await sleep(5);
      await double.stop();
      await sleep(50);
      if (round < 3) await double.start();
    }
    stop.abort();
    await following;
    expect(told).toHaveLength(3);
  });

  it.each([
    ['end', 0],
    ['end', 1],
    ['max', 0],
    ['max', 1],
  ] as const)(
    'that was told a wrong checkpoint (%s), after %i events, goes on where it was: what came while it was away is told',
    async (wrong, before) => {
      double.sendWrongCheckpoints(wrong);
      const prefix = freshName('s');
      const stop = new AbortController();
      const told: RecordedEvent[] = [];
      const checkpoints: bigint[] = [];
      const written: bigint[] = [];
      for (let n = 0; n < before; n += 1) written.push(await append(freshName(prefix)));
      const following = (async () => {
        for await (const { events, checkpoint } of store.subscribe(LOG_START, { prefix, signal: stop.signal })) {
          told.push(...events);
          checkpoints.push(checkpoint);
        }
      })();
      while (double.subscriptions() === 0 || told.length < before) await sleep(5);
      // Until it is idle, and has heard the checkpoint.
      await sleep(100);
      double.refuseSubscriptions(true);
      expect(double.dropSubscriptions()).toBe(1);
      for (let n = 0; n < 3; n += 1) written.push(await append(freshName(prefix)));
      double.refuseSubscriptions(false);
      const patience = performance.now() + 10_000;
      while (told.length < written.length && performance.now() < patience) await sleep(5);
      // Nothing is told twice, and no checkpoint is anything but the place of an event.
      await sleep(50);
      stop.abort();
      await following;
      expect(told.map(({ position }) => position)).toEqual(written);
      expect(written).toEqual(expect.arrayContaining(checkpoints));
    },
    30_000,
  );

  it('makes the server wait for a slow reader instead of holding everything itself', async () => {
    const prefix = freshName('s');
    const count = 3_000;
    for (let n = 0; n < count / 100; n += 1)
      await store.append({
        stream: freshName(prefix),
        expected: NO_STREAM,
        events: Array.from({ length: 100 }, () => sampleEvent({ text: 'x'.repeat(2_000) })),
      });
    const stop = new AbortController();
    let told = 0;
    for await (const { events } of store.subscribe(LOG_START, { prefix, limit: 10, signal: stop.signal })) {
      if (told === 0) {
        let before = -1;
        while (double.sent() !== before) {
          before = double.sent();
          await sleep(100);
        }
        expect(before).toBeLessThan(count / 2);
      }
      told += events.length;
      if (told === count) stop.abort();
    }
    expect(told).toBe(count);
  });

  it('leaves no call open behind it, however it ends', async () => {
    const prefix = freshName('s');
    await append(freshName(prefix));
    const stop = new AbortController();
    for await (const page of store.subscribe(LOG_START, { prefix, signal: stop.signal })) {
      expect(page.events).toHaveLength(1);
      expect(double.subscriptions()).toBe(1);
      break;
    }
    while (double.subscriptions() > 0) await sleep(5);
    for await (const _page of store.subscribe(LOG_START, { prefix, signal: stop.signal })) stop.abort();
    while (double.subscriptions() > 0) await sleep(5);
    // A reader that waits when its store is closed.
    const waiting = (async () => {
      for await (const _page of store.subscribe(LOG_START, { prefix, signal: new AbortController().signal }));
    })();
    while (double.subscriptions() === 0) await sleep(5);
    await store.close();
    await waiting;
    while (double.subscriptions() > 0) await sleep(5);
  });

  it('is refused from a place where no event stands', async () => {
    const position = await append(freshName('s'));
    const { signal } = new AbortController();
    const refused = await rejection(
      store
        .subscribe(position - 1n, { signal })
        [Symbol.asyncIterator]()
        .next(),
    );
    expect((refused as Error).message).toMatch(new RegExp(`from ${position - 1n}: no event stands there`));
  });
});

describe('an outage of a subscription', () => {
  /** A processor that has caught up, and what it is told. */
  async function following(): Promise<{
    readonly told: { readonly error: unknown; readonly retryIn: number }[];
    readonly caughtUp: () => Promise<void>;
    readonly end: () => Promise<void>;
  }> {
    const views = createMemoryViewStore();
    const stop = new AbortController();
    const told: { error: unknown; retryIn: number }[] = [];
    const running = runProcessor(accountsView, store, views, {
      signal: stop.signal,
      onError: (error, retryIn) => told.push({ error, retryIn }),
    });
    const caughtUp = async (): Promise<void> => {
      await append(freshName('other'));
      expect(await waitForPosition(views, accountsView.name, await store.head(), 20_000)).toBe(true);
    };
    await caughtUp();
    while (double.subscriptions() === 0) await sleep(5);
    const end = async (): Promise<void> => {
      stop.abort();
      await running;
    };
    return { told, caughtUp, end };
  }

  it('is told to a processor when it begins, once however often it is tried again', async () => {
    const { told, caughtUp, end } = await following();
    expect(told).toEqual([]);
    double.refuseSubscriptions(true);
    expect(double.dropSubscriptions()).toBe(1);
    const before = double.refused();
    while (double.refused() < before + 4) await sleep(5);
    double.refuseSubscriptions(false);
    await caughtUp();
    expect(told).toEqual([{ error: expect.any(StoreUnavailable), retryIn: expect.any(Number) }]);
    expect(String(told[0]!.error)).toMatch(/EventStoreDB can't be followed: .*Consumer too slow/);
    expect(told[0]!.retryIn).toBeGreaterThan(0);
    await end();
  });

  it('is the same one while calls break soon, and another once one had lasted', async () => {
    let clock = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => clock);
    const { told, caughtUp, end } = await following();
    for (let drop = 0; drop < 3; drop += 1) {
      double.dropSubscriptions();
      await caughtUp();
    }
    expect(told).toHaveLength(1);
    clock += 6_000;
    double.dropSubscriptions();
    await caughtUp();
    expect(told).toHaveLength(2);
    await end();
  });

  it('is not the end of a processor that is told to stop', async () => {
    const { told, end } = await following();
    await end();
    while (double.subscriptions() > 0) await sleep(5);
    expect(told).toEqual([]);
  });
});

describe("events that are not the ledger's", () => {
  it('are told nowhere, and move neither the head nor a checkpoint', async () => {
    double.log.appendOwn(40);
    expect(await store.head()).toBe(LOG_START);
    const id = await store.id();
    expect(await store.head()).toBe(LOG_START);
    expect(await store.readAll(LOG_START, 10)).toEqual({ events: [], checkpoint: LOG_START });
    double.log.append('of-another-program', NO_STREAM, [
      { id, type: 'T', contentType: 'application/octet-stream', data: Buffer.from([1, 2]), metadata: Buffer.from('') },
    ]);
    const position = await append(freshName('l'), 3);
    double.log.appendOwn(2_000);
    expect(await store.head()).toBe(position);
    const page = await store.readAll(LOG_START, 10);
    expect(page).toEqual({ events: [expect.anything(), expect.anything(), expect.anything()], checkpoint: position });
    expect(await store.readAll(position, 10)).toEqual({ events: [], checkpoint: position });
    expect((await collect(store, LOG_START, 3, '')).map(({ id: one }) => one)).toEqual(
      page.events.map((event) => event.id),
    );
    const foreign = await rejection(store.readStream('of-another-program'));
    expect((foreign as Error).message).toMatch(/event 0 of of-another-program was not written by a ledger/);
  });

  it('keep no view from reaching the head, nor from being current when it is begun again', async () => {
    const views = createMemoryViewStore();
    const stop = new AbortController();
    const errors: unknown[] = [];
    const builds: bigint[] = [];
    const process = () =>
      runProcessor(accountsView, store, views, {
        signal: stop.signal,
        onError: (error) => errors.push(error),
        onBuild: (handled) => builds.push(handled),
      });
    await store.append({
      stream: accountStream('a'),
      expected: NO_STREAM,
      events: [{ ...sampleEvent(), type: 'Opened' }],
    });
    const running = process();
    // The last event of the log is of another prefix, and the server's own stand behind it.
    for (let round = 0; round < 5; round += 1) {
      await append(freshName('other'));
      double.log.appendOwn(100);
      expect(await waitForPosition(views, accountsView.name, await store.head(), 20_000)).toBe(true);
    }
    const { version, checkpoint } = (await views.live(accountsView.name))!;
    expect(checkpoint).toBe(await store.head());
    stop.abort();
    await running;
    // So many at once are more than the server lets a subscription be behind by: it drops it, and that is all.
    expect(errors.length).toBeLessThanOrEqual(1);
    for (const error of errors) expect(String(error)).toMatch(/Consumer too slow/);
    builds.length = 0;
    const again = new AbortController();
    const rerun = runProcessor(accountsView, store, views, {
      signal: again.signal,
      onBuild: (handled) => builds.push(handled),
      onProgress: () => again.abort(),
    });
    await append(freshName('other'));
    await rerun;
    expect(builds).toEqual([]);
    expect((await views.live(accountsView.name))!.version).toBe(version);
  });
});

describe('reading on from a position', () => {
  it('that lies between two events finds those after it, near an event and near the head', async () => {
    const streams = Array.from({ length: 20 }, () => freshName('l'));
    const positions: bigint[] = [];
    for (const stream of streams) positions.push(await append(stream));
    const first = await store.readAll(positions[7]! - 1n, 1, streams[7]);
    expect(first.events.map(({ stream }) => stream)).toEqual([streams[7]]);
    const near = await store.readAll(positions[17]! - 5n, 10);
    expect(near.events.map(({ stream }) => stream)).toEqual(streams.slice(17));
    expect(await store.readAll(positions[19]! + 3n, 10)).toEqual({ events: [], checkpoint: positions[19]! + 3n });
  });

  it('that lies far behind is refused, unless it is just before an event', async () => {
    const stream = freshName('l');
    const position = await append(stream);
    await append(freshName('l'), 600);
    expect((await store.readAll(position - 1n, 1, stream)).events).toHaveLength(1);
    expect(await rejection(store.readAll(position + 5n, 10))).toHaveProperty(
      'message',
      `${position + 5n} is no position of this event store`,
    );
  });
});
