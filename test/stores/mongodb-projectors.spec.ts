/** Projectors, rebuilds and readers at once on MongoDB. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { buildView, type EventStore, runProcessor, type View, type ViewStore, waitForPosition } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { type AccountDocument, accountsView } from '../../libs/sourcing/src/testing/account.ts';
import { deposits, happen } from '../../libs/sourcing/src/testing/account-history.ts';
import { contents, liveContents, withViewFaults } from '../../libs/sourcing/src/testing/faulty-view-store.ts';
import { freshName } from '../../libs/sourcing/src/testing/sample-events.ts';
import { item, itemsView } from '../../libs/sourcing/src/testing/sample-view.ts';
import { openMongoViewStore } from '../../libs/stores/src/mongodb/view-store.ts';
import { startDocumentServer } from '../support/document-server.ts';

/** Longer than any of it takes on a machine that does other things meanwhile. */
const LIMIT_MS = 60_000;

const server = await startDocumentServer();
if (typeof server === 'string') {
  it.skip(`projectors on MongoDB (${server})`, () => undefined);
} else {
  describe('projectors on MongoDB', () => {
    const opened: ViewStore[] = [];
    const open = async (): Promise<ViewStore> => {
      const views = await openMongoViewStore(server.url);
      opened.push(views);
      return views;
    };
    afterAll(async () => {
      await Promise.all(opened.map((views) => views.close()));
      await server.stop();
    });

    const accounts = (): View<AccountDocument> => ({ ...accountsView, name: freshName('accounts') });

    /** What building the view from nothing gives, in a store of another kind. */
    async function built(view: View<AccountDocument>, events: EventStore): ReturnType<typeof contents> {
      const views = createMemoryViewStore();
      await buildView(view, events, views);
      return liveContents(views, view.name);
    }

    it('two at once come to the documents of a clean build', async () => {
      const [one, other] = [await open(), await open()];
      const events = createMemoryEventStore();
      const view = accounts();
      await buildView(view, events, one);
      const stop = new AbortController();
      const running = [one, other].map((views, n) =>
        runProcessor(view, events, views, { signal: stop.signal, batchSize: 7 + n }),
      );
      const poisoned = { type: 'deposit', account: 'n2', amount: 666 } as const;
      const head = await happen(events, [...deposits(12, 8), poisoned, ...deposits(12, 4)]);
      expect(await waitForPosition(one, view.name, head, LIMIT_MS)).toBe(true);
      stop.abort();
      await Promise.all(running);
      const expected = await built(view, events);
      expect([expected.documents.length, expected.parked]).toEqual([12, ['account-n2']]);
      expect(await liveContents(other, view.name)).toEqual(expected);
    }, 120_000);

    it('one that slept while another took over changes nothing when it wakes up', async () => {
      const [one, other] = [await open(), await open()];
      const events = createMemoryEventStore();
      const view = accounts();
      await happen(events, deposits(6, 3));
      await buildView(view, events, one);

      const asleep = Promise.withResolvers<void>();
      const wakes = Promise.withResolvers<void>();
      const drowsy = withViewFaults(one, async (step) => {
        if (step !== 'save') return;
        asleep.resolve();
        await wakes.promise;
      });
      const stop = new AbortController();
      const handled: bigint[] = [];
      const sleeper = runProcessor(view, events, drowsy, {
        signal: stop.signal,
        batchSize: 20,
        onProgress: (checkpoint) => handled.push(checkpoint),
      });
      const overslept = await happen(events, deposits(6, 2));
      await asleep.promise;
      const worker = runProcessor(view, events, other, { signal: stop.signal, batchSize: 5 });
      const head = await happen(events, deposits(6, 5));
      expect(await waitForPosition(other, view.name, head, LIMIT_MS)).toBe(true);
      const before = await liveContents(other, view.name);
      expect(handled).toEqual([]);
      wakes.resolve();
      while ((handled.at(-1) ?? 0n) < head) await sleep(10);
      stop.abort();
      await Promise.all([sleeper, worker]);

      expect(overslept).toBeLessThan(head);
      expect(await liveContents(other, view.name)).toEqual(before);
      expect(before).toEqual(await built(view, events));
      expect((await other.live(view.name))?.checkpoint).toBe(head);
    }, 120_000);

    it('a version that is switched and dropped leaves no hole to those who read meanwhile', async () => {
      const [reader, builder] = [await open(), await open()];
      const events = createMemoryEventStore();
      const view = accounts();
      await happen(events, deposits(40, 1));
      await buildView(view, events, builder);
      const expected = await liveContents(builder, view.name);
      const versions = new Set<string>();
      let reads = 0;
      let building = true;
      const reading = (async () => {
        while (building) {
          versions.add((await reader.live(view.name))!.version);
          const found = await reader.find(view.name, {
            where: [{ field: 'status', is: 'eq', value: 'open' }],
            orderBy: { field: 'balance', direction: 'asc' },
            limit: 100,
          });
          expect(found).toHaveLength(40);
          expect(await reader.count(view.name, [])).toBe(40);
          expect(await reader.get(view.name, 'n17')).toEqual(expected.documents.find(({ id }) => id === 'n17'));
          reads += 1;
        }
      })();
      // At least so often, and until the reader has met some of it.
      for (let n = 0; n < 4 || versions.size < 3; n += 1) await buildView(view, events, builder, { afresh: true });
      building = false;
      await reading;
      expect(reads).toBeGreaterThan(0);
      expect(await builder.versions(view.name)).toHaveLength(1);
      expect(await liveContents(reader, view.name)).toEqual(expected);
    }, 120_000);

    it('a reader that knows the version before finds the one after at once', async () => {
      const [reader, builder] = [await open(), await open()];
      const events = createMemoryEventStore();
      const view = accounts();
      await happen(events, deposits(5, 1));
      await buildView(view, events, builder);
      const byBalance = { where: [], orderBy: { field: 'balance', direction: 'asc' }, limit: 10 } as const;
      const read = (): Promise<unknown>[] => [
        reader.get(view.name, 'n3'),
        reader.find(view.name, byBalance),
        reader.count(view.name, []),
      ];
      const before = await Promise.all(read());
      expect(before[2]).toBe(5);
      for (const [n] of before.entries()) {
        await buildView(view, events, builder, { afresh: true });
        expect(await read()[n]).toEqual(before[n]);
      }
    });

    it('what comes late for a dropped version is in no version made anew under its name, and does not stay', async () => {
      const [late, other] = [await open(), await open()];
      const view = itemsView(freshName('view'));
      const at = { view: view.name, version: '1.2' };
      await other.open(view, '1.1', 'events');
      await other.promote({ ...at, version: '1.1' });
      await late.open(view, at.version, 'events');
      await late.save(at, [item('a', 1n)], 1n);
      await late.park(at, { stream: 'item-p', position: 1n, reason: 'why' });
      const client = new MongoClient(server.url);
      const collections = async (): Promise<string[]> => {
        const all = await client.db().listCollections({}, { nameOnly: true }).toArray();
        return all.map(({ name }) => name).filter((name) => name.includes(`${view.name}@1.2`));
      };
      const [dropped] = await collections();
      await other.drop(at);
      expect(await collections()).toEqual([]);
      await expect(late.save(at, [item('b', 2n)], 2n)).rejects.toThrow('is gone');
      await expect(late.park(at, { stream: 'item-q', position: 2n, reason: 'why' })).rejects.toThrow('is gone');
      await expect(late.load(at, ['a'])).rejects.toThrow('is gone');
      await expect(late.parked(at)).rejects.toThrow('is gone');

      // What a process saved that died before it learnt that the version is gone.
      await client.db().collection(dropped!).insertOne({ position: 4 });
      await other.open(view, at.version, 'events');
      expect(await contents(other, at)).toEqual({ documents: [], parked: [] });
      // The handle that still knows the old one finds the new one.
      await late.save(at, [item('c', 3n)], 3n);
      expect((await contents(other, at)).documents.map(({ id }) => id)).toEqual(['c']);

      expect(await collections()).toHaveLength(1);
      expect(await collections()).not.toContain(dropped);
      const left = await client.db().collection('parked_streams').countDocuments({ view: view.name });
      await client.close();
      expect(left).toBe(0);
    });
  });
}
