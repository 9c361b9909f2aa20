/** Several ledgers on one EventStoreDB: each sees its own events and nothing of another. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EventStore,
  LOG_START,
  NO_STREAM,
  type RecordedEvent,
  RevisionConflict,
  runProcessor,
  waitForPosition,
} from '#libs/sourcing';
import { createMemoryViewStore } from '#libs/stores';
import { openEventStoreDb } from '../../libs/stores/src/eventstoredb/event-store.ts';
import { partsOfUrl } from '../../libs/stores/src/eventstoredb/url.ts';
import { accountsView, accountStream } from '../../libs/sourcing/src/testing/account.ts';
import { rejection } from '../../libs/sourcing/src/testing/event-store-appends.ts';
import { collect } from '../../libs/sourcing/src/testing/event-store-subscriptions.ts';
import { sampleEvent, sampleEvents } from '../../libs/sourcing/src/testing/sample-events.ts';
import { type EventStoreDouble, startEventStoreDouble } from '../support/eventstore-double/double.ts';

/** The second begins with the name of the first, the third has none. */
const LEDGERS = ['a', 'a-b', null];

let double: EventStoreDouble;
let stores: EventStore[];
beforeEach(async () => {
  double = await startEventStoreDouble();
  stores = await Promise.all(
    LEDGERS.map((ledger) => openEventStoreDb(double.url + (ledger === null ? '' : `&ledger=${ledger}`))),
  );
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await double.close();
});

const ids = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

/** So many events in the streams of the same names in each ledger, in turns. Answers those of each. */
async function fill(rounds: number, from = 0): Promise<string[][]> {
  const written: string[][] = LEDGERS.map(() => []);
  for (let round = from; round < from + rounds; round += 1)
    for (const [at, store] of stores.entries()) {
      const events = sampleEvents(1 + ((round + at) % 3));
      await store.append({ stream: `s-${round}`, expected: NO_STREAM, events });
      written[at]!.push(...ids(events));
    }
  return written;
}

