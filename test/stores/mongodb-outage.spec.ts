/** A MongoDB server that is away for a while, and what is cleared away there. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { buildView, runProcessor, StoreUnavailable, waitForPosition } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { accountsView } from '../../libs/sourcing/src/testing/account.ts';
import { deposits, happen } from '../../libs/sourcing/src/testing/account-history.ts';
import { rejection } from '../../libs/sourcing/src/testing/event-store-appends.ts';
import { liveContents } from '../../libs/sourcing/src/testing/faulty-view-store.ts';
import { freshName } from '../../libs/sourcing/src/testing/sample-events.ts';
import { item } from '../../libs/sourcing/src/testing/sample-view.ts';
import { openMongoCoordination } from '../../libs/stores/src/mongodb/coordination.ts';
import { openDatabase } from '../../libs/stores/src/mongodb/database.ts';
import { createRolling } from '../../libs/stores/src/mongodb/rolling.ts';
import { openMongoViewStore } from '../../libs/stores/src/mongodb/view-store.ts';
import { startDocumentServer } from '../support/document-server.ts';

/** Passes connections on to a port; on those that are open, or that send a text, it stops answering when it is told to. */
async function startSilencer(port: string) {
  const open = new Set<Socket>();
  const silenced = new Set<Socket>();
  let mute: string | null = null;
  let fatal: string | null = null;
  const server = createServer((client) => {
    const behind = connect(Number(port), '127.0.0.1');
    for (const [from, to] of [
      [client, behind],
      [behind, client],
    ] as const) {
      open.add(from);
      from.on('data', (chunk: Buffer) => {
        if (mute !== null && chunk.includes(mute)) silenced.add(client);
        if (fatal !== null && chunk.includes(fatal)) client.destroy();
        if (!silenced.has(client)) to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
    clients.add(client);
  });
  const clients = new Set<Socket>();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => {
      for (const client of clients) silenced.add(client);
    },
    /** Answers no more where the first text is sent, and ends the connection where the second is. */
    listenFor: (muting: string | null, ending: string | null) => {
      mute = muting;
      fatal = ending;
    },
    isSilent: () => silenced.size > 0,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const RULE = { limit: 3, windowMs: 3_600_000 };

const server = await startDocumentServer();
if (typeof server === 'string') {
  it.skip(`a MongoDB server that is away (${server})`, () => undefined);
} else {
  const { url, outage } = server;
  afterAll(server.stop);

  /** Tries again while the server is away: connections of before are found dead one by one. */
  async function answer<Result>(call: () => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || tries === 50) throw error;
        await sleep(100);
      }
    }
  }

  if (outage === undefined) {
    it.skip('a MongoDB server that is away (the one that TEST_MONGODB_URL names is not ours to end)', () => undefined);
  } else {
    describe('a MongoDB server that is away', () => {
      it('makes every call fail as unavailable, and a projector go on where it was when it is back', async () => {
        const views = await openMongoViewStore(url);
        const coordination = await openMongoCoordination(url);
        const events = createMemoryEventStore();
        const view = { ...accountsView, name: freshName('accounts') };
        await happen(events, deposits(10, 2));
        await buildView(view, events, views);
        const live = (await views.live(view.name))!;
        const at = { view: view.name, version: live.version };
        await coordination.take('window', 2, RULE, 0);
        await coordination.keep('text', 'kept');

        const stop = new AbortController();
        const failures: unknown[] = [];
        const failed = Promise.withResolvers<void>();
        const running = runProcessor(view, events, views, {
          signal: stop.signal,
          batchSize: 4,
          onError: (error) => {
            failures.push(error);
            failed.resolve();
          },
        });
        await outage.begin();
        await happen(events, deposits(10, 3));
        await failed.promise;
        const calls = [
          () => views.save(at, [], 1n),
          () => views.save(at, [item('a', 1n)], 1n),
          () => views.get(view.name, 'n1'),
          () => views.ready(),
          () => coordination.take('window', 1, RULE, 0),
          () => coordination.lease('lease', 'holder', 1_000, 0),
          () => coordination.ready(),
        ];
        for (const error of await Promise.all(calls.map(async (call) => rejection(call()))))
          expect(error).toBeInstanceOf(StoreUnavailable);
        for (const error of failures) expect(error).toBeInstanceOf(StoreUnavailable);

        await outage.end();
        await answer(() => views.ready());
        expect(await answer(async () => waitForPosition(views, view.name, await events.head(), 60_000))).toBe(true);
        stop.abort();
        await running;
        const clean = createMemoryViewStore();
        await buildView(view, events, clean);
        expect(await liveContents(views, view.name)).toEqual(await liveContents(clean, view.name));
        expect(await answer(() => coordination.kept('text'))).toBe('kept');
        expect(await coordination.peek('window', RULE, 0)).toMatchObject({ remaining: 1 });
        await coordination.close();
        await views.close();
      }, 180_000);

      it('is looked for by one question: whoever calls meanwhile is refused at once', async () => {
        const coordination = await openMongoCoordination(url);
        await answer(() => coordination.ready());
        await outage.begin();
        let refused: unknown;
        do refused = await rejection(coordination.ready());
        while (!String(refused).includes('is looked for'));
        expect(refused).toBeInstanceOf(StoreUnavailable);
        // Before the next turn of the loop: nothing can have been asked of anybody.
        let later = false;
        setImmediate(() => (later = true));
        for (let n = 0; n < 50; n += 1)
          expect(await rejection(coordination.take('window', 1, RULE, 0))).toBeInstanceOf(StoreUnavailable);
        expect(later).toBe(false);
        await outage.end();
        await answer(() => coordination.ready());
        await coordination.close();
      }, 120_000);

      it('is given up with its connections when a call is never answered, and found again by others', async () => {
        const proxy = await startSilencer(new URL(url).port);
        const through = url.replace(/:\d+\//, `:${proxy.port}/`);
        // One connection, and a driver that waits for good: what is never answered keeps everything.
        const opened = openDatabase(`${through}?maxPoolSize=1&socketTimeoutMS=0&waitQueueTimeoutMS=200`, {
          callMs: 1_000,
        });
        const ping = (): Promise<unknown> => opened.call(() => opened.db.command({ ping: 1 }));
        await ping();
        proxy.silence();
        expect(String(await rejection(ping()))).toContain('did not answer within 1000 ms');
        await answer(ping);
        await opened.close();
        await proxy.close();
      }, 120_000);

      it('takes with it a call that is left without an answer, long before the longest call would be over', async () => {
        const proxy = await startSilencer(new URL(url).port);
        const through = url.replace(/:\d+\//, `:${proxy.port}/`);
        const opened = openDatabase(`${through}?socketTimeoutMS=0`, { shakenMs: 1_000 });
        const ping = (comment = ''): Promise<unknown> => opened.call(() => opened.db.command({ ping: 1, comment }));
        await ping();
        proxy.listenFor('never answered', 'cut off');
        const left = rejection(ping('never answered'));
        while (!proxy.isSilent()) await sleep(5);
        await rejection(ping('cut off'));
        expect(String(await left)).toContain('did not answer within 1000 ms');
        await answer(ping);
        await opened.close();
        await proxy.close();
      }, 50_000);

      it('is looked for again where the question whether it is there is left without an answer, too', async () => {
        const proxy = await startSilencer(new URL(url).port);
        const through = url.replace(/:\d+\//, `:${proxy.port}/`);
        const opened = openDatabase(`${through}?socketTimeoutMS=0`, { shakenMs: 500 });
        const hello = (comment = ''): Promise<unknown> => opened.call(() => opened.db.command({ hello: 1, comment }));
        await hello();
        // The question is a ping.
        proxy.listenFor('ping', 'cut off');
        const left = rejection(opened.call(() => opened.db.command({ ping: 1 })));
        while (!proxy.isSilent()) await sleep(5);
        await rejection(hello('cut off'));
        await left;
        await sleep(1_000);
        expect(await rejection(hello())).toBeInstanceOf(StoreUnavailable);
        proxy.listenFor(null, null);
        await answer(hello);
        await opened.close();
        await proxy.close();
      }, 50_000);

      it('keeps nobody from a rolling window for whose sake one was left without an answer', async () => {
        const proxy = await startSilencer(new URL(url).port);
        const through = url.replace(/:\d+\//, `:${proxy.port}/`);
        const opened = openDatabase(`${through}?socketTimeoutMS=0`);
        const rolling = createRolling(opened.db, 500);
        const name = freshName('rolling');
        const take = () => rolling.takeRolling(name, { limit: 5, windowMs: 60_000 }, Date.now());
        expect(await take()).toMatchObject({ allowed: true, remaining: 4 });
        proxy.listenFor(name, null);
        const first = rejection(take());
        // Comes while the first one is waited for.
        const second = take().catch(() => null);
        expect(await first).toBeInstanceOf(StoreUnavailable);
        proxy.listenFor(null, null);
        await second;
        expect(await take()).toMatchObject({ allowed: true });
        await opened.close();
        await proxy.close();
      }, 50_000);

      it('may come after the store was opened', async () => {
        await outage.begin();
        const views = await openMongoViewStore(url);
        expect(await rejection(views.live('any'))).toBeInstanceOf(StoreUnavailable);
        await outage.end();
        expect(await answer(() => views.live('any'))).toBeNull();
        await views.close();
      }, 120_000);
    });
  }

  describe('a MongoDB URL', () => {
    it('that can not be read is an error that tells no password', async () => {
      for (const wrong of ['mongodb://user:secret@', 'mongodb://user:secret@host:nine/db', 'http://user:secret@host/'])
        for (const open of [openMongoViewStore, openMongoCoordination]) {
          const error = String(await rejection(open(wrong)));
          expect(error).toMatch(/^Error: the URL of the MongoDB server can't be read: /);
          expect(error).not.toContain('secret');
        }
    });

    it('opened several times is closed when the last is closed', async () => {
      const [views, other] = [await openMongoViewStore(url), await openMongoViewStore(url)];
      await answer(() => views.ready());
      await views.close();
      await views.close();
      await answer(() => other.ready());
      await other.close();
      await expect(other.ready()).rejects.toThrow();
    });
  });

  describe('windows and leases that ended', () => {
    it('are cleared away while others are begun', async () => {
      const coordination = await openMongoCoordination(url);
      const noon = Date.UTC(2026, 3, 4, 12);
      const [old, recent] = [freshName('old'), freshName('recent')];
      for (let n = 0; n < 20; n += 1) {
        await answer(() => coordination.take(`${old} ${n}`, 1, RULE, noon + n));
        await coordination.lease(`${old} ${n}`, 'holder', 1_000, noon + n);
      }
      const later = noon + RULE.windowMs + 120_000;
      await coordination.take(recent, 1, RULE, later);
      await coordination.lease(recent, 'holder', 1_000, later);
      await coordination.close();
      const client = new MongoClient(url);
      for (const kind of ['windows', 'leases']) {
        const kept = await client.db().collection(`coordination_${kind}`).distinct('_id');
        expect(kept.map(String).filter((name) => name.startsWith(old) || name === recent)).toEqual([recent]);
      }
      await client.close();
    });
  });
}
