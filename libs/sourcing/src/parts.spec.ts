import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { documentId, foldDocument } from './documents.ts';
import type { RecordedEvent } from './events.ts';
import { Folding } from './folding.ts';
import { replayParked } from './parked.ts';
import type { EventStore } from './ports.ts';
import { type ProcessorOptions, runProcessor, waitForPosition } from './processor.ts';
import { buildView } from './rebuild.ts';
import type { AccountCommand } from './testing/account.ts';
import { anyHistory, deposits, happen } from './testing/account-history.ts';
import { endsIn, movementsIn, movementsView, type MovementsDocument } from './testing/account-parts.ts';
import { contents, liveContents, type Step, withViewFaults } from './testing/faulty-view-store.ts';
import { freshName } from './testing/sample-events.ts';
import { viewStores } from './testing/stores-under-test.ts';
import type { View, ViewDocument, ViewStore } from './views.ts';

type Movements = typeof movementsView;
const named = (view: Movements): Movements => ({ ...view, name: freshName('movements') });
/** A release that takes 666 for 606, which is of the same part. */
const mended = (view: Movements): Movements => ({
  ...view,
  project: (document, event) =>
    movementsView.project(document, isPoison(event) ? { ...event, data: { amount: 606 } } : event),
});
const isPoison = ({ data }: RecordedEvent): boolean => (data as { amount?: number }).amount === 666;
const poison = (account: string): AccountCommand => ({ type: 'deposit', account, amount: 666 });

interface Told {
  readonly parts: ReadonlyMap<string, MovementsDocument>;
  /** By stream, the revision that all its parts are said to have. */
  readonly folded: ReadonlyMap<string, number>;
}

/** The documents of a version: the parts, and how far each stream is folded. */
async function told(views: ViewStore, view: Movements): Promise<Told> {
  const { version } = (await views.live(view.name))!;
  const parts = new Map<string, MovementsDocument>();
  const folded = new Map<string, number>();
  for await (const { id, json } of views.all({ view: view.name, version })) {
    const document = JSON.parse(json) as MovementsDocument;
    expect(document.id).toBe(id);
    if (id.includes('.')) parts.set(id, document);
    else folded.set(id, document.revision);
  }
  return { parts, folded };
}

