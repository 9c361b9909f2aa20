/** Appends to an EventStoreDB that is away, dies, stands still or is late, and what never reaches it. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Append, type EventStore, NO_STREAM, OutcomeUnknown, StoreUnavailable } from '#libs/sourcing';
import { LARGEST_APPEND, proposals, sizeOf } from '../../libs/stores/src/eventstoredb/codec.ts';
import { type EventStoreDbOptions, openEventStoreDb } from '../../libs/stores/src/eventstoredb/event-store.ts';
import { rejection } from '../../libs/sourcing/src/testing/event-store-appends.ts';
import { freshName, sampleEvent, sampleEvents } from '../../libs/sourcing/src/testing/sample-events.ts';
import { type EventStoreDouble, startEventStoreDouble } from '../support/eventstore-double/double.ts';

let double: EventStoreDouble;
let stores: EventStore[] = [];
beforeEach(async () => {
  double = await startEventStoreDouble();
});
afterEach(async () => {
  double.thaw();
  double.fail(() => null);
  await Promise.all(stores.map((store) => store.close()));
  stores = [];
  await double.close();
});

async function open(options: EventStoreDbOptions = {}): Promise<EventStore> {
  const store = await openEventStoreDb(double.url, options);
  stores.push(store);
  return store;
}

const one = (stream = freshName('f')): Append => ({ stream, expected: NO_STREAM, events: [sampleEvent()] });

/** What stands in a stream of the server. */
const standing = ({ stream }: Append): number => double.log.stream(stream)?.length ?? 0;

/** Tries again for as long as the server is not found, as a client would. */
async function insist<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await sleep(20);
    }
  }
}

