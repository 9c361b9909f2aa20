/** Views with several documents of a stream on a server that speaks the MongoDB protocol, with projectors at once. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  buildView,
  type EventStore,
  replayParked,
  runProcessor,
  type ViewStore,
  waitForPosition,
} from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { deposits, happen } from '../../libs/sourcing/src/testing/account-history.ts';
import { type MovementsDocument, movementsIn, movementsView } from '../../libs/sourcing/src/testing/account-parts.ts';
import { contents } from '../../libs/sourcing/src/testing/faulty-view-store.ts';
import { freshName } from '../../libs/sourcing/src/testing/sample-events.ts';
import { openMongoViewStore } from '../../libs/stores/src/mongodb/view-store.ts';
import { startDocumentServer } from '../support/document-server.ts';

const server = await startDocumentServer();
if (typeof server === 'string') {
  it.skip(`views with parts on MongoDB (${server})`, () => undefined);
} else {
  describe('a view with parts on MongoDB', () => {
    let stores: readonly ViewStore[];

    beforeAll(async () => {
      stores = await Promise.all([1, 2, 3].map(() => openMongoViewStore(server.url)));
    });
    afterAll(async () => {
      for (const views of stores) await views.close();
      await server.stop();
    });

    const partsOf = async (view: string, version: string): Promise<ReadonlyMap<string, MovementsDocument>> => {
      const { documents } = await contents(stores[0]!, { view, version });
      const parts = documents.filter(({ id }) => id.includes('.'));
      return new Map(parts.map(({ id, json }) => [id, JSON.parse(json) as MovementsDocument]));
    };

    /** Runs a projector on each of the stores while something happens, and until all of it is in the view. */
    async function during(view: typeof movementsView, events: EventStore, work: () => Promise<unknown>): Promise<void> {
      const stop = new AbortController();
      const running = stores.map((store, n) =>
        runProcessor(view, events, store, { signal: stop.signal, batchSize: 7 + 5 * n }),
      );
      try {
        await work();
        for (const store of stores)
          expect(await waitForPosition(store, view.name, await events.head(), 20_000)).toBe(true);
      } finally {
        stop.abort();
        await Promise.all(running);
      }
    }

    it('comes out as its events say, with three projectors at once, and as a clean build gives it', async () => {
      const events = createMemoryEventStore();
      const view = { ...movementsView, name: freshName('movements') };
      await buildView(view, events, stores[0]!);
      await during(view, events, () => happen(events, [...deposits(6, 40), ...deposits(2, 30)]));
      const expected = await movementsIn(events);
      expect(await partsOf(view.name, '1.1')).toEqual(expected);
      const clean = { ...view, name: freshName('movements') };
      await buildView(clean, events, stores[1]!, { batchSize: 70 });
      expect(await contents(stores[2]!, { view: clean.name, version: '1.1' })).toEqual(
        await contents(stores[2]!, { view: view.name, version: '1.1' }),
      );
    }, 60_000);

    it('parks a stream with all its parts, and folds them again', async () => {
      const events = createMemoryEventStore();
      const view = { ...movementsView, name: freshName('movements') };
      await buildView(view, events, stores[0]!);
      const poison = { type: 'deposit', account: 'n1', amount: 666 } as const;
      await during(view, events, () => happen(events, [...deposits(3, 6), poison, ...deposits(3, 6)]));
      expect(await partsOf(view.name, '1.1')).toEqual(await movementsIn(events));
      const next: typeof movementsView = {
        ...view,
        project: (document, event) =>
          movementsView.project(
            document,
            (event.data as { amount: number }).amount === 666 ? { ...event, data: { amount: 606 } } : event,
          ),
      };
      expect(await replayParked(next, events, stores[1]!)).toEqual({ mended: ['account-n1'], parked: [] });
      await during(next, events, () => happen(events, deposits(3, 6)));
      const clean = { ...next, name: freshName('movements') };
      await buildView(clean, events, stores[2]!);
      expect(await contents(stores[0]!, { view: view.name, version: '1.1' })).toEqual(
        await contents(stores[0]!, { view: clean.name, version: '1.1' }),
      );
    }, 60_000);
  });
}
