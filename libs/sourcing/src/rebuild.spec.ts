import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { runProcessor, waitForPosition } from './processor.ts';
import { buildView } from './rebuild.ts';
import { accountsView } from './testing/account.ts';
import { anyHistory, deposits, happen } from './testing/account-history.ts';
import { rejection } from './testing/event-store-appends.ts';
import { contents, liveContents, type Step, withViewFaults } from './testing/faulty-view-store.ts';
import { withFaults } from './testing/faulty-event-store.ts';
import { freshName } from './testing/sample-events.ts';
import { viewStores } from './testing/stores-under-test.ts';
import type { View, ViewStore } from './views.ts';

const named = (view: typeof accountsView): typeof accountsView => ({ ...view, name: freshName('accounts') });

describe.each(viewStores)('building a view on %s', (_name, open) => {
  const views = open();

  it('gives the same bytes in batches of 1, 7 and 500 as folding event by event as they come', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, fc.constantFrom(1, 3, 500), async (history, batchSize) => {
        const events = createMemoryEventStore();
        const live = named(accountsView);
        const stop = new AbortController();
        const running = runProcessor(live, events, views, { signal: stop.signal, batchSize });
        const head = await happen(events, history);
        expect(await waitForPosition(views, live.name, head, 5_000)).toBe(true);
        stop.abort();
        await running;
        const expected = await liveContents(views, live.name);
        expect(expected.documents.length + expected.parked.length).toBeGreaterThan(0);
        for (const size of [1, 7, 500]) {
          const view = named(accountsView);
          await buildView(view, events, views, { batchSize: size });
          expect(await liveContents(views, view.name)).toEqual(expected);
        }
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('comes out the same wherever a process died and another went on', async () => {
    const events = createMemoryEventStore();
    await happen(events, [...deposits(4, 3), { type: 'deposit', account: 'n1', amount: 666 }, ...deposits(4, 2)]);
    const clean = named(accountsView);
    await buildView(clean, events, views);
    const expected = await liveContents(views, clean.name);
    expect(expected.parked).toEqual(['account-n1']);
    const died = new Map<Step, number>();
    for (let dies = 1; ; dies += 1) {
      const view = named(accountsView);
      let steps = 0;
      const mortal = withViewFaults(views, (step) => {
        steps += 1;
        if (steps !== dies) return;
        died.set(step, (died.get(step) ?? 0) + 1);
        throw new Error(`killed at ${step}`);
      });
      const survived = await buildView(view, events, mortal, { batchSize: 5 }).then(
        () => true,
        () => false,
      );
      await buildView(view, events, views, { batchSize: 3 });
      expect(await liveContents(views, view.name)).toEqual(expected);
      if (survived) break;
    }
    expect([...died.keys()].toSorted()).toEqual([
      'checkpoint saved',
      'documents saved',
      'open',
      'park',
      'parked',
      'promote',
      'promoted',
      'save',
    ]);
  }, 30_000);

  it('goes on with a build that was stopped, and begins anew only when asked to', async () => {
    const events = createMemoryEventStore();
    const head = await happen(events, deposits(5, 20));
    const view = named(accountsView);
    const stop = new AbortController();
    const stopped = await buildView(view, events, views, {
      batchSize: 10,
      signal: stop.signal,
      onProgress: (handled) => handled >= 40n && stop.abort(),
    });
    expect(stopped).toBeNull();
    expect(await views.live(view.name)).toBeNull();
    let handled = 0;
    const at = await buildView(view, events, views, {
      batchSize: 10,
      onProgress: (_handled, _head, count) => (handled += count),
    });
    expect(at).toEqual({ view: view.name, version: '1.1' });
    expect(handled).toBe(Number(head) - 40);

    let again = 0;
    const afresh = await buildView(view, events, views, {
      batchSize: 10,
      afresh: true,
      onProgress: (_handled, _head, count) => (again += count),
    });
    expect(afresh).toEqual({ view: view.name, version: '1.2' });
    expect(again).toBe(Number(head));
    expect(await views.versions(view.name)).toEqual(['1.2']);
  });

  it('tells which streams it had to park', async () => {
    const events = createMemoryEventStore();
    await happen(events, [...deposits(2, 1), { type: 'deposit', account: 'n1', amount: 666 }]);
    const parked: string[] = [];
    await buildView(named(accountsView), events, views, {
      onParked: ({ stream, reason }) => parked.push(`${stream}: ${reason}`),
    });
    expect(parked).toEqual(['account-n1: no account takes 666']);
  });

  it('tells how far it is', async () => {
    const events = createMemoryEventStore();
    const head = await happen(events, deposits(2, 15));
    const told: (readonly [bigint, bigint, number])[] = [];
    await buildView(named(accountsView), events, views, {
      batchSize: 10,
      onProgress: (...progress) => told.push(progress),
    });
    expect(told.map(([handled]) => handled)).toEqual([10n, 20n, 30n, head]);
    expect(told.every(([, of]) => of === head)).toBe(true);
    expect(told.reduce((sum, [, , count]) => sum + count, 0)).toBe(Number(head));
  });

  it('leaves readers the version before until the switch, and never a hole', async () => {
    const events = createMemoryEventStore();
    await happen(events, deposits(5, 20));
    const view = named(accountsView);
    await buildView(view, events, views);
    const before = (await views.get(view.name, 'n3'))!.json;
    const next: typeof accountsView = {
      ...view,
      version: 2,
      project: (document, event) => ({ ...view.project(document, event), extra: true }) as never,
    };
    let reads = 0;
    const watched = withViewFaults(views, async () => {
      reads += 1;
      const { json } = (await views.get(view.name, 'n3'))!;
      const live = (await views.live(view.name))!.version;
      expect(json === before).toBe(live === '1.1');
      expect(await views.count(view.name, [])).toBe(5);
    });
    await buildView(next, events, watched, { batchSize: 10 });
    expect(reads).toBeGreaterThan(30);
    expect(JSON.parse((await views.get(view.name, 'n3'))!.json)).toEqual({
      ...(JSON.parse(before) as object),
      extra: true,
    });
    expect(await views.versions(view.name)).toEqual(['2.1']);
  });

  it('lets two builds at once come to one version with the same documents', async () => {
    const events = createMemoryEventStore();
    await happen(events, deposits(5, 20));
    const view = named(accountsView);
    const both = await Promise.all([7, 10].map((batchSize) => buildView(view, events, views, { batchSize })));
    expect(both).toEqual([
      { view: view.name, version: '1.1' },
      { view: view.name, version: '1.1' },
    ]);
    const clean = named(accountsView);
    await buildView(clean, events, views);
    expect(await liveContents(views, view.name)).toEqual(await liveContents(views, clean.name));
  });

  it('does not take away what newer code is building', async () => {
    const events = createMemoryEventStore();
    await happen(events, deposits(3, 3));
    const view = named(accountsView);
    await views.open({ ...view, version: 2 } as View, '2.1', await events.id());
    await buildView(view, events, views);
    expect([...(await views.versions(view.name))].toSorted()).toEqual(['1.1', '2.1']);
  });

  it('throws away an unfinished build from other events', async () => {
    const events = createMemoryEventStore();
    await happen(events, deposits(3, 3));
    const view = named(accountsView);
    await views.open(view as View, '1.1', 'another event store');
    await views.save({ view: view.name, version: '1.1' }, [{ id: 'ghost', position: 1n, json: '{}', fields: {} }], 3n);
    expect((await buildView(view, events, views))?.version).toBe('1.2');
    expect(await views.get(view.name, 'ghost')).toBeNull();
  });

  it('does not miss what a processor handled in the version before, just as the new one took over', async () => {
    const events = createMemoryEventStore();
    await happen(events, deposits(2, 5));
    const view = named(accountsView);
    await buildView(view, events, views);
    let late = 0n;
    const meddled = withViewFaults(views, async (step) => {
      if (step === 'promote') late = await happen(events, [{ type: 'deposit', account: 'n0', amount: 40 }]);
    });
    await buildView({ ...view, version: 2 }, events, meddled);
    expect((await views.live(view.name))?.checkpoint).toBe(late);
    expect((await views.get(view.name, 'n0'))?.position).toBe(late);
  });
});

describe('building a view', () => {
  const [, openInPlace] = viewStores.find(([name]) => name === 'SQLite')!;
  const inPlace = openInPlace();

  it('stops soon when told to, also on stores that answer without giving way', async () => {
    const views = inPlace;
    const events = createMemoryEventStore();
    await happen(events, deposits(50, 40));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 5);
    expect(await buildView(named(accountsView), events, views, { batchSize: 1, signal: stop.signal })).toBeNull();
  });

  it('is told what keeps a store from answering, and parks nothing for it', async () => {
    const events = createMemoryEventStore();
    await happen(events, deposits(2, 2));
    const views: ViewStore = createMemoryViewStore();
    const view = named(accountsView);
    const at = { view: view.name, version: '1.1' };
    await views.open(view as View, at.version, await events.id());
    // As another projector leaves it that is further with its checkpoint than with this document.
    await views.save(at, [], 3n);
    const failing = withFaults(events, {
      read: () => {
        throw new Error('the disk is on fire');
      },
    });
    expect(await rejection(buildView(view, failing, views))).toEqual(
      expect.objectContaining({ message: 'the disk is on fire' }),
    );
    expect(await contents(views, at)).toEqual({ documents: [], parked: [] });
    await buildView(view, events, views);
    expect((await contents(views, at)).documents).toHaveLength(2);
  });
});
