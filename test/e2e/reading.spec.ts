/** Reading: list, single signal, history; and that a caller sees its own writes. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { callsOn, create, expectRefused, LEAST_V1, SPOT } from '../support/anny.ts';
import type { AnnyKey } from '../support/directory.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

let world: World;
let server: TestServer;
let alpha: AnnyKey;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir);
  alpha = world.keys.alpha;
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

const get = (path: string, key: AnnyKey = alpha, headers = {}) => server.call('GET', path, { key, headers });

/** A page of the list. On a slow store it may be behind the caller's own writes for longer than it waits: then it says so. */
async function list(query: string, key: AnnyKey = alpha): Promise<{ ids: string[]; next: string | null }> {
  const { status, body, headers } = await get(`/v1/signal${query}`, key);
  if (headers['x-stale'] !== undefined) return list(query, key);
  expect(status).toBe(200);
  const { signals, next_cursor } = body.payload as { signals: { parent_signal_id: string }[]; next_cursor: string };
  return { ids: signals.map((signal) => signal.parent_signal_id), next: next_cursor };
}

/** A channel of its own, so that its list holds what the test made and nothing else. */
async function freshChannel(): Promise<AnnyKey> {
  const key = await world.directory.issueKey(await world.directory.addChannel(`c${Math.random()}`));
  while ((await get('/v1/signal?limit=1', key)).status === 403) await sleep(20);
  return key;
}

describe('the list', () => {
  test('newest first, filtered', async () => {
    const key = await freshChannel();
    const first = await create(server, key, SPOT);
    const short = await create(server, key, {
      ...LEAST_V1,
      type: 'short',
      buy_price_min: '4100',
      buy_price_max: '4200',
    });
    await sleep(5);
    const third = await create(server, key, { ...SPOT, coin: 'SOL' });
    expect(await list('', key)).toEqual({ ids: [third.id, short.id, first.id], next: null });
    expect((await list('?coin=SOL', key)).ids).toEqual([third.id]);
    expect((await list('?type=short', key)).ids).toEqual([short.id]);
    expect((await list('?type=long&coin=BTC', key)).ids).toEqual([first.id]);
    await server.call('DELETE', `/v1/signal/${first.id}/cancel`, { key, body: { parent_signal_id: first.id } });
    expect((await list('?status=cancelled', key)).ids).toEqual([first.id]);
    expect((await list('?status=registered', key)).ids).toEqual([third.id, short.id]);
    expect((await list('?status=win', key)).ids).toEqual([]);

    const { created_at: at } = (await get(`/v1/signal/${third.id}`, key)).body.payload;
    expect((await list(`?from=${at}`, key)).ids).toEqual([third.id]);
    expect((await list(`?from=${Date.parse(at)}`, key)).ids).toEqual([third.id]);
    expect((await list(`?to=${new Date(Date.parse(at) - 1).toISOString()}`, key)).ids).toEqual([short.id, first.id]);
    expect((await list(`?from=${encodeURIComponent(at.replace('Z', '+00:00'))}`, key)).ids).toEqual([third.id]);
    expect((await list('?to=2020-01-01', key)).ids).toEqual([]);
    expect((await list('?dialect=anny', key)).ids).toHaveLength(3);
    expect((await list('?dialect=all', key)).ids).toHaveLength(3);
    expect((await list('?dialect=traderz', key)).ids).toEqual([]);
  });

  test('pages without a gap or a repeat while others write', async () => {
    const key = await freshChannel();
    const made: string[] = [];
    for (let n = 0; n < 25; n += 1) made.push((await create(server, key)).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { ids: string[]; next: string | null } = await list(
        `?limit=4${cursor === null ? '' : `&cursor=${cursor}`}`,
        key,
      );
      seen.push(...page.ids);
      cursor = page.next;
      await create(server, key);
      await server.call('PUT', `/v1/signal/${made[3]}/updateprice`, { key, body: { stop_loss: `6${seen.length}000` } });
    } while (cursor !== null);
    expect(seen).toEqual(made.toReversed());
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=abc', 'cursor'],
    ['cursor=-1', 'cursor'],
    ['cursor=9999999999999999999', 'cursor'],
    ['status=open', 'status'],
    ['status=registered&status=win', 'status'],
    ['type=yes', 'type'],
    ['dialect=kalshi', 'dialect'],
    ['from=yesterday', 'from'],
    ['from=2026-13-01', 'from'],
    ['from=2026-02-30', 'from'],
    ['from=2026-04-04T25:00:00Z', 'from'],
    ['to=2026-04-04T19:12:07', 'to'],
    ['to=999999999999999', 'to'],
    ['coin=', 'coin'],
    ['coin=BTC&coin=ETH', 'coin'],
  ])('refuses ?%s', async (query, field) => {
    expectRefused(await get(`/v1/signal?${query}`), 400, 'INVALID_INPUT_CONTENT', field);
  });

  test('takes a limit of 500, and parameters it does not know', async () => {
    expect((await get('/v1/signal?limit=500&page=2')).status).toBe(200);
  });
});