/** Until the connection that broke is made anew. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (const until = performance.now() + 5_000; ; await sleep(20)) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
}

describe('an append', () => {
  it('is refused as never sent while there is no server, and goes through once there is one', async () => {
    await double.stop();
    const store = await open();
    const append = one();
    for (const refused of [await rejection(store.append(append)), await rejection(store.ready())]) {
      expect(refused).toBeInstanceOf(StoreUnavailable);
      expect((refused as StoreUnavailable).retryAfter).toBeGreaterThan(0);
    }
    expect(await rejection(store.readStream(append.stream))).toBeInstanceOf(StoreUnavailable);
    await double.start();
    expect((await insist(() => store.append(append))).revision).toBe(0);
    await insist(() => store.ready());
    expect(standing(append)).toBe(1);
  });

  it('goes through on a server that went away and came back', async () => {
    const store = await open();
    for (let round = 0; round < 3; round += 1) {
      const append = one();
      await insist(() => store.append(append));
      expect(standing(append)).toBe(1);
      await double.stop();
      await double.start();
      // The loss of the connection is told by the kernel, a little later.
      await sleep(20);
    }
  });

  it.each(['lost', 'unanswered'] as const)(
    'is of unknown outcome when the connection breaks (%s), and its repeat is answered truly',
    async (fault) => {
      const store = await open();
      const [first, append] = [one(), one()];
      await store.append(first);
      double.fail((nth) => (nth === 2 ? fault : null));
      expect(await rejection(store.append(append))).toBeInstanceOf(OutcomeUnknown);
      expect(standing(append)).toBe(fault === 'lost' ? 0 : 1);
      const { revision, position } = await insist(() => store.append(append));
      expect([revision, standing(append)]).toEqual([0, 1]);
      expect((await store.readStream(append.stream))[0]?.position).toBe(position);
    },
  );

  it('is of unknown outcome when the server ends the call in order before it answers', async () => {
    const store = await open();
    double.fail(() => ({ answeredAfter: 60_000 }));
    const unanswered = rejection(store.append(one()));
    while (double.appends() === 0) await sleep(5);
    double.endAppends();
    expect(await unanswered).toBeInstanceOf(OutcomeUnknown);
    double.fail(() => null);
    await store.append(one());
  });

  it('is refused as never sent by a server that only just started', async () => {
    const store = await open();
    double.fail(() => 'not-ready');
    const append = one();
    expect(await rejection(store.append(append))).toBeInstanceOf(StoreUnavailable);
    expect(await rejection(store.ready())).toBeInstanceOf(StoreUnavailable);
    expect(standing(append)).toBe(0);
  });

  it('is given up at its own deadline when the answer is late, and its repeat is answered truly', async () => {
    const store = await open({ deadlineMs: 100 });
    double.fail((nth) => (nth === 1 ? { answeredAfter: 300 } : null));
    const append = one();
    expect(await rejection(store.append(append))).toBeInstanceOf(OutcomeUnknown);
    expect(standing(append)).toBe(1);
    expect((await store.append(append)).revision).toBe(0);
  });

  it('gets through when the clock here is ten seconds behind that of the server', async () => {
    const behind = jest
      .spyOn(Date, 'now')
      .mockImplementation(() => performance.timeOrigin + performance.now() - 10_000);
    try {
      const store = await open();
      expect((await store.append(one())).revision).toBe(0);
      expect(await store.head()).toBeGreaterThan(0n);
    } finally {
      behind.mockRestore();
    }
  });
});

describe('a server that stands still', () => {
  it('leaves what was sent unknown and what was not refused, and holds a bounded number of both', async () => {
    const store = await open({ deadlineMs: 400, maxInFlight: 2, maxWaiting: 3 });
    await store.append(one());
    double.freeze();
    const appends = Array.from({ length: 6 }, () => one());
    const order: number[] = [];
    const ends = await Promise.all(
      appends.map(async (append, n) => {
        const error = await rejection(store.append(append));
        order.push(n);
        return error;
      }),
    );
    const [unknown, refused] = [ends.slice(0, 2), ends.slice(2)];
    for (const error of unknown) expect(error).toBeInstanceOf(OutcomeUnknown);
    for (const error of refused) expect(error).toBeInstanceOf(StoreUnavailable);
    // The last found the queue full, and was told so before any deadline.
    expect(order[0]).toBe(5);
    expect((ends[5] as Error).message).toMatch(/too many/);
    double.thaw();
    await store.append(one());
    expect(appends.map(standing)).toEqual([1, 1, 0, 0, 0, 0]);
  });

  it('leaves appends unsent that had no connection yet, and makes readers wait no longer than their deadline', async () => {
    double.freeze();
    const store = await open({ deadlineMs: 200, readDeadlineMs: 200 });
    const append = one();
    for (const refused of [store.append(append), store.readStream('x'), store.head(), store.id(), store.ready()])
      expect(await rejection(refused)).toBeInstanceOf(StoreUnavailable);
    double.thaw();
    await insist(() => store.append(append));
    expect(standing(append)).toBe(1);
  });

  it('is given up with its call when an answer never comes, and what follows goes out on another', async () => {
    const store = await open({ deadlineMs: 100, giveUpMs: 200, maxInFlight: 1 });
    double.fail((nth) => (nth === 1 ? { answeredAfter: 1_000_000 } : null));
    expect(await rejection(store.append(one()))).toBeInstanceOf(OutcomeUnknown);
    await insist(() => store.append(one()));
  });
});

describe('a server that keeps other events than before', () => {
  it.each([
    ['was emptied', null],
    ['holds another ledger', randomUUID()],
  ])('is not ready for this one, and is written nothing: it %s', async (_how, other) => {
    const store = await open();
    const id = await store.id();
    await store.append(one());
    await store.ready();
    await double.stop();
    double.log.empty();
    const written = { id: other!, type: 'LedgerMade', contentType: 'application/json', data: Buffer.from('{}') };
    if (other !== null) double.log.append('ledger-id', NO_STREAM, [{ ...written, metadata: Buffer.from('{}') }]);
    const { length } = double.log.records;
    await double.start();
    const message = other === null ? `no longer holds the ledger ${id}` : `holds the ledger ${other}, not ${id}`;
    for (let n = 0; n < 2; n += 1) {
      await eventually(async () => {
        const refused = await rejection(store.ready());
        expect(refused).toBeInstanceOf(StoreUnavailable);
        expect((refused as Error).message).toContain(message);
      });
    }
    expect(double.log.records).toHaveLength(length);
    expect(await store.id()).toBe(id);
  });

  it('is asked whether it takes writes by an append that it can not carry out', async () => {
    const store = await open();
    await store.ready();
    const before = double.log.records.length;
    const appends = double.appends();
    await store.ready();
    expect([double.appends() - appends, double.log.records.length]).toEqual([1, before]);
    // Emptied just after the id was read.
    double.fail(() => {
      double.log.empty();
      return null;
    });
    const refused = await rejection(store.ready());
    expect(refused).toBeInstanceOf(StoreUnavailable);
    expect(double.log.records).toHaveLength(0);
  });
});

describe('what can not be written', () => {
  it('is refused before anything is sent: what is no JSON, no UUID, no event, or too much', async () => {
    const store = await open();
    await store.append(one());
    const circular: { self?: object } = {};
    circular.self = circular;
    const stream = freshName('f');
    const events = (data: unknown): Append => ({
      ...one(stream),
      events: [sampleEvent(), { ...sampleEvent(), data: data as object }],
    });
    const refused = [
      [events({ big: 1n }), /event 1 \(SampleHappened\) for f-\w+: data is not JSON: .*BigInt/],
      [events(circular), /data is not JSON: .*circular/],
      [events(undefined), /data is not JSON: undefined/],
      [events(() => 1), /data is not JSON: function/],
      [{ ...one(stream), events: [sampleEvent({}, 'X')] }, /id is not a lower-case UUID: "X"/],
      [{ ...one(stream), events: [] }, /without events/],
      [events({ text: 'x'.repeat(1_024 * 1_024) }), /takes \d+ bytes; \d+ is the most/],
      [{ ...one(stream), events: sampleEvents(4_000) }, /4000 events to f-\w+ takes \d+ bytes/],
    ] as const;
    for (const [append, message] of refused) {
      const error = await rejection(store.append(append));
      expect(error).not.toBeInstanceOf(StoreUnavailable);
      expect((error as Error).message).toMatch(message);
    }
    expect(double.appends()).toBe(1);
    expect((await store.append(one(stream))).revision).toBe(0);
  });

  it('begins where the server still takes it', async () => {
    const store = await open();
    const sized = (text: number): Append => ({ ...one(), events: [sampleEvent({ text: 'x'.repeat(text) })] });
    const room = LARGEST_APPEND - sizeOf(proposals(sized(0)));
    expect((await store.append(sized(room))).revision).toBe(0);
    expect((await rejection(store.append(sized(room + 1)))) as Error).toHaveProperty(
      'message',
      expect.stringMatching(/is the most/),
    );
  });
});

describe('stores on one URL', () => {
  it('share a connection, and closing one hurts no other', async () => {
    const [left, right] = [await open(), await open()];
    await Promise.all([left.append(one()), right.append(one())]);
    expect(double.connections()).toBe(1);
    double.fail(() => ({ answeredAfter: 100 }));
    const under = [left.append(one()), right.append(one())];
    await left.close();
    for (const { revision } of await Promise.all(under)) expect(revision).toBe(0);
    expect(await right.head()).toBeGreaterThan(0n);
    expect((await right.append(one())).revision).toBe(0);
    expect(await rejection(left.append(one()))).toBeInstanceOf(StoreUnavailable);
    expect(await rejection(left.head())).toBeInstanceOf(StoreUnavailable);
    expect(double.connections()).toBe(1);
    await right.close();
    while (double.connections() > 0) await sleep(5);
  });

  it('have one id, also when several make it at once', async () => {
    const several = await Promise.all(Array.from({ length: 8 }, () => open()));
    expect(new Set(await Promise.all(several.map((store) => store.id()))).size).toBe(1);
    await Promise.all(several.map((store) => store.ready()));
    expect(double.log.stream('ledger-id')).toHaveLength(1);
  });
});

describe('a URL', () => {
  it.each([
    ['sqlite:x', /begins with esdb:/],
    ['esdb://admin:secret@localhost?tsl=false', /no option "tsl"/],
    ['esdb://admin:secret@localhost?defaultDeadline=9', /option "defaultDeadline" .* has no effect here/],
    ['esdb://admin:secret@localhost?throw-on-append-failure=false', /"throw-on-append-failure" .* has no effect here/],
    ['esdb://admin:secret@localhost?tls=maybe', /expected true or false/],
    ['esdb://admin:secret@', /expected host/],
  ])('that is none is refused without telling its password: %s', async (url, message) => {
    const { message: told } = (await rejection(openEventStoreDb(url))) as Error;
    expect(told).toMatch(message);
    expect(told).not.toContain('secret');
  });
});
