/** What every adapter of `ViewStore` must do. One suite, run on each of them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StoredDocument, View, ViewStore, ViewVersion } from '../views.ts';
import { rejection } from './event-store-appends.ts';
import { freshName } from './sample-events.ts';
import { item, type ItemDocument, itemsView } from './sample-view.ts';
import { testQueries } from './view-store-queries.ts';

/** A store under test. Its data may be shared with other tests: the suite uses views of its own. */
export interface OpenedViewStore {
  readonly views: ViewStore;
  /** Closes the store and opens the same data again. Absent where closing loses it. */
  readonly reopen?: () => Promise<ViewStore>;
  /** A second handle on the same data, as another process would have. */
  readonly another?: () => Promise<ViewStore>;
}

const EVENTS = 'event-store-1';

async function listed(views: ViewStore, at: ViewVersion): Promise<StoredDocument[]> {
  const documents: StoredDocument[] = [];
  for await (const { id, position, json } of views.all(at)) documents.push({ id, position, json });
  return documents;
}

const stored = ({ id, position, json }: StoredDocument): StoredDocument => ({ id, position, json });

export function describeViewStore(name: string, open: () => Promise<OpenedViewStore>): void {
  describe(`view store: ${name}`, () => {
    let opened: OpenedViewStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened.views.close();
    });

    /** A version of a new view, being built. */
    async function building(version = '1.1'): Promise<{ views: ViewStore; view: View<ItemDocument>; at: ViewVersion }> {
      const view = itemsView(freshName('view'));
      await opened.views.open(view, version, EVENTS);
      return { views: opened.views, view, at: { view: view.name, version } };
    }

    describe('versions', () => {
      it('begin empty, keep how far they are, and are opened again as they were left', async () => {
        const { views, view, at } = await building();
        expect(await views.open(view, '1.1', EVENTS)).toEqual({ version: '1.1', checkpoint: 0n, eventStoreId: EVENTS });
        await views.save(at, [item('a', 3n)], 7n);
        expect(await views.open(view, '1.1', 'another event store')).toEqual({
          version: '1.1',
          checkpoint: 7n,
          eventStoreId: EVENTS,
        });
        expect(await listed(views, at)).toEqual([stored(item('a', 3n))]);
      });

      it('are not live before they are promoted', async () => {
        const { views, view, at } = await building();
        await views.save(at, [item('a', 3n)], 7n);
        const find = { where: [], orderBy: { field: 'rank', direction: 'asc' }, limit: 10 } as const;
        expect([
          await views.live(view.name),
          await views.get(view.name, 'a'),
          await views.count(view.name, []),
        ]).toEqual([null, null, 0]);
        expect(await views.find(view.name, find)).toEqual([]);
        await views.promote(at);
        expect(await views.live(view.name)).toEqual({ version: '1.1', checkpoint: 7n, eventStoreId: EVENTS });
        expect((await views.find(view.name, find)).map(stored)).toEqual([stored(item('a', 3n))]);
      });

      it('are built beside the live one, which serves until the next is promoted', async () => {
        const { views, view, at } = await building();
        await views.save(at, [item('a', 3n)], 3n);
        await views.promote(at);
        const next = { view: view.name, version: '1.2' };
        await views.open(view, next.version, EVENTS);
        await views.save(next, [item('a', 5n), item('b', 6n)], 6n);
        expect(await views.get(view.name, 'a')).toEqual(expect.objectContaining(stored(item('a', 3n))));
        expect([await views.get(view.name, 'b'), await views.count(view.name, [])]).toEqual([null, 1]);
        await views.promote(next);
        expect((await views.live(view.name))?.version).toBe('1.2');
        expect(await views.get(view.name, 'a')).toEqual(expect.objectContaining(stored(item('a', 5n))));
        expect(await views.count(view.name, [])).toBe(2);
        expect([...(await views.versions(view.name))].toSorted()).toEqual(['1.1', '1.2']);
        expect(await listed(views, at)).toEqual([stored(item('a', 3n))]);
      });

      it('are dropped with all that is in them, but never the live one', async () => {
        const { views, view, at } = await building();
        await views.promote(at);
        const other = { view: view.name, version: '2.1' };
        await views.open(view, other.version, EVENTS);
        await views.save(other, [item('a', 1n)], 1n);
        await views.park(other, { stream: 'item-x', position: 1n, reason: 'why' });
        await views.drop(other);
        await views.drop(other);
        await views.drop(at);
        expect(await views.versions(view.name)).toEqual(['1.1']);
        expect((await views.live(view.name))?.version).toBe('1.1');
        expect(await views.open(view, other.version, EVENTS)).toEqual({
          version: '2.1',
          checkpoint: 0n,
          eventStoreId: EVENTS,
        });
        expect([await listed(views, other), await views.parked(other)]).toEqual([[], []]);
      });

      it('that are gone take nothing and are not promoted', async () => {
        const { views, view, at } = await building();
        await views.promote(at);
        const gone = { view: view.name, version: '9.9' };
        expect(await rejection(views.save(gone, [item('a', 1n)], 1n))).toBeInstanceOf(Error);
        expect(await rejection(views.save(gone, [], 1n))).toBeInstanceOf(Error);
        expect(await rejection(views.park(gone, { stream: 's', position: 1n, reason: 'r' }))).toBeInstanceOf(Error);
        expect(await rejection(views.promote(gone))).toBeInstanceOf(Error);
        expect((await views.live(view.name))?.version).toBe('1.1');
      });
    });

    describe('saving', () => {
      it('replaces a document by one of a later position only', async () => {
        const { views, at } = await building();
        await views.save(at, [item('a', 5n, { name: 'five' })], 5n);
        await views.save(at, [item('a', 4n, { name: 'four' })], 5n);
        await views.save(at, [item('a', 5n, { name: 'five, differently' })], 5n);
        expect(await views.load(at, ['a'])).toEqual([expect.objectContaining(stored(item('a', 5n, { name: 'five' })))]);
        await views.save(at, [item('a', 6n, { name: 'six' })], 6n);
        expect(await views.load(at, ['a'])).toEqual([expect.objectContaining(stored(item('a', 6n, { name: 'six' })))]);
      });

      it('replaces its fields with it, and none of an older save', async () => {
        const { views, view, at } = await building();
        await views.save(at, [item('a', 5n, { name: 'new' })], 5n);
        await views.save(at, [item('a', 4n, { name: 'old' })], 5n);
        await views.promote(at);
        const named = (name: string) => views.count(view.name, [{ field: 'name', is: 'eq', value: name }]);
        expect([await named('new'), await named('old')]).toEqual([1, 0]);
        await views.save(at, [item('a', 6n, { name: 'newer' })], 6n);
        expect([await named('new'), await named('newer')]).toEqual([0, 1]);
      });

      it('judges each document of a batch for itself', async () => {
        const { views, at } = await building();
        await views.save(at, [item('a', 5n), item('b', 2n)], 5n);
        await views.save(at, [item('a', 3n), item('b', 4n), item('c', 1n)], 5n);
        expect((await listed(views, at)).map(({ id, position }) => [id, position])).toEqual([
          ['a', 5n],
          ['b', 4n],
          ['c', 1n],
        ]);
      });

      it('never moves the checkpoint back', async () => {
        const { views, view, at } = await building();
        const checkpoint = async () => (await views.open(view, at.version, EVENTS)).checkpoint;
        await views.save(at, [], 9n);
        await views.save(at, [item('a', 12n)], 4n);
        expect(await checkpoint()).toBe(9n);
        await views.save(at, [], 12n);
        expect(await checkpoint()).toBe(12n);
      });

      it('keeps JSON byte for byte', async () => {
        const { views, at } = await building();
        const json = '{"b":1,"a":"Ü 信号 🚀 \\u0000","n":1.50,"nested":{"z":null,"y":[]}}';
        await views.save(at, [{ ...item('a', 1n), json }], 1n);
        expect((await views.load(at, ['a']))[0]?.json).toBe(json);
      });

      it('loads those asked for that are there', async () => {
        const { views, at } = await building();
        await views.save(
          at,
          ['a', 'b', 'c'].map((id) => item(id, 1n)),
          1n,
        );
        expect((await views.load(at, ['c', 'missing', 'a'])).map(({ id }) => id).toSorted()).toEqual(['a', 'c']);
        expect(await views.load(at, [])).toEqual([]);
      });
    });

    it('lists all documents of a version in order of id', async () => {
      const { views, at } = await building();
      const ids = Array.from({ length: 250 }, (_, n) => ((n * 7_919) % 250).toString(16).padStart(4, '0'));
      await views.save(
        at,
        ids.map((id, n) => item(id, BigInt(n + 1))),
        250n,
      );
      expect((await listed(views, at)).map(({ id }) => id)).toEqual(ids.toSorted());
    });

    it('parks streams for one version, once each, in order, until they are freed', async () => {
      const { views, view, at } = await building();
      const other = { view: view.name, version: '1.2' };
      await views.open(view, other.version, EVENTS);
      await views.park(at, { stream: 'item-b', position: 4n, reason: 'first' });
      await views.park(at, { stream: 'item-a', position: 5n, reason: 'second' });
      await views.park(at, { stream: 'item-b', position: 6n, reason: 'again' });
      expect(await views.parked(at)).toEqual([
        { stream: 'item-a', position: 5n, reason: 'second' },
        { stream: 'item-b', position: 6n, reason: 'again' },
      ]);
      expect(await views.parked(other)).toEqual([]);
      await views.unpark(at, 'item-b');
      await views.unpark(at, 'item-b');
      expect((await views.parked(at)).map(({ stream }) => stream)).toEqual(['item-a']);
    });

    it('shows one handle what another has saved, promoted and parked', async () => {
      if (opened.another === undefined) return;
      const { views, view, at } = await building();
      const other = await opened.another();
      try {
        await views.save(at, [item('a', 1n)], 1n);
        await views.promote(at);
        await other.save(at, [item('a', 3n), item('b', 2n)], 3n);
        await views.save(at, [item('a', 2n)], 2n);
        await other.park(at, { stream: 'item-c', position: 3n, reason: 'why' });
        expect((await views.live(view.name))?.checkpoint).toBe(3n);
        expect((await listed(views, at)).map(({ id, position }) => [id, position])).toEqual([
          ['a', 3n],
          ['b', 2n],
        ]);
        expect(await views.parked(at)).toHaveLength(1);
      } finally {
        await other.close();
      }
    });

    testQueries(() => opened.views);

    it('keeps everything when it is closed and opened again', async () => {
      if (opened.reopen === undefined) return;
      const { view, at } = await building();
      await opened.views.save(at, [item('a', 1n)], 4n);
      await opened.views.promote(at);
      opened = { ...opened, views: await opened.reopen() };
      expect(await opened.views.live(view.name)).toEqual({ version: '1.1', checkpoint: 4n, eventStoreId: EVENTS });
      expect(await listed(opened.views, at)).toEqual([stored(item('a', 1n))]);
    });

    it('says that it answers', async () => {
      await expect(opened.views.ready()).resolves.toBeUndefined();
    });
  });
}
