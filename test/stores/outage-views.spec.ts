/** The real server while its MongoDB is away for a while, and after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SPOT } from '../support/anny.ts';
import { type Callers, createCallers, type Dialect } from '../support/callers.ts';
import type { Answer } from '../support/client.ts';
import { LEAST } from '../support/nextprod.ts';
import { eventually } from '../support/prices.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type FolderStores, noOutageOfViews, openEventsOf, storesOf } from '../support/stores.ts';
import { OPEN } from '../support/traderz.ts';

/** Lists of each dialect, and its form of an answer that can't be given now. */
const LISTS: Readonly<Record<Dialect, { path: string; away: unknown }>> = {
  anny: {
    path: '/v1/signal?limit=100',
    away: { result: { type: 'CRITICAL' }, payload: { result: 'failed', message: expect.any(String) } },
  },
  nextprod: {
    path: '/api/v1/signals?limit=100',
    away: { error: { code: 'service_unavailable', message: expect.any(String) } },
  },
  traderz: {
    path: '/v1/signals?limit=100',
    away: { error: 'service_unavailable', message: expect.any(String) },
  },
};
const DIALECTS = Object.keys(LISTS) as Dialect[];

const missing = await noOutageOfViews();
if (missing !== null) {
  it.skip(`a server whose MongoDB is away (${missing})`, () => undefined);
} else {
  describe('while MongoDB is away', () => {
    let callers: Callers;
    let stores: FolderStores;
    let server: TestServer;
    let outage: NonNullable<NonNullable<FolderStores['documents']>['outage']>;

    beforeAll(async () => {
      callers = await createCallers('esdb+mongodb');
      stores = await storesOf(callers.dataDir);
      outage = stores.documents!.outage!;
      server = await startServer(callers.dataDir);
    }, 120_000);

    afterAll(async () => {
      await server.stop();
      await callers.remove();
    }, 60_000);

    const headers = (dialect: Dialect) => callers.keys[dialect].own.headers;
    const list = (dialect: Dialect): Promise<Answer> =>
      server.call('GET', LISTS[dialect].path, { headers: headers(dialect) });
    const ready = (): Promise<Answer> => server.call('GET', '/health/ready');
    const writeAnny = () => server.call('POST', '/v2/signal', { body: SPOT, headers: headers('anny') });
    const writeTraderz = () => server.call('POST', '/v1/signals', { body: OPEN, headers: headers('traderz') });
    const writeNextprod = () => server.call('POST', '/api/v1/signals', { body: LEAST, headers: headers('nextprod') });

    async function stored(): Promise<number> {
      const events = await openEventsOf(callers.dataDir);
      const { events: all } = await events.readAll(0n, 10_000, 'signal-');
      await events.close();
      return all.length;
    }

    it('writes go on, reads are a 503 in the dialect’s form, health says it, and the views catch up afterwards', async () => {
      expect([(await writeAnny()).status, (await writeTraderz()).status, (await writeNextprod()).status]).toEqual([
        200, 201, 201,
      ]);
      for (const dialect of DIALECTS)
        await eventually(`the list of ${dialect}`, async () => {
          const { status, headers: told } = await list(dialect);
          return status === 200 && told['x-stale'] === undefined ? true : null;
        });
      const before = await stored();

      await outage.begin();
      const written: string[] = [];
      for (let n = 0; n < 5; n += 1) {
        const [anny, traderz] = [await writeAnny(), await writeTraderz()];
        expect([anny.status, traderz.status]).toEqual([200, 201]);
        written.unshift(anny.body.payload.parent_signal_id);
      }
      // What a key may still send is counted in MongoDB: with nobody to count, NextProd's writes are refused, not let through.
      const uncounted = await writeNextprod();
      expect({ status: uncounted.status, body: uncounted.body }).toEqual({ status: 503, body: LISTS.nextprod.away });
      for (const dialect of DIALECTS) {
        const answer = await list(dialect);
        expect({ dialect, status: answer.status, body: answer.body }).toEqual({
          dialect,
          status: 503,
          body: LISTS[dialect].away,
        });
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      }
      // A signal is shown as its document and the events since; its history is events alone.
      const one = `/v1/signal/${written[0]}`;
      expect((await server.call('GET', one, { headers: headers('anny') })).status).toBe(503);
      const history = await server.call('GET', `${one}/history`, { headers: headers('anny') });
      expect({ status: history.status, events: history.body.payload.events?.length }).toEqual({
        status: 200,
        events: 1,
      });
      const close = { body: { ...OPEN, side: 'close' }, headers: headers('traderz') };
      const unclosed = await server.call('POST', '/v1/signals', close);
      expect({ status: unclosed.status, body: unclosed.body }).toEqual({ status: 503, body: LISTS.traderz.away });
      const told = await ready();
      expect(told.body).toMatchObject({ checks: { events: 'ok' }, store: { views: 'mongodb' } });
      expect(told.body.checks.views).not.toBe('ok');
      expect(told.body.lag.signals.events).toBeNull();
      // An update of a signal needs no view either.
      const path = `/v1/signal/${written[0]}/updateprice`;
      const update = { body: { stop_loss: '63000' }, headers: headers('anny') };
      expect((await server.call('PUT', path, update)).status).toBe(200);
      expect(await stored()).toBe(before + 11);

      await outage.end();
      await eventually('the server to be ready', async () => ((await ready()).status === 200 ? true : null));
      const seen = await eventually('the lists to catch up', async () => {
        const { status, headers: now, body } = await list('anny');
        return status === 200 && now['x-stale'] === undefined && body.payload.signals.length > 5 ? body : null;
      });
      const [first, ...rest] = seen.payload.signals;
      expect([first, ...rest].map((signal) => signal.parent_signal_id).slice(0, 5)).toEqual(written);
      expect(first.stop_loss).toBe('63000');
      await eventually('a write of NextProd', async () => ((await writeNextprod()).status === 201 ? true : null));
      await eventually('no lag', async () => ((await ready()).body.lag.signals.events === 0 ? true : null));
    }, 180_000);

    it('a server starts, and takes writes', async () => {
      await outage.begin();
      const other = await startServer(callers.dataDir);
      const sending = { body: SPOT, headers: headers('anny') };
      const { status, body } = await other.call('POST', '/v2/signal', sending);
      expect(status).toBe(200);
      await sleep(100);
      await outage.end();
      const id: string = body.payload.parent_signal_id;
      await eventually('the signal in the list', async () => {
        const { status: listed, body: page } = await other.call('GET', '/v1/signal?limit=1', sending);
        return listed === 200 && page.payload.signals[0].parent_signal_id === id ? true : null;
      });
      await other.stop();
    }, 180_000);
  });
}
