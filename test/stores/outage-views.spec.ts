/** The real server while its MongoDB is away for a while, and after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SPOT } from '../support/anny.ts';
import { type Callers, createCallers, type Dialect } from '../support/callers.ts';
import type { Answer } from '../support/client.ts';
import {
  BASE,
  errorOf,
  LIMIT_BUY,
  register,
  registerLive,
  SANDBOX,
  send,
  sendSigned,
  signed,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
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

    /** However the work ends, the server is there for the next test. */
    async function whileAway<Result>(work: () => Promise<Result>): Promise<Result> {
      await outage.begin();
      try {
        return await work();
      } finally {
        await outage.end();
      }
    }

    async function stored(): Promise<number> {
      const events = await openEventsOf(callers.dataDir);
      const { events: all } = await events.readAll(0n, 10_000, 'signal-');
      await events.close();
      return all.length;
    }

    it('writes go on, lists are a 503 in the dialect’s form, health says it, and the views catch up afterwards', async () => {
      expect([(await writeAnny()).status, (await writeTraderz()).status, (await writeNextprod()).status]).toEqual([
        200, 201, 201,
      ]);
      for (const dialect of DIALECTS)
        await eventually(`the list of ${dialect}`, async () => {
          const { status, headers: told } = await list(dialect);
          return status === 200 && told['x-stale'] === undefined ? true : null;
        });
      const before = await stored();
      const written: string[] = [];

      await whileAway(async () => {
        for (let n = 0; n < 5; n += 1) {
          const [anny, traderz, nextprod] = [await writeAnny(), await writeTraderz(), await writeNextprod()];
          expect([anny.status, traderz.status, nextprod.status]).toEqual([200, 201, 201]);
          written.unshift(anny.body.payload.parent_signal_id);
        }
        for (const dialect of DIALECTS) {
          const answer = await list(dialect);
          expect({ dialect, status: answer.status, body: answer.body }).toEqual({
            dialect,
            status: 503,
            body: LISTS[dialect].away,
          });
          expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
        }
        const told = await ready();
        expect({ status: told.status, body: told.body }).toMatchObject({
          status: 200,
          body: { status: 'ready', checks: { events: 'ok' }, store: { views: 'mongodb' } },
        });
        expect(told.body.checks.views).not.toBe('ok');
        expect(told.body.lag.signals.events).toBeNull();
        // An update of a signal needs no view either.
        const path = `/v1/signal/${written[0]}/updateprice`;
        const update = { body: { stop_loss: '63000' }, headers: headers('anny') };
        expect((await server.call('PUT', path, update)).status).toBe(200);
        expect(await stored()).toBe(before + 16);
      });
      await eventually('the views to be there', async () => ((await ready()).body.checks.views === 'ok' ? true : null));
      const seen = await eventually('the lists to catch up', async () => {
        const { status, headers: now, body } = await list('anny');
        return status === 200 && now['x-stale'] === undefined && body.payload.signals.length > 5 ? body : null;
      });
      const [first, ...rest] = seen.payload.signals;
      expect([first, ...rest].map((signal) => signal.parent_signal_id).slice(0, 5)).toEqual(written);
      expect(first.stop_loss).toBe('63000');
      await eventually('no lag', async () => ((await ready()).body.lag.signals.events === 0 ? true : null));
    }, 180_000);

    it('a single signal is shown from its events, also one that changed meanwhile', async () => {
      const [anny, traderz, nextprod] = [await writeAnny(), await writeTraderz(), await writeNextprod()];
      const id: string = anny.body.payload.parent_signal_id;
      const paths: Readonly<Record<Dialect, string>> = {
        anny: `/v1/signal/${id}`,
        traderz: `/v1/signals/${traderz.body.id}`,
        nextprod: `/api/v1/signals/${nextprod.body.signal_id}`,
      };
      const shown = (dialect: Dialect): Promise<Answer> =>
        server.call('GET', paths[dialect], { headers: headers(dialect) });
      await eventually('the signals in the view', async () =>
        (await ready()).body.lag.signals.events === 0 ? true : null,
      );
      const before = new Map<Dialect, Answer>();
      for (const dialect of DIALECTS) before.set(dialect, await shown(dialect));

      await whileAway(async () => {
        for (const dialect of DIALECTS) {
          const { status, body, headers: now } = await shown(dialect);
          expect({ dialect, status, body }).toEqual({ dialect, status: 200, body: before.get(dialect)!.body });
          // Whether an open signal was closed is told by the view alone.
          expect(now['x-stale']).toBe(dialect === 'traderz' ? 'true' : undefined);
        }
        const update = { body: { stop_loss: '61000' }, headers: headers('anny') };
        expect((await server.call('PUT', `${paths.anny}/updateprice`, update)).status).toBe(200);
        expect((await shown('anny')).body.payload).toMatchObject({ stop_loss: '61000' });
        const history = await server.call('GET', `${paths.anny}/history`, { headers: headers('anny') });
        expect({ status: history.status, events: history.body.payload.events?.length }).toEqual({
          status: 200,
          events: 2,
        });
        const foreign = { headers: callers.keys.anny.other.headers };
        const unknown = await server.call('GET', `/v1/signal/${'0'.repeat(32)}`, foreign);
        expect(await server.call('GET', paths.anny, foreign)).toMatchObject({
          status: unknown.status,
          body: unknown.body,
        });
      });
    }, 180_000);

    it('each process counts the limit of NextProd from where it was, and what it counted is taken from the shared one', async () => {
      const limit = { NEXTPROD_RATE_LIMIT: '12' };
      const [one, other] = [await startServer(callers.dataDir, limit), await startServer(callers.dataDir, limit)];
      const key = await callers.issue('nextprod', callers.channels.own);
      const told = ({ status, headers: { 'x-ratelimit-remaining': rest } }: Answer): string =>
        `${status} ${String(rest)}`;
      const write = async (at: TestServer): Promise<string> =>
        told(await at.call('POST', '/api/v1/signals', { body: LEAST, headers: key.headers }));
      const me = async (at: TestServer): Promise<string> =>
        told(await at.call('GET', '/api/v1/me', { headers: key.headers }));
      for (const at of [one, other])
        await eventually('the key', async () => ((await me(at)) === '200 12' ? true : null));
      expect([await write(one), await write(other), await write(one)]).toEqual(['201 11', '201 10', '201 9']);

      await whileAway(async () => {
        // `other` has not heard of the last one.
        expect([await write(one), await write(other)]).toEqual(['201 8', '201 9']);
        expect([await write(one), await write(one), await write(other)]).toEqual(['201 7', '201 6', '201 8']);
      });
      for (const at of [one, other])
        await eventually('the rest of both', async () => ((await me(at)) === '200 4' ? true : null));
      expect([await write(one), await write(other), await me(one)]).toEqual(['201 3', '201 2', '200 2']);

      await whileAway(async () => {
        for (const rest of [1, 0]) expect(await write(one)).toBe(`201 ${rest}`);
        expect(await write(one)).toBe('429 0');
      });
      await eventually('nothing left', async () => ((await me(other)) === '200 0' ? true : null));
      expect(await write(other)).toBe('429 0');
      const alone = one.log.filter(({ msg }) => msg === 'rate limits are counted by this process alone');
      expect(alone).toHaveLength(2);
      await Promise.all([one.stop(), other.stop()]);
    }, 180_000);

    it('a close of Traderz is a 503 to be repeated, and the repeat closes once', async () => {
      const opened = await writeTraderz();
      const close = {
        body: { ...OPEN, side: 'close' },
        headers: { ...headers('traderz'), 'idempotency-key': 'close' },
      };
      const before = await stored();
      await whileAway(async () => {
        for (let n = 0; n < 2; n += 1) {
          const { status, body, headers: told } = await server.call('POST', '/v1/signals', close);
          expect({ status, body }).toEqual({ status: 503, body: LISTS.traderz.away });
          expect(Number(told['retry-after'])).toBeGreaterThan(0);
        }
        expect(await stored()).toBe(before);
      });
      const closed = await eventually('the close', async () => {
        const answer = await server.call('POST', '/v1/signals', close);
        return answer.status === 503 ? null : answer;
      });
      const again = await server.call('POST', '/v1/signals', close);
      expect([closed.status, again.status, again.body]).toEqual([201, 201, closed.body]);
      expect(await stored()).toBe(before + 1);
      const { body } = await server.call('GET', `/v1/signals/${opened.body.id}`, { headers: headers('traderz') });
      expect(body.closed_by_signal_id).toBe(closed.body.id);
    }, 180_000);

    it('agents are told to come again: their rates and signatures can’t be counted; nothing is stored, and nothing lost', async () => {
      const other = await startServer(callers.dataDir, { ...WITH_PRICES, LIVE_BROKER: 'paper' });
      await untilPriced(other);
      const [sandbox, live] = [await register(other), await registerLive(other, callers.dataDir)];
      const raw = JSON.stringify(LIMIT_BUY);
      const headers = signed(live, 'POST', '/orders', raw);
      const placeAgain = (): Promise<Answer> => other.call('POST', `${BASE}/orders`, { raw, headers });
      const placed = [await send(other, sandbox, 'POST', '/orders', { body: LIMIT_BUY }), await placeAgain()];
      expect(placed.map(({ status }) => status)).toEqual([201, 201]);
      const own = `/orders/${placed[0]!.body.order.orderId}`;
      const stored = async (): Promise<readonly string[]> => {
        const events = await openEventsOf(callers.dataDir);
        const { events: all } = await events.readAll(0n, 10_000, 'account-');
        await events.close();
        // A day begins by itself.
        return all.map(({ id, type }) => `${id} ${type}`).filter((one) => !one.endsWith('DayStarted'));
      };
      const before = await stored();

      await whileAway(async () => {
        const answers = [
          await other.call('POST', `${BASE}/register`, { body: SANDBOX }),
          await send(other, sandbox, 'POST', '/orders', { body: LIMIT_BUY }),
          await send(other, sandbox, 'DELETE', own),
          await send(other, sandbox, 'POST', '/pause', { body: { reason: 'away' } }),
          ...(await Promise.all(
            ['/market', '/portfolio', '/orders', own].map((path) => send(other, sandbox, 'GET', path)),
          )),
          await sendSigned(other, live, 'GET', '/orders'),
          await sendSigned(other, live, 'POST', '/orders', LIMIT_BUY),
          // Used up before: it is not let in because nobody can tell.
          await placeAgain(),
        ];
        for (const answer of answers) {
          expect(errorOf(answer)).toBe('503 service_unavailable');
          expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
        }
        // Who has no key is told so.
        expect(errorOf(await other.call('GET', `${BASE}/market`))).toBe('401 invalid_key');
        expect(await stored()).toEqual(before);
      });
      await eventually('the agent to be let in', async () => {
        const { status } = await send(other, sandbox, 'DELETE', own);
        return status === 503 ? null : status;
      });
      expect((await send(other, sandbox, 'GET', own)).body.order.status).toBe('cancelled');
      expect(errorOf(await placeAgain())).toBe('401 replayed_signature');
      expect((await sendSigned(other, live, 'POST', '/orders', LIMIT_BUY)).status).toBe(201);
      await eventually('both orders in the list', async () => {
        const { body } = await sendSigned(other, live, 'GET', '/orders');
        return body.data?.length === 2 ? true : null;
      });
      expect((await stored()).length).toBe(before.length + 3);
      await other.stop();
    }, 180_000);

    it('a process without requests is not ready', async () => {
      const other = await startServer(callers.dataDir, { ROLES: 'projector' });
      const state = async (): Promise<Answer> => other.call('GET', '/health/ready');
      await eventually('it to be ready', async () => ((await state()).status === 200 ? true : null));
      await whileAway(async () => {
        await eventually('it to notice', async () => ((await state()).status === 503 ? true : null));
      });
      await eventually('it to be ready again', async () => ((await state()).status === 200 ? true : null));
      await other.stop();
    }, 180_000);

    it('a server starts, and takes writes', async () => {
      const sending = { body: SPOT, headers: headers('anny') };
      const { other, body } = await whileAway(async () => {
        const started = await startServer(callers.dataDir);
        const { status, body: answered } = await started.call('POST', '/v2/signal', sending);
        expect(status).toBe(200);
        await sleep(100);
        return { other: started, body: answered };
      });
      const id: string = body.payload.parent_signal_id;
      await eventually('the signal in the list', async () => {
        const { status: listed, body: page } = await other.call('GET', '/v1/signal?limit=1', sending);
        return listed === 200 && page.payload.signals[0].parent_signal_id === id ? true : null;
      });
      await other.stop();
    }, 180_000);
  });
}
