import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMemoryEventStore } from '#libs/stores';
import { replayParked } from './parked.ts';
import type { EventStore } from './ports.ts';
import { type ProcessorOptions, runProcessor, waitForPosition } from './processor.ts';
import { buildView } from './rebuild.ts';
import { accountsView } from './testing/account.ts';
import { deposits, happen } from './testing/account-history.ts';
import { withFaults } from './testing/faulty-event-store.ts';
import { liveContents, type Step, withViewFaults } from './testing/faulty-view-store.ts';
import { freshName } from './testing/sample-events.ts';
import { viewStores } from './testing/stores-under-test.ts';
import type { ParkedStream, View, ViewStore } from './views.ts';

type Accounts = typeof accountsView;
const named = (view: Accounts): Accounts => ({ ...view, name: freshName('accounts') });

/** Waits until something holds. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let n = 0; n < 1_000; n += 1) {
    if (await holds()) return;
    await sleep(5);
  }
  throw new Error('it never came to that');
}

describe.each(viewStores)('a processor on %s', (_name, open) => {
  const views = open();

  /** Runs processors while something happens, and until all of it is in the view. */
  async function during(
    view: Accounts,
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

  /** What building the view from nothing gives. */
  async function built(view: Accounts, events: EventStore): ReturnType<typeof liveContents> {
    const clean = named(view);
    await buildView(clean, events, views);
    return liveContents(views, clean.name);
  }

  it('handles batches again, in whole or in part, without changing a byte', async () => {
    const events = createMemoryEventStore();
    const view = named(accountsView);
    await during(view, events, () => happen(events, deposits(3, 10)));
    const expected = await liveContents(views, view.name);
    // Every checkpoint is lost: all is handled again each time.
    const forgetful: ViewStore = { ...views, live: async (name) => ({ ...(await views.live(name))!, checkpoint: 0n }) };
    for (const batchSize of [1, 4, 500]) await during(view, events, () => sleep(50), { on: [forgetful], batchSize });
    expect(await liveContents(views, view.name)).toEqual(expected);
    expect(expected).toEqual(await built(view, events));
  });

  it('does no harm beside another of the same view', async () => {
    const events = createMemoryEventStore();
    const view = named(accountsView);
    const slow = withViewFaults(views, () => sleep(1));
    await during(
      view,
      events,
      () => happen(events, [...deposits(4, 20), { type: 'deposit', account: 'n2', amount: 666 }, ...deposits(4, 5)]),
      { on: [views, slow, slow] },
    );
    expect(await liveContents(views, view.name)).toEqual(await built(view, events));
  });

  it('goes on where another died, whatever step it died at', async () => {
    const died = new Set<Step>();
    for (let dies = 1; dies <= 40; dies += 1) {
      const events = createMemoryEventStore();
      const view = named(accountsView);
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
      const head = await happen(events, [
        ...deposits(3, 2),
        { type: 'deposit', account: 'n1', amount: 666 },
        ...deposits(3, 2),
      ]);
      await until(async () => stop.signal.aborted || (await views.live(view.name))!.checkpoint >= head);
      stop.abort();
      await running;
      await during(view, events, () => Promise.resolve());
      expect(await liveContents(views, view.name)).toEqual(await built(view, events));
    }
    expect([...died].toSorted()).toEqual(['checkpoint saved', 'documents saved', 'park', 'parked', 'save']);
  }, 30_000);

  it('never has a checkpoint beyond what is in its documents', async () => {
    const events = createMemoryEventStore();
    const view = named(accountsView);
    let checked = 0;
    const watched = withViewFaults(views, async (step) => {
      if (step !== 'checkpoint saved') return;
      const { checkpoint } = (await views.live(view.name)) ?? { checkpoint: 0n };
      const upTo = await events.readAll(0n, Number(checkpoint), view.streamPrefix);
      for (const { stream, position } of upTo.events.filter((event) => event.position <= checkpoint)) {
        expect((await views.get(view.name, stream.slice('account-'.length)))!.position).toBeGreaterThanOrEqual(
          position,
        );
        checked += 1;
      }
    });
    await during(view, events, () => happen(events, deposits(3, 6)), { on: [watched, watched] });
    expect(checked).toBeGreaterThan(20);
  });

  it('parks a stream it can not fold, and only that', async () => {
    const events = createMemoryEventStore();
    const view = named(accountsView);
    const parked: ParkedStream[] = [];
    await during(
      view,
      events,
      () => happen(events, [...deposits(3, 2), { type: 'deposit', account: 'n1', amount: 666 }, ...deposits(3, 2)]),
      { onParked: (one) => parked.push(one) },
    );
    expect(parked).toEqual([{ stream: 'account-n1', position: 10n, reason: 'no account takes 666' }]);
    expect(await views.parked({ view: view.name, version: '1.1' })).toEqual(parked);
    const revisions = async () =>
      Promise.all(
        ['n0', 'n1', 'n2'].map(
          async (id) => (JSON.parse((await views.get(view.name, id))!.json) as { revision: number }).revision,
        ),
      );
    expect(await revisions()).toEqual([4, 2, 4]);

    const mended: Accounts = {
      ...view,
      project: (document, event) => accountsView.project(document, { ...event, data: { amount: 1 } }),
    };
    expect(await replayParked(view, events, views)).toEqual({
      mended: [],
      parked: [{ stream: 'account-n1', reason: 'no account takes 666' }],
    });
    expect(await replayParked(mended, events, views)).toEqual({ mended: ['account-n1'], parked: [] });
    expect(await revisions()).toEqual([4, 5, 4]);
    await during(mended, events, () => happen(events, deposits(3, 1)));
    expect(await revisions()).toEqual([5, 6, 5]);
    expect(await replayParked(mended, events, views)).toEqual({ mended: [], parked: [] });
  });

  it('parks a stream whose document can not be found by anything', async () => {
    const events = createMemoryEventStore();
    const view: Accounts = named({
      ...accountsView,
      fields: (document) => {
        if (document.balance > 5) throw new Error('too rich to be found');
        return accountsView.fields(document);
      },
    });
    await during(
      view,
      events,
      () =>
        happen(events, [
          { type: 'deposit', account: 'rich', amount: 9 },
          { type: 'deposit', account: 'poor', amount: 1 },
        ]),
      { batchSize: 1 },
    );
    expect((await liveContents(views, view.name)).parked).toEqual(['account-rich']);
    expect(JSON.parse((await views.get(view.name, 'poor'))!.json)).toEqual(expect.objectContaining({ balance: 1 }));
  });

  it('reads what a document lacks when its stream was freed without being mended', async () => {
    const events = createMemoryEventStore();
    const view = named(accountsView);
    await during(view, events, () =>
      happen(events, [
        { type: 'deposit', account: 'a', amount: 666 },
        { type: 'deposit', account: 'a', amount: 1 },
      ]),
    );
    const mended: Accounts = {
      ...view,
      project: (document, event) => accountsView.project(document, { ...event, data: { amount: 2 } }),
    };
    await views.unpark({ view: view.name, version: '1.1' }, 'account-a');
    let failures = 0;
    const failing = withFaults(events, {
      read: () => {
        if (failures < 1) throw new Error('the disk is on fire');
      },
    });
    await during(mended, failing, () => happen(events, [{ type: 'deposit', account: 'a', amount: 3 }]), {
      onError: () => (failures += 1),
    });
    expect(failures).toBe(1);
    expect(await liveContents(views, view.name)).toEqual(await built(mended, events));
  });

  it('tells when a store is away, and goes on when it is back', async () => {
    const events = createMemoryEventStore();
    const view = named(accountsView);
    let away = 3;
    const flaky = withViewFaults(views, (step) => {
      if (step === 'documents saved' && away > 0) {
        away -= 1;
        throw new Error('away');
      }
    });
    const told: unknown[] = [];
    await during(view, events, () => happen(events, deposits(3, 3)), {
      on: [flaky],
      onError: (error, retryIn) => told.push([(error as Error).message, retryIn]),
    });
    expect(told).toEqual([
      ['away', 200],
      ['away', 400],
      ['away', 800],
    ]);
    expect(await liveContents(views, view.name)).toEqual(await built(view, events));
  });

  it('moves on to a version that was made live, also while nothing happens', async () => {
    const events = createMemoryEventStore();
    const view = named(accountsView);
    await during(view, events, async () => {
      await happen(events, deposits(3, 3));
      expect((await buildView(view, events, views, { afresh: true }))?.version).toBe('1.2');
      await sleep(700);
      await happen(events, deposits(3, 1));
      await buildView(view, events, views, { afresh: true });
      await happen(events, deposits(3, 1));
    });
    expect(await views.versions(view.name)).toEqual(['1.3']);
    expect(await liveContents(views, view.name)).toEqual(await built(view, events));
  });

  it('brings a version up to date that was made live behind the head, also while nothing happens', async () => {
    const events = createMemoryEventStore();
    const view = named(accountsView);
    await during(view, events, async () => {
      const head = await happen(events, deposits(3, 3));
      await until(async () => (await views.live(view.name))!.checkpoint >= head);
      await views.open(view as View, '1.2', await events.id());
      await views.promote({ view: view.name, version: '1.2' });
      expect(await waitForPosition(views, view.name, head, 5_000)).toBe(true);
    });
    expect((await views.live(view.name))?.version).toBe('1.2');
    expect(await liveContents(views, view.name)).toEqual(await built(view, events));
  });

  it('builds the version of newer code beside the live one, and then follows that', async () => {
    const events = createMemoryEventStore();
    const view = named(accountsView);
    await during(view, events, () => happen(events, deposits(3, 3)));
    const next: Accounts = {
      ...view,
      version: 2,
      project: (document, event) => ({ ...view.project(document, event), status: 'closed' }),
    };
    const progress: (readonly [bigint, bigint])[] = [];
    await during(next, events, () => happen(events, deposits(3, 1)), { onBuild: (...told) => progress.push(told) });
    expect(progress.length).toBeGreaterThan(0);
    expect(await views.versions(view.name)).toEqual(['2.1']);
    expect(await liveContents(views, view.name)).toEqual(await built(next, events));
  });

  it.each([
    ['of another event store', 'another', 5n],
    ['further than the head of the log', 'same', 500n],
  ])('builds anew a view that is %s', async (_told, id, checkpoint) => {
    const events = createMemoryEventStore();
    const view = named(accountsView);
    const old = { view: view.name, version: '1.1' };
    await views.open(view as View, old.version, id === 'same' ? await events.id() : id);
    await views.save(
      old,
      [{ id: 'ghost', position: 1n, json: '{"id":"ghost"}', fields: { status: 'open', balance: 1n } }],
      checkpoint,
    );
    await views.promote(old);
    await during(view, events, async () => {
      await happen(events, deposits(3, 3));
      await until(async () => (await views.live(view.name))?.version === '1.2');
    });
    expect(await views.get(view.name, 'ghost')).toBeNull();
    expect(await views.versions(view.name)).toEqual(['1.2']);
    expect(await liveContents(views, view.name)).toEqual(await built(view, events));
  });
});

describe('waiting for a position', () => {
  const events = createMemoryEventStore();
  const [, open] = viewStores[0]!;
  const views = open();

  it('ends when the view has got there, and says so', async () => {
    const view = named(accountsView);
    await buildView(view, events, views);
    const waiting = waitForPosition(views, view.name, 10n, 5_000);
    await sleep(20);
    await views.save({ view: view.name, version: '1.1' }, [], 10n);
    expect(await waiting).toBe(true);
  });

  it('ends after its time, and says so', async () => {
    const view = named(accountsView);
    await buildView(view, events, views);
    const begun = performance.now();
    expect(await waitForPosition(views, view.name, 10n, 60)).toBe(false);
    expect(await waitForPosition(views, freshName('never built'), 1n, 20)).toBe(false);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(75);
  });
});
