/** Building a view from an EventStoreDB, whose positions are places in a file: when it has caught up, and what it tells. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildView, type EventStore, NO_STREAM } from '#libs/sourcing';
import { createMemoryViewStore } from '#libs/stores';
import { describeProgress } from '../../apps/cli/src/progress.ts';
import { accountsView } from '../../libs/sourcing/src/testing/account.ts';
import { deposits, happen } from '../../libs/sourcing/src/testing/account-history.ts';
import { liveContents } from '../../libs/sourcing/src/testing/faulty-view-store.ts';
import { freshName, sampleEvents } from '../../libs/sourcing/src/testing/sample-events.ts';
import { openEventStoreDb } from '../../libs/stores/src/eventstoredb/event-store.ts';
import { type EventStoreDouble, startEventStoreDouble } from '../support/eventstore-double/double.ts';

let double: EventStoreDouble;
let store: EventStore;
beforeEach(async () => {
  double = await startEventStoreDouble();
  store = await openEventStoreDb(double.url);
});
afterEach(async () => {
  await store.close();
  await double.close();
});

/** Reads of pages after which a build is taken to have no end. */
const ENDLESS = 200;

describe('building a view from an EventStoreDB', () => {
  it('ends beside a writer that is slower than it, and lacks nothing', async () => {
    await happen(store, deposits(10, 20));
    let reads = 0;
    // Each batch finds some events more than the one before: fewer than it takes, and thousands of positions.
    const growing: EventStore = {
      ...store,
      readAll: async (after, limit, prefix) => {
        reads += 1;
        if (reads > ENDLESS) throw new Error('it does not end');
        const page = await store.readAll(after, limit, prefix);
        await happen(store, deposits(1, 3));
        return page;
      },
    };
    const views = createMemoryViewStore();
    await buildView(accountsView, growing, views, { batchSize: 20 });
    // 11 batches, two of what came meanwhile, one of what came then, and one behind the switch, which leaves three events.
    expect(reads).toBeLessThan(20);
    const { checkpoint } = (await views.live(accountsView.name))!;
    const later = await store.readAll(checkpoint, 1_000);
    expect(later.events).toHaveLength(3);

    const clean = createMemoryViewStore();
    await buildView(accountsView, store, clean);
    await buildView(accountsView, store, views, { afresh: true });
    expect(await liveContents(views, accountsView.name)).toEqual(await liveContents(clean, accountsView.name));
  }, 60_000);

  it('is told what it lacks where the log ends before its head, and does not ask for ever', async () => {
    await happen(store, deposits(2, 2));
    const head = await store.head();
    const longer: EventStore = { ...store, head: async () => head + 1n };
    await expect(buildView(accountsView, longer, createMemoryViewStore())).rejects.toThrow(
      `can't be read beyond ${head}`,
    );
  });

  it('tells how far it is by positions, and its time left follows from them', async () => {
    const BATCH = 50;
    const EACH = 500;
    // What the server and others wrote before is skipped at once, and no part of the time that is left.
    double.log.appendOwn(3_000);
    for (let n = 0; n < 2; n += 1) {
      for (let batch = 0; batch < EACH / BATCH; batch += 1) {
        await store.append({ stream: freshName('account-'), expected: NO_STREAM, events: sampleEvents(BATCH) });
        double.log.appendOwn(10);
      }
    }
    const head = await store.head();
    const told: { readonly handled: bigint; readonly left: number; readonly eta: number }[] = [];
    let events = 0;
    let first: number | null = null;
    await buildView(accountsView, store, createMemoryViewStore(), {
      batchSize: BATCH,
      onProgress: (handled, of, count) => {
        expect(of).toBe(head);
        events += count;
        first ??= Number(handled);
        // An event a second.
        const text = describeProgress({ done: Number(handled), total: Number(of), events, first, seconds: events });
        told.push({ handled, left: 2 * EACH - events, eta: Number(/ETA (\d+) s/.exec(text)?.[1] ?? Number.NaN) });
      },
    });
    expect(told.map(({ handled }) => handled)).toEqual(
      told.map(({ handled }) => handled).toSorted((left, right) => (left < right ? -1 : 1)),
    );
    expect(told.at(-1)).toEqual({ handled: head, left: 0, eta: 0 });
    expect(told).toHaveLength((2 * EACH) / BATCH);
    for (const { left, eta } of told.slice(1)) expect(eta).toBeGreaterThanOrEqual(left - BATCH);
    for (const { left, eta } of told.slice(5)) expect(eta).toBeLessThanOrEqual(1.25 * left + BATCH);
  });
});