describe.each(viewStores)('a view with parts on %s', (_name, open) => {
  const views = open();

  async function during(
    view: Movements,
    events: EventStore,
    work: () => Promise<unknown>,
    { on = [views], ...options }: Partial<ProcessorOptions> & { on?: readonly ViewStore[] } = {},
  ): Promise<void> {
    if ((await views.live(view.name)) === null) await buildView(view, events, views);
    const stop = new AbortController();
    const running = on.map((store) =>
      runProcessor(view, events, store, { batchSize: 3, ...options, signal: stop.signal }),
    );
    try {
      await work();
      expect(await waitForPosition(views, view.name, await events.head(), 5_000)).toBe(true);
    } finally {
      stop.abort();
      await Promise.all(running);
    }
  }

  it('folds each event into its part, and gives the same bytes in batches of 1, 7 and 500', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, fc.constantFrom(1, 3, 500), async (history, batchSize) => {
        const events = createMemoryEventStore();
        const live = named(movementsView);
        await during(live, events, () => happen(events, history), { batchSize });
        expect((await told(views, live)).parts).toEqual(await movementsIn(events));
        const expected = await liveContents(views, live.name);
        for (const size of [1, 7, 500]) {
          const view = named(movementsView);
          await buildView(view, events, views, { batchSize: size });
          expect((await told(views, view)).parts).toEqual(await movementsIn(events));
          // How far a parked stream was known to be folded depends on where its batch ended.
          const { documents, parked } = await liveContents(views, view.name);
          const whole = ({ id }: { readonly id: string }): boolean =>
            id.includes('.') || !parked.includes(`account-${id}`);
          expect(documents.filter(whole)).toEqual(expected.documents.filter(whole));
          expect(parked).toEqual(expected.parked);
        }
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('says of each stream how far all its parts are, and finds that by nothing', async () => {
    const events = createMemoryEventStore();
    const view = named(movementsView);
    await during(view, events, () => happen(events, [...deposits(3, 4), { type: 'close', account: 'n1' }]));
    const ends = await endsIn(events);
    expect((await told(views, view)).folded).toEqual(new Map([...ends].map(([id, { revision }]) => [id, revision])));
    expect(await views.count(view.name, [{ field: 'sum', is: 'gte', value: 0 }])).toBe(
      (await movementsIn(events)).size,
    );
  });

  it('is not harmed by others of the same view, slow ones and ones that forget all', async () => {
    const events = createMemoryEventStore();
    const view = named(movementsView);
    const slow = withViewFaults(views, () => sleep(1));
    const forgetful: ViewStore = { ...views, live: async (name) => ({ ...(await views.live(name))!, checkpoint: 0n }) };
    await during(
      view,
      events,
      () => happen(events, [...deposits(4, 20), { type: 'withdraw', account: 'n1', amount: 3 }, ...deposits(4, 5)]),
      { on: [views, slow, slow, forgetful] },
    );
    expect((await told(views, view)).parts).toEqual(await movementsIn(events));
  });

  it('goes on with parts that it had to forget, and with those that another projector was ahead with', async () => {
    const events = createMemoryEventStore();
    await happen(events, [...deposits(6, 30), { type: 'withdraw', account: 'n2', amount: 1 }, ...deposits(6, 10)]);
    const view = named(movementsView);
    const at = { view: view.name, version: '1.1' };
    await views.open(view as View, at.version, await events.id());
    await views.promote(at);
    const ahead = new Folding(view, at, views, events, 2);
    const behind = new Folding(view, at, views, events, 6);
    const { events: all } = await events.readAll(0n, 10_000);
    /** Handles the events between two places of the log, eleven at a time. */
    const through = async (folding: Folding<MovementsDocument>, from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n += 11) {
        const batch = all.slice(n, Math.min(n + 11, to));
        await folding.handle(batch, batch.at(-1)!.position);
      }
    };
    const [third, half] = [Math.floor(all.length / 3), Math.floor(all.length / 2)];
    await through(behind, 0, third);
    await through(ahead, 0, half);
    await through(behind, third, half + 9);
    await through(ahead, half, all.length);
    await through(behind, half + 9, all.length);
    expect((await told(views, view)).parts).toEqual(await movementsIn(events));
  });

  it('goes on where another died, whatever step it died at', async () => {
    const died = new Set<Step>();
    for (let dies = 1; dies <= 50; dies += 1) {
      const events = createMemoryEventStore();
      const view = named(movementsView);
      await buildView(view, events, views);
      let steps = 0;
      const stop = new AbortController();
      const mortal = withViewFaults(views, (step) => {
        steps += 1;
        if (steps < dies) return;
        died.add(step);
        stop.abort();
        throw new Error(`killed at ${step}`);
      });
      const running = runProcessor(view, events, mortal, { signal: stop.signal, batchSize: 2 });
      const head = await happen(events, [...deposits(3, 2), poison('n1'), ...deposits(3, 2)]);
      for (let n = 0; n < 1_000 && !stop.signal.aborted && (await views.live(view.name))!.checkpoint < head; n += 1)
        await sleep(2);
      stop.abort();
      await running;
      await during(view, events, () => Promise.resolve());
      expect((await told(views, view)).parts).toEqual(await movementsIn(events));
      expect((await liveContents(views, view.name)).parked).toEqual(['account-n1']);
    }
    expect([...died].toSorted()).toEqual(['checkpoint saved', 'documents saved', 'park', 'parked', 'save']);
  }, 30_000);

  it('parks a stream with all its parts, and folds them again part by part', async () => {
    const events = createMemoryEventStore();
    const view = named(movementsView);
    await during(view, events, () => happen(events, [...deposits(3, 2), poison('n1'), ...deposits(3, 4)]));
    expect((await told(views, view)).parts).toEqual(await movementsIn(events));
    const reason = 'no account takes 666';
    expect(await replayParked(view, events, views)).toEqual({ mended: [], parked: [{ stream: 'account-n1', reason }] });
    const next = mended(view);
    expect(await replayParked(next, events, views)).toEqual({ mended: ['account-n1'], parked: [] });
    await during(next, events, () => happen(events, deposits(3, 2)));
    const clean = named(next);
    await buildView(clean, events, views);
    expect(await liveContents(views, view.name)).toEqual(await liveContents(views, clean.name));
    expect((await told(views, view)).folded).toEqual(
      new Map([...(await endsIn(events))].map(([id, { revision }]) => [id, revision])),
    );
  });

  it('believes nothing that it remembers of a stream once that was parked', async () => {
    const events = createMemoryEventStore();
    const view = named(movementsView);
    const next = mended(view);
    const caughtUp = async (): Promise<unknown> => waitForPosition(views, view.name, await events.head(), 5_000);
    await during(view, events, async () => {
      await happen(events, [...deposits(3, 8), poison('n1'), ...deposits(3, 8)]);
      await caughtUp();
      expect(await replayParked(next, events, views)).toEqual({ mended: ['account-n1'], parked: [] });
      await happen(events, deposits(3, 8));
    });
    const clean = named(next);
    await buildView(clean, events, views);
    expect(await liveContents(views, view.name)).toEqual(await liveContents(views, clean.name));
  });

  it('parks a stream whose events belong to no part that it knows, or whose part is found by nothing', async () => {
    const events = createMemoryEventStore();
    await happen(events, deposits(3, 6));
    const [lost, unfindable] = [named(movementsView), named(movementsView)];
    await buildView(
      {
        ...lost,
        part: (event) => fail(event.stream === 'account-n1' && event.revision === 4, movementsView.part!(event)),
      },
      events,
      views,
      { batchSize: 4 },
    );
    expect((await liveContents(views, lost.name)).parked).toEqual(['account-n1']);
    const stopped = [...(await told(views, lost)).parts.values()].filter(({ id }) => id.startsWith('n1.'));
    expect(Math.max(...stopped.map(({ revision }) => revision))).toBe(3);
    await buildView(
      { ...unfindable, fields: (document) => ({ sum: fail(document.id === 'n2.in3', document.sum) }) },
      events,
      views,
      { batchSize: 4 },
    );
    expect((await liveContents(views, unfindable.name)).parked).toEqual(['account-n2']);
    await replayParked(lost, events, views);
    await replayParked(unfindable, events, views);
    for (const view of [lost, unfindable]) expect((await told(views, view)).parts).toEqual(await movementsIn(events));
  });

  it('misses no event that was skipped while its stream was parked, even where the one who freed it died', async () => {
    const events = createMemoryEventStore();
    const view = named(movementsView);
    await happen(events, [...deposits(2, 2), poison('n1')]);
    await buildView(view, events, views);
    const next = mended(view);
    const dying: ViewStore = {
      ...views,
      unpark: async (at, stream) => {
        // One more that a projector skips just before the stream is freed.
        await happen(events, [{ type: 'deposit', account: 'n1', amount: 2 }]);
        await during(next, events, () => Promise.resolve());
        await views.unpark(at, stream);
        throw new Error('killed');
      },
    };
    await replayParked(next, events, dying);
    expect((await liveContents(views, view.name)).parked).toEqual([]);
    await during(next, events, () => happen(events, [{ type: 'deposit', account: 'n1', amount: 7 }]));
    const clean = named(next);
    await buildView(clean, events, views);
    expect(await liveContents(views, view.name)).toEqual(await liveContents(views, clean.name));
  });

  it('lets a reader fold a part further by the events that it lacks', async () => {
    const events = createMemoryEventStore();
    const view = named(movementsView);
    await happen(events, [...deposits(1, 5), { type: 'withdraw', account: 'n0', amount: 1 }]);
    await buildView(view, events, views);
    await happen(events, [{ type: 'deposit', account: 'n0', amount: 12 }, ...deposits(1, 5)]);
    const expected = await movementsIn(events);
    const all = await events.readStream('account-n0');
    const parts = new Set(all.map((event) => documentId(view, event)).filter((id) => id !== null));
    expect(parts.size).toBeGreaterThan(4);
    for (const id of parts) {
      const stored = await views.get(view.name, id);
      const kept = stored === null ? null : (JSON.parse(stored.json) as MovementsDocument);
      const { json } = (await views.get(view.name, 'n0'))!;
      const folded = (JSON.parse(json) as ViewDocument).revision;
      expect(foldDocument(view, kept, all.slice(folded + 1), id)).toEqual(expected.get(id));
      expect(foldDocument(view, null, all, id)).toEqual(expected.get(id));
    }
    expect(foldDocument(view, null, all, 'n0.none')).toBeNull();
  });
});

describe('a view with parts', () => {
  it('says how far a stream is folded only once its parts are saved', async () => {
    const events = createMemoryEventStore();
    const views = createMemoryViewStore();
    await happen(events, [...deposits(3, 10), { type: 'withdraw', account: 'n0', amount: 2 }]);
    const at = { view: movementsView.name, version: '1.1' };
    const expected = await movementsIn(events);
    let looked = 0;
    const watched: ViewStore = {
      ...views,
      save: async (...save) => {
        await views.save(...save);
        const { documents } = await contents(views, at);
        const found = new Map(documents.map(({ id, json }) => [id, JSON.parse(json) as MovementsDocument]));
        for (const [id, { revisions }] of expected) {
          const folded = found.get(id.slice(0, id.indexOf('.')))?.revision ?? -1;
          const shall = revisions.filter((revision) => revision <= folded);
          expect(found.get(id)?.revisions.slice(0, shall.length) ?? []).toEqual(shall);
          looked += 1;
        }
      },
    };
    await buildView(movementsView, events, watched, { batchSize: 4 });
    expect(looked).toBeGreaterThan(100);
  });
});

function fail<Value>(does: boolean, value: Value): Value {
  if (does) throw new Error('it can not be folded');
  return value;
}