describe('history', () => {
  test('every event in order, each with the state after it', async () => {
    const { id } = await create(server, alpha);
    for (const call of callsOn(id)) {
      expect((await server.call(call.method, call.path, { key: alpha, body: call.body })).status).toBe(200);
    }
    const { events } = (await get(`/v1/signal/${id}/history`)).body.payload;
    expect(events.map((event: { type: string }) => event.type)).toEqual([
      'SignalCreated',
      'TakeProfitAdded',
      'TrailingStopAdded',
      'RebuyAdded',
      'DcaAdded',
      'PricesUpdated',
      'Cancelled',
    ]);
    expect(events.map((event: { revision: number }) => event.revision)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(events.map((event: { state: { revision: number } }) => event.state.revision)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(events[4].state).toMatchObject({ exit_prices: ['70000', '75000'], stop_loss: '62000' });
    expect(events[5].state).toMatchObject({ exit_prices: ['73000', '75000'], stop_loss: '63000', cancelled_at: null });
    expect(events[6].state).toEqual((await get(`/v1/signal/${id}`)).body.payload);
    for (const event of events) {
      const { body } = await get(`/v1/signal/${id}/history?as_of=${event.revision}`);
      expect(body.payload).toEqual({ parent_signal_id: id, ...event });
    }
  });

  test('as of a time: the last event not later', async () => {
    const { id } = await create(server, alpha);
    await sleep(15);
    const update = { key: alpha, body: { stop_loss: '63000' } };
    expect((await server.call('PUT', `/v1/signal/${id}/updateprice`, update)).status).toBe(200);
    const [first, second] = (await get(`/v1/signal/${id}/history`)).body.payload.events;
    const asOf = (time: number) => get(`/v1/signal/${id}/history?as_of=${new Date(time).toISOString()}`);
    const at = Date.parse(first.time);
    const later = Date.parse(second.time);
    expect((await asOf(at)).body.payload).toEqual({ parent_signal_id: id, ...first });
    expect((await asOf(at + 5)).body.payload.revision).toBe(0);
    expect((await asOf(later - 1)).body.payload.revision).toBe(0);
    expect((await asOf(later)).body.payload.revision).toBe(1);
    expect((await asOf(later + 1_000_000_000)).body.payload.revision).toBe(1);
    expect((await get(`/v1/signal/${id}/history?as_of=${later}`)).body.payload.revision).toBe(1);
    expectRefused(await asOf(at - 1), 400, 'INVALID_INPUT_CONTENT', 'as_of');
    for (const wrong of ['2', '999999999', '-1', 'now', '', '1&as_of=0', '2026-02-30T00:00:00Z', '1e3']) {
      expectRefused(await get(`/v1/signal/${id}/history?as_of=${wrong}`), 400, 'INVALID_INPUT_CONTENT', 'as_of');
    }
  });
});

describe('own writes', () => {
  test('are seen at once in the single signal and in the list', async () => {
    const key = await freshChannel();
    for (let n = 1; n <= 30; n += 1) {
      const { id } = await create(server, key);
      expect((await get(`/v1/signal/${id}`, key)).body.payload.revision).toBe(0);
      await server.call('PUT', `/v1/signal/${id}/updateprice`, { key, body: { stop_loss: '63000' } });
      const { headers, body } = await get('/v1/signal?limit=1', key);
      expect(headers['x-stale']).toBeUndefined();
      expect(body.payload.signals[0]).toMatchObject({ parent_signal_id: id, revision: 1, stop_loss: '63000' });
    }
  });

  test('X-Wait-Position: of a write, it is waited for; of a write to come, the list is stale', async () => {
    const { id, position } = await create(server, alpha);
    const headers = { 'x-wait-position': position };
    const reader = await get('/v1/signal?limit=1', world.keys.auditor, headers);
    expect(reader.headers['x-stale']).toBeUndefined();
    expect(reader.body.payload.signals[0].parent_signal_id).toBe(id);
    const ahead = await get('/v1/signal?limit=1', alpha, { 'x-wait-position': '999999999' });
    expect({ status: ahead.status, stale: ahead.headers['x-stale'] }).toEqual({ status: 200, stale: 'true' });
    for (const wrong of ['abc', '-1', '1.5', '9'.repeat(19)]) {
      const answer = await get('/v1/signal', alpha, { 'x-wait-position': wrong });
      expectRefused(answer, 400, 'INVALID_INPUT_CONTENT', 'X-Wait-Position');
    }
  });

  test('without a projector the single signal is true and the list says that it is stale', async () => {
    const lone = await createWorld();
    const api = await startServer(lone.dataDir, { ROLES: 'api' });
    try {
      const key = lone.keys.alpha;
      const { id } = await create(api, key);
      const single = await api.call('GET', `/v1/signal/${id}`, { key });
      expect({ status: single.status, revision: single.body.payload.revision }).toEqual({ status: 200, revision: 0 });
      const page = await api.call('GET', '/v1/signal', { key });
      expect({ status: page.status, stale: page.headers['x-stale'] }).toEqual({ status: 200, stale: 'true' });
    } finally {
      await api.stop();
      await lone.remove();
    }
  });
});
