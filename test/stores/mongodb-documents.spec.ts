/** How documents are guarded and kept on MongoDB. */
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Collection, MongoClient } from 'mongodb';
import type { Condition, SavedDocument, StoredDocument, ViewStore, ViewVersion } from '#libs/sourcing';
import { rejection } from '../../libs/sourcing/src/testing/event-store-appends.ts';
import { freshName } from '../../libs/sourcing/src/testing/sample-events.ts';
import { item, itemsView } from '../../libs/sourcing/src/testing/sample-view.ts';
import { type DocumentRecord, saveNewer } from '../../libs/stores/src/mongodb/documents.ts';
import { openMongoViewStore } from '../../libs/stores/src/mongodb/view-store.ts';
import { startDocumentServer } from '../support/document-server.ts';

const server = await startDocumentServer();
if (typeof server === 'string') {
  it.skip(`documents of views on MongoDB (${server})`, () => undefined);
} else {
  describe('documents of views on MongoDB', () => {
    const client = new MongoClient(server.url, { useBigInt64: true });
    const opened: ViewStore[] = [];
    const open = async (): Promise<ViewStore> => {
      const views = await openMongoViewStore(server.url);
      opened.push(views);
      return views;
    };
    afterAll(async () => {
      await Promise.all(opened.map((views) => views.close()));
      await client.close();
      await server.stop();
    });

    /** A version that is built, on a handle of its own. */
    async function building(): Promise<{ views: ViewStore; at: ViewVersion }> {
      const views = await open();
      const view = itemsView(freshName('view'));
      await views.open(view, '1.1', 'events');
      return { views, at: { view: view.name, version: '1.1' } };
    }

    const stored = ({ id, position, json }: StoredDocument): StoredDocument => ({ id, position, json });

    it('come out as the newest of all that were saved, in whatever order, batch and process', async () => {
      const views = [await open(), await open(), await open()];
      const saves = fc.array(
        fc.record({
          by: fc.nat(views.length - 1),
          documents: fc.array(
            fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), at: fc.integer({ min: 1, max: 40 }) }),
            {
              maxLength: 8,
            },
          ),
        }),
        { minLength: 1, maxLength: 12 },
      );
      await fc.assert(
        fc.asyncProperty(saves, fc.boolean(), async (batches, atOnce) => {
          const view = itemsView(freshName('view'));
          const at = { view: view.name, version: '1.1' };
          await views[0]!.open(view, at.version, 'events');
          const save = async ({ by, documents }: (typeof batches)[number]): Promise<void> =>
            views[by]!.save(
              at,
              documents.map(({ id, at: position }) => item(id, BigInt(position))),
              0n,
            );
          if (atOnce) await Promise.all(batches.map(save));
          else for (const batch of batches) await save(batch);
          const newest = new Map<string, number>();
          for (const { id, at: position } of batches.flatMap(({ documents }) => documents))
            newest.set(id, Math.max(newest.get(id) ?? 0, position));
          const expected = [...newest].map(([id, position]) => stored(item(id, BigInt(position))));
          const byId = (left: StoredDocument, right: StoredDocument): number => (left.id < right.id ? -1 : 1);
          expect([...(await views[0]!.load(at, [...newest.keys()]))].toSorted(byId)).toEqual(expected.toSorted(byId));
        }),
        { numRuns: 20 },
      );
    }, 120_000);

    it('of several commands are judged one by one where some of them are older than what is there', async () => {
      const { views, at } = await building();
      const documents = (position: bigint, every: number): SavedDocument[] =>
        Array.from({ length: 150 }, (_, n) => n)
          .filter((n) => n % every === 0)
          .map((n) => item(`d${n}`, position));
      await views.save(at, documents(9n, 3), 9n);
      await views.save(at, documents(5n, 1), 9n);
      const kept = new Map<string, bigint>();
      for await (const { id, position } of views.all(at)) kept.set(id, position);
      const expected = Array.from({ length: 150 }, (_, n) => [`d${n}`, n % 3 === 0 ? 9n : 5n] as const);
      expect(kept).toEqual(new Map(expected));
    });

    describe('that another inserts between the look for them and their insert', () => {
      const record = (position: bigint): DocumentRecord => ({ _id: 'a', position, json: `${position}`, fields: {} });
      const duplicate = async (collection: Collection<DocumentRecord>, inserted: DocumentRecord): Promise<never> => {
        await collection.insertOne(inserted);
        await collection.insertOne(inserted);
        throw new Error('a document was inserted twice');
      };

      it.each([
        ['older, is replaced', 4n, 7n],
        ['newer, stays', 9n, 9n],
        ['the same, stays', 7n, 7n],
      ])('%s', async (_told, theirs, expected) => {
        for (const meets of ['bulkWrite', 'replaceOne'] as const) {
          const collection = client.db().collection<DocumentRecord>(freshName('raced'));
          // What two servers' processes do at once can't be made to happen on purpose: this is what the driver then tells.
          const raced = Object.create(collection) as Collection<DocumentRecord>;
          let met = false;
          raced.bulkWrite = async () => duplicate(client.db().collection(freshName('other')), record(1n));
          const call = raced[meets].bind(collection) as (...args: unknown[]) => Promise<never>;
          raced[meets] = async (...args: unknown[]) => {
            if (met) return call(...args);
            met = true;
            return duplicate(collection, record(theirs));
          };
          await saveNewer(raced, [record(7n)]);
          expect(met).toBe(true);
          expect(await collection.findOne({ _id: 'a' })).toMatchObject({ position: expected, json: `${expected}` });
        }
      });
    });

    it('keep positions, checkpoints and numbers beyond what a double holds', async () => {
      const { views, at } = await building();
      const big = 2n ** 53n;
      const last = 2n ** 63n - 1n;
      const ranked = (id: string, position: bigint, rank: bigint): SavedDocument => ({
        ...item(id, position),
        fields: { name: null, rank },
      });
      await views.save(at, [ranked('a', big + 2n, big + 1n)], big + 3n);
      await views.save(at, [ranked('a', big + 1n, 0n)], big + 2n);
      expect((await views.load(at, ['a']))[0]?.position).toBe(big + 2n);
      await views.save(at, [ranked('a', big + 3n, big + 2n), ranked('b', last, last), ranked('c', 1n, big)], last);
      await views.park(at, { stream: 'item-p', position: last - 1n, reason: 'why' });
      await views.promote(at);
      expect((await views.live(at.view))?.checkpoint).toBe(last);
      expect(await views.parked(at)).toEqual([{ stream: 'item-p', position: last - 1n, reason: 'why' }]);
      const ranks = async (is: Condition['is'], value: bigint): Promise<string[]> =>
        (
          await views.find(at.view, {
            where: [{ field: 'rank', is, value }],
            orderBy: { field: 'rank', direction: 'asc' },
            limit: 10,
          })
        ).map(({ id, position }) => `${id} ${position}`);
      expect(await ranks('eq', big + 2n)).toEqual([`a ${big + 3n}`]);
      expect(await ranks('eq', big + 1n)).toEqual([]);
      expect(await ranks('gt', big)).toEqual([`a ${big + 3n}`, `b ${last}`]);
      expect(await ranks('lt', last)).toEqual(['c 1', `a ${big + 3n}`]);
    });

    it('refuse numbers that do not fit in 64 bits, by the name of what they are', async () => {
      const { views, at } = await building();
      const tooBig = { ...item('a', 1n), fields: { name: null, rank: 2n ** 63n } };
      await expect(views.save(at, [tooBig], 1n)).rejects.toThrow('field rank is 9223372036854775808');
      await expect(views.save(at, [item('a', 2n ** 63n)], 1n)).rejects.toThrow('the position of document a of view');
      await expect(views.save(at, [], 2n ** 63n)).rejects.toThrow('the checkpoint of view');
      expect(await views.load(at, ['a'])).toEqual([]);
    });

    it('keep any text as it is, as JSON, as a field and as an id', async () => {
      const { views, at } = await building();
      const texts = [
        'a.b.c',
        '$set',
        '$a.$b',
        '{"$gt":""}',
        '信号 🚀 Ünï',
        "' OR 1=1 --",
        '\u0001\t\n',
        '',
        ' ',
        'x'.repeat(100_000),
      ];
      const documents = texts.map((text, n): SavedDocument => ({
        id: `id ${text.slice(0, 50)}`,
        position: BigInt(n + 1),
        json: JSON.stringify({ 'a.b': text, $set: { [text]: [text] } }),
        fields: { name: text, rank: n },
      }));
      await views.save(at, documents, 20n);
      await views.promote(at);
      for (const [n, text] of texts.entries()) {
        const found = await views.find(at.view, {
          where: [{ field: 'name', is: 'eq', value: text }],
          orderBy: { field: 'rank', direction: 'asc' },
          limit: 10,
        });
        expect(found.map(stored)).toEqual([stored(documents[n]!)]);
        expect(await views.get(at.view, documents[n]!.id)).toEqual(stored(documents[n]!));
      }
      const inOrder = await views.find(at.view, { where: [], orderBy: { field: 'name', direction: 'asc' }, limit: 20 });
      const bytes = (id: string): Buffer => Buffer.from(texts[Number(documents.findIndex((one) => one.id === id))]!);
      const ids = inOrder.map(({ id }) => id);
      expect(ids).toEqual(documents.map(({ id }) => id).toSorted((left, right) => bytes(left).compare(bytes(right))));
    });

    it('of some megabytes are kept, and longer ones than MongoDB takes are refused by name before anything is saved', async () => {
      const { views, at } = await building();
      const long = { ...item('long', 2n), json: JSON.stringify('é'.repeat(2_000_000)) };
      await views.save(at, [long], 2n);
      expect((await views.load(at, ['long'])).map(({ json }) => json === long.json)).toEqual([true]);
      const tooLong = { ...item('longer', 3n), json: JSON.stringify('é'.repeat(8_400_000)) };
      const error = await rejection(views.save(at, [item('beside', 3n), tooLong], 3n));
      expect(String(error)).toMatch(
        /^Error: document longer of view view-\w+ has 168\d{5} bytes; MongoDB takes 16777216$/,
      );
      expect(await views.load(at, ['beside', 'longer'])).toEqual([]);
    });

    it('are looked for by declared fields only', async () => {
      const { views, at } = await building();
      await views.promote(at);
      const where: Condition[] = [{ field: 'colour', is: 'eq', value: 'red' }];
      await expect(views.count(at.view, where)).rejects.toThrow('declares no field colour');
      const named = { ...itemsView(freshName('view')), fieldTypes: { 'a.b': 'text' } } as const;
      await expect(views.open(named, '1.1', 'events')).rejects.toThrow('declares field "a.b"');
    });
  });
}