describe('ledgers of one server', () => {
  it('have ids of their own, which are in no log', async () => {
    const made = await Promise.all(stores.map((store) => store.id()));
    expect(new Set(made).size).toBe(LEDGERS.length);
    expect(double.log.records.map(({ stream }) => stream).toSorted()).toEqual([
      'a-b.ledger-id',
      'a.ledger-id',
      'ledger-id',
    ]);
    for (const [at, store] of stores.entries()) {
      await store.ready();
      expect(await store.id()).toBe(made[at]);
      expect(await store.head()).toBe(LOG_START);
      expect(await store.readAll(LOG_START, 10)).toEqual({ events: [], checkpoint: LOG_START });
    }
  });

  it('read and follow their own events, under the names they gave, in pages of any size', async () => {
    // Each id is made somewhere else: first, in the middle, and last.
    await stores[0]!.id();
    const first = await fill(5);
    await stores[1]!.id();
    const then = await fill(5, 5);
    await stores[2]!.id();
    await Promise.all(stores.map((store) => store.ready()));
    for (const [at, store] of stores.entries()) {
      const mine = [...first[at]!, ...then[at]!];
      const followed = await collect(store, LOG_START, mine.length, '');
      expect(ids(followed)).toEqual(mine);
      expect(new Set(followed.map(({ stream }) => stream))).toEqual(
        new Set(Array.from({ length: 10 }, (_, round) => `s-${round}`)),
      );
      const head = await store.head();
      expect(head).toBe(followed.at(-1)!.position);
      for (const limit of [1, 2, 500]) {
        const read: RecordedEvent[] = [];
        for (let after = LOG_START; after < head;) {
          const page = await store.readAll(after, limit);
          expect(page.checkpoint).toBeGreaterThan(after);
          after = page.checkpoint;
          read.push(...page.events);
        }
        expect(read).toEqual(followed);
      }
      const [{ stream }] = followed as [RecordedEvent];
      expect(await store.readStream(stream)).toEqual(followed.filter((event) => event.stream === stream));
    }
  });

  it('are told of conflicts by the names they gave', async () => {
    await fill(1);
    for (const store of stores) {
      const refused = await rejection(store.append({ stream: 's-0', expected: 7, events: sampleEvents(1) }));
      expect(refused).toBeInstanceOf(RevisionConflict);
      expect((refused as RevisionConflict).stream).toBe('s-0');
      expect((await store.readStream('other')).length).toBe(0);
    }
  });

  it('keep views that reach the head of their own log, whatever others write behind it', async () => {
    const [mine, other] = stores as [EventStore, EventStore];
    const views = createMemoryViewStore();
    const stop = new AbortController();
    const running = runProcessor(accountsView, mine, views, { signal: stop.signal });
    const opened = { ...sampleEvent(), type: 'Opened' };
    for (const name of ['x', 'y']) {
      await mine.append({
        stream: accountStream(name),
        expected: NO_STREAM,
        events: [{ ...opened, id: sampleEvent().id }],
      });
      for (let n = 0; n < 10; n += 1)
        await other.append({ stream: accountStream(`${name}${n}`), expected: NO_STREAM, events: sampleEvents(1) });
      expect(await waitForPosition(views, accountsView.name, await mine.head(), 20_000)).toBe(true);
    }
    stop.abort();
    await running;
    const { checkpoint, version } = (await views.live(accountsView.name))!;
    expect(checkpoint).toBe(await mine.head());
    expect(await views.parked({ view: accountsView.name, version })).toEqual([]);
  });

  it('are read by the server, not all of it', async () => {
    const stop = new AbortController();
    const told: RecordedEvent[] = [];
    await fill(20);
    const own = (await stores[0]!.readAll(LOG_START, 1_000)).events.length;
    const before = double.sent();
    const following = (async () => {
      for await (const { events } of stores[0]!.subscribe(LOG_START, { signal: stop.signal })) told.push(...events);
    })();
    while (told.length < own) await sleep(5);
    stop.abort();
    await following;
    expect(double.sent() - before).toBe(own);
  });

  it('let none without a name write what would be of a named one', async () => {
    const [, , unnamed] = stores as [EventStore, EventStore, EventStore];
    const refused = await rejection(unnamed.append({ stream: 'a.s', expected: NO_STREAM, events: sampleEvents(1) }));
    expect((refused as Error).message).toMatch(/a\.s can't be a stream here/);
    expect(double.log.records).toEqual([]);
    await unnamed.append({ stream: 's', expected: NO_STREAM, events: sampleEvents(1) });
  });
});

describe('a ledger in a URL', () => {
  it.each([
    ['esdb://h:1', 'esdb://h:1', null],
    ['esdb://h:1?tls=false', 'esdb://h:1?tls=false', null],
    ['esdb://h:1?ledger=A-9', 'esdb://h:1', 'A-9'],
    ['esdb+discover://u:p@h/?Ledger=x&tls=false', 'esdb+discover://u:p@h/?tls=false', 'x'],
    [
      `esdb://h?tls=false&ledger=${'n'.repeat(40)}&nodePreference=leader`,
      'esdb://h?tls=false&nodePreference=leader',
      'n'.repeat(40),
    ],
  ])('is kept from the client: %s', (url, server, ledger) => {
    expect(partsOfUrl(url)).toEqual({ server, ledger });
  });

  it.each(['', 'a.b', 'a_b', 'ä', '%41', 'a=b', ' a', 'n'.repeat(41), '$a'])('is refused: %j', (name) => {
    expect(() => partsOfUrl(`esdb://u:secret@h?ledger=${name}&tls=false`)).toThrow(
      'the ledger in the URL of an EventStoreDB is 1 to 40 letters, digits and -',
    );
  });

  it('is one', () => {
    expect(() => partsOfUrl('esdb://h?ledger=a&ledger=a')).toThrow('names more than one ledger');
  });
});
