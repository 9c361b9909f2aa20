/** A process that is cut off from MongoDB in the middle of what it writes, and what the next one makes of that. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { type Document, MongoClient } from 'mongodb';
import {
  buildView,
  type EventStore,
  runProcessor,
  StoreUnavailable,
  type View,
  type ViewStore,
  waitForPosition,
} from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { accountsView } from '../../libs/sourcing/src/testing/account.ts';
import { deposits, happen } from '../../libs/sourcing/src/testing/account-history.ts';
import { movementsView } from '../../libs/sourcing/src/testing/account-parts.ts';
import { contents, liveContents } from '../../libs/sourcing/src/testing/faulty-view-store.ts';
import { freshName } from '../../libs/sourcing/src/testing/sample-events.ts';
import { openMongoViewStore } from '../../libs/stores/src/mongodb/view-store.ts';
import { startDocumentProxy } from '../support/document-proxy.ts';
import { startDocumentServer } from '../support/document-server.ts';

/** Their documents take two commands, for a server is sent 64 in one. */
const ACCOUNTS = 70;

const server = await startDocumentServer();
if (typeof server === 'string') {
  it.skip(`saves on MongoDB that are cut off (${server})`, () => undefined);
} else if (server.outage === undefined) {
  it.skip('saves on MongoDB that are cut off (nothing is put before the one that TEST_MONGODB_URL names)', () =>
    undefined);
} else {
  const { url, stop } = server;

  /** Does something on a store whose connections end at the first command that may not pass. */
  async function cutOff(passes: (command: Document) => boolean, work: (views: ViewStore) => Promise<unknown>) {
    const { port, host } = new URL(url);
    const proxy = await startDocumentProxy(Number(port), { passes });
    const views = await openMongoViewStore(`${url.replace(host, proxy.address)}?serverSelectionTimeoutMS=500`);
    await work(views);
    await views.close();
    expect(proxy.isCut()).toBe(true);
    await proxy.close();
  }

  /** Follows a view for as long as no more than so many writes pass. */
  async function followCutOff(view: View, events: EventStore, writes: number): Promise<void> {
    let sent = 0;
    const passes = (command: Document): boolean => !('update' in command) || (sent += 1) <= writes;
    const ended = new AbortController();
    const end = (): void => ended.abort();
    const options = { signal: ended.signal, batchSize: 10_000, onError: end, onProgress: end };
    await cutOff(passes, (views) => runProcessor(view, events, views, options));
  }

  /** How many documents of the live version came after a position. */
  async function newerThan(position: bigint, views: ViewStore, view: string): Promise<number> {
    const { documents } = await liveContents(views, view);
    return documents.filter((document) => document.position > position).length;
  }

  describe('what is cut off from MongoDB', () => {
    afterAll(stop);

    it.each([
      ['its first documents', accountsView, 1, 64],
      ['all of them', accountsView, 2, 70],
      ['its first parts', movementsView, 1, 64],
      ['all of them, not how far their streams are folded', movementsView, 3, 70],
      ['all of them, with how far some of their streams are folded', movementsView, 4, 134],
      ['all of them, with how far their streams are folded', movementsView, 5, 140],
    ] as readonly (readonly [string, View, number, number])[])(
      'in a save, after %s (%#), is behind in its checkpoint, and the next start comes to a clean build',
      async (_told, form, writes, newer) => {
        const events = createMemoryEventStore();
        const view = { ...form, name: freshName(form.name) };
        const views = await openMongoViewStore(url);
        await happen(events, deposits(ACCOUNTS, 1));
        await buildView(view, events, views);
        const before = (await views.live(view.name))!.checkpoint;
        const head = await happen(events, deposits(ACCOUNTS, 1));

        await followCutOff(view, events, writes);
        expect((await views.live(view.name))!.checkpoint).toBe(before);
        expect(await newerThan(before, views, view.name)).toBe(newer);

        const stopped = new AbortController();
        const running = runProcessor(view, events, views, { signal: stopped.signal });
        expect(await waitForPosition(views, view.name, head, 60_000)).toBe(true);
        stopped.abort();
        await running;
        const clean = createMemoryViewStore();
        const built = (await buildView(view, events, clean))!;
        expect(await liveContents(views, view.name)).toEqual(await contents(clean, built));
        await views.close();
      },
      60_000,
    );

    it('in the opening of a version, before its indexes, has them at the next start', async () => {
      const events = createMemoryEventStore();
      const view = { ...accountsView, name: freshName('accounts') };
      const passes = ({ createIndexes }: Document): boolean => !String(createIndexes).startsWith('view_');
      await cutOff(passes, (views) => expect(buildView(view, events, views)).rejects.toThrow(StoreUnavailable));
      const views = await openMongoViewStore(url);
      expect([await views.live(view.name), await views.versions(view.name)]).toEqual([null, ['1.1']]);
      expect(await buildView(view, events, views)).toEqual({ view: view.name, version: '1.1' });
      await views.close();

      const client = new MongoClient(url);
      const collections = await client.db().listCollections({}, { nameOnly: true }).toArray();
      const [collection, ...others] = collections.filter(({ name }) => name.startsWith(`view_${view.name}@`));
      const indexes = await client.db().collection(collection!.name).indexes();
      await client.close();
      expect(others).toEqual([]);
      const declared = view.indexes.map((fields) => fields.join('-'));
      expect(new Set(indexes.map(({ name }) => name))).toEqual(new Set(['_id_', ...declared]));
    });
  });
}
