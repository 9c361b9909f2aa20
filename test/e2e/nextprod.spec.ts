/** NextProd beyond its single answers: batches, repeats, and what the dialects see of each other. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createServer, openStores } from '../../apps/server/src/server.module.ts';
import { readSettings } from '../../apps/server/src/settings.ts';
import {
  bearer,
  createNextprodWorld,
  get,
  LEAST,
  type NextprodWorld,
  post,
  postBatch,
  PRICED,
} from '../support/nextprod.ts';
import { settingsOn, startServer, temporaryFolder, type TestServer } from '../support/server.ts';

let world: NextprodWorld;
let server: TestServer;

beforeAll(async () => {
  world = await createNextprodWorld();
  server = await startServer(world.dataDir, { NEXTPROD_RATE_LIMIT: '1000000' });
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

/** How many the list tells of. A store may take longer for fifty writes than a list waits: then it says so. */
async function total(query = ''): Promise<number> {
  for (;;) {
    const { body, headers } = await get(server, world.keys.sandbox, `/api/v1/signals${query}`);
    if (headers['x-stale'] === undefined) return body.total;
  }
}

describe('a batch', () => {
  test('of 50 keeps its order, whatever fails', async () => {
    const before = await total();
    const signals = Array.from({ length: 50 }, (_, index) =>
      index % 5 === 3 ? { ...LEAST, market: `KXNONE-${index}` } : { ...LEAST, size: index + 1 },
    );
    const { status, body, headers } = await postBatch(server, world.keys.sandbox, signals);
    expect(status).toBe(200);
    expect(body.summary).toEqual({ registered: 40, failed: 10 });
    expect(body.results.map(({ index }: { index: number }) => index)).toEqual(signals.map((_, index) => index));
    expect(await total()).toBe(before + 40);
    const timestamps = new Set<string>();
    for (const [index, result] of body.results.entries()) {
      expect(result.status).toBe(index % 5 === 3 ? 'failed' : 'registered');
      if (result.status === 'failed') continue;
      timestamps.add(result.timestamp);
      const { body: signal } = await get(server, world.keys.sandbox, `/api/v1/signals/${result.signal_id}`);
      expect(signal).toMatchObject({ size: index + 1, timestamp: result.timestamp });
    }
    expect(timestamps.size).toBe(1);
    expect(headers['x-position']).toMatch(/^\d+$/);
  });

  test('with the same key twice in it registers the first', async () => {
    const twice = { ...LEAST, idempotency_key: 'twice-in-a-batch' };
    const { body } = await postBatch(server, world.keys.sandbox, [twice, LEAST, { ...twice, size: 1 }]);
    expect(body.results[2].error).toMatchObject({ code: 'duplicate_signal', signal_id: body.results[0].signal_id });
    expect(body.summary).toEqual({ registered: 2, failed: 1 });
  });

  test('repeated under an Idempotency-Key gives each first answer again', async () => {
    const signals = [LEAST, { ...LEAST, market: 'KXNOSUCH' }, { ...LEAST, size: 7 }];
    const send = () => postBatch(server, world.keys.sandbox, signals, { 'idempotency-key': 'batch-1' });
    const first = await send();
    const before = await total();
    const again = await Promise.all(Array.from({ length: 5 }, send));
    for (const { status, text } of again) expect({ status, text }).toEqual({ status: 200, text: first.text });
    expect(await total()).toBe(before);
    const changed = [{ ...LEAST, size: 1 }];
    const other = await postBatch(server, world.keys.sandbox, changed, { 'idempotency-key': 'batch-1' });
    expect(other.body.results[0].error).toMatchObject({ code: 'invalid_field', field: 'Idempotency-Key' });
    const shortened = await postBatch(server, world.keys.sandbox, [LEAST], { 'idempotency-key': 'batch-1' });
    expect(shortened.body.results[0].error).toMatchObject({ code: 'invalid_field', field: 'Idempotency-Key' });
    expect(await total()).toBe(before);
  });
});

describe('a repeat', () => {
  test('50 in parallel of one idempotency_key make one signal', async () => {
    const before = await total();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        post(server, world.keys.sandbox, { ...LEAST, size: (index % 3) + 1, idempotency_key: 'parallel-1' }),
      ),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    for (const { status, body } of answers) {
      if (status === 201) continue;
      expect({ status, ...body.error }).toMatchObject({
        status: 409,
        code: 'duplicate_signal',
        signal_id: made[0]!.body.signal_id,
      });
    }
    expect(await total()).toBe(before + 1);
  });

  test('50 in parallel of one Idempotency-Key make one signal and 50 equal answers', async () => {
    const before = await total();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(server, world.keys.sandbox, LEAST, { 'idempotency-key': 'parallel-2' })),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(201);
    expect(await total()).toBe(before + 1);
  });

  test('the header wins over the key in the body', async () => {
    const body = { ...LEAST, idempotency_key: 'both-body' };
    const first = await post(server, world.keys.sandbox, body, { 'idempotency-key': 'both-header' });
    const again = await post(server, world.keys.sandbox, body, { 'idempotency-key': 'both-header' });
    expect({ status: again.status, text: again.text }).toEqual({ status: 201, text: first.text });
    // The key in the body was not taken by that.
    expect((await post(server, world.keys.sandbox, body)).status).toBe(201);
    expect((await post(server, world.keys.sandbox, body)).status).toBe(409);
  });

  test('is one also when its strategy has been deactivated since', async () => {
    const channelId = world.channels.real;
    await world.directory.addStrategy(channelId, 'short-lived', 'kalshi');
    const body = { ...PRICED, strategy_id: 'short-lived', idempotency_key: 'short-lived-1' };
    let first = await post(server, world.keys.real, body);
    while (first.status === 404) first = await post(server, world.keys.real, body);
    const byHeader = await post(server, world.keys.real, body, { 'idempotency-key': 'short-lived-2' });
    await world.directory.change({
      type: 'SetStrategyActive',
      channelId,
      strategyId: 'short-lived',
      active: false,
    });
    const fresh = { ...body, idempotency_key: undefined };
    while ((await post(server, world.keys.real, fresh)).status !== 404);
    expect((await post(server, world.keys.real, body)).body.error).toMatchObject({
      code: 'duplicate_signal',
      signal_id: first.body.signal_id,
    });
    const again = await post(server, world.keys.real, body, { 'idempotency-key': 'short-lived-2' });
    expect({ status: again.status, text: again.text }).toEqual({ status: 201, text: byHeader.text });
    const profile = (await get(server, world.keys.real, '/api/v1/me')).body;
    expect(profile.strategies.map(({ strategy_id }: { strategy_id: string }) => strategy_id)).toEqual([
      'your_strategy_id',
      'anywhere',
    ]);
  });

  test('another channel may use the same key; a refused body keeps none', async () => {
    const own = await post(server, world.keys.sandbox, { ...LEAST, idempotency_key: 'shared' });
    const others = await post(server, world.keys.real, { ...PRICED, idempotency_key: 'shared' });
    expect([own.status, others.status]).toEqual([201, 201]);
    expect((await post(server, world.keys.sandbox, { ...LEAST, size: 0, idempotency_key: 'kept' })).status).toBe(400);
    expect((await post(server, world.keys.sandbox, { ...LEAST, idempotency_key: 'kept' })).status).toBe(201);
  });
});

describe('the dialects of one channel', () => {
  test('do not see or move what another made; dialect=all shows it', async () => {
    const { body: made } = await post(server, world.keys.sandbox, LEAST);
    const id = made.signal_id.replaceAll('-', '');
    const anny = (method: string, path: string, body?: unknown) =>
      server.call(method, path, { key: world.anny, ...(body !== undefined && { body }) });

    expect((await anny('GET', `/v1/signal/${id}`)).status).toBe(400);
    for (const [method, path, body] of [
      ['PUT', `/v1/signal/${id}/updateprice`, { parent_signal_id: id, stop_loss: '0.1' }],
      ['DELETE', `/v1/signal/${id}/cancel`, { parent_signal_id: id }],
      ['POST', `/v1/signal/${id}/call/dca`, { parent_signal_id: id, buy_price: '0.3', multiplier: 1 }],
    ] as const) {
      const { status, body: answer } = await anny(method, path, body);
      expect({ status, field: answer.payload.field }).toEqual({ status: 400, field: 'parent_signal_id' });
    }
    const list = await anny('GET', '/v1/signal?dialect=all&limit=1');
    expect(list.body.payload.signals[0]).toMatchObject({ parent_signal_id: id, dialect: 'nextprod', revision: 0 });
    expect((await anny('GET', '/v1/signal')).body.payload.signals).toEqual([]);

    const coin = {
      coin: 'BTC',
      trade_market: 'USDT',
      exchange: 'BINANCE',
      invest: 10,
      entry_price_max: '1',
      exit_price_1: '2',
    };
    const annyId = (await anny('POST', '/v2/signal', coin)).body.payload.parent_signal_id;
    const before = await total();
    expect((await get(server, world.keys.sandbox, `/api/v1/signals/${annyId}`)).body.error.code).toBe(
      'signal_not_found',
    );
    expect(await total()).toBe(before);
  });

  test('an auditor reads the signals of all channels', async () => {
    const { body } = await post(server, world.keys.real, PRICED);
    const found = await get(server, world.keys.auditor, `/api/v1/signals/${body.signal_id}`);
    expect({ status: found.status, id: found.body.signal_id }).toEqual({ status: 200, id: body.signal_id });
  });
});

describe('the list', () => {
  test('is newest first, in pages, with filters combined and a total of its own writes', async () => {
    const made: string[] = [];
    for (let size = 1; size <= 7; size += 1)
      made.unshift((await post(server, world.keys.sandbox, { ...LEAST, strategy_id: 'listed', size })).body.signal_id);
    const page = async (query: string) => {
      const { body } = await get(server, world.keys.sandbox, `/api/v1/signals?strategy_id=listed${query}`);
      return { ...body, signals: body.signals.map((one: { signal_id: string }) => one.signal_id) };
    };
    expect(await page('')).toEqual({ signals: made, total: 7, limit: 20, offset: 0 });
    expect(await page('&limit=3')).toEqual({ signals: made.slice(0, 3), total: 7, limit: 3, offset: 0 });
    expect(await page('&limit=3&offset=5&status=registered')).toEqual({
      signals: made.slice(5),
      total: 7,
      limit: 3,
      offset: 5,
    });
    expect(await page('&status=loss')).toEqual({ signals: [], total: 0, limit: 20, offset: 0 });
    const { body } = await get(server, world.keys.sandbox, '/api/v1/me');
    expect(body.strategies).toContainEqual({
      strategy_id: 'listed',
      name: 'listed',
      exchange: 'kalshi',
      signal_count: 7,
      subscriber_count: 0,
    });
  });
});

describe('MARKETS_FILE', () => {
  const market = { exchange: 'kalshi', market: 'KXMINE-1', name: 'Mine', yes_price: '0.2' };

  test('takes the place of the markets that ship', async () => {
    const folder = temporaryFolder();
    const file = join(folder.path, 'markets.json');
    writeFileSync(file, JSON.stringify([market]));
    const own = await startServer(world.dataDir, {
      MARKETS_FILE: file,
      ROLES: 'api',
      NEXTPROD_RATE_LIMIT: '1000000',
    });
    const byName = await post(own, world.keys.sandbox, { ...LEAST, market: 'Mine', direction: 'NO' });
    expect(byName.body).toMatchObject({ market_resolved: 'KXMINE-1', entry_price: 0.8 });
    expect((await post(own, world.keys.sandbox, LEAST)).body.error.code).toBe('market_not_found');
    await own.stop();
    folder.remove();
  });

  test('that cannot be used is told at the start, beside every other wrong setting', () => {
    const folder = temporaryFolder();
    const file = join(folder.path, 'markets.json');
    const read = (): unknown => readSettings({ MARKETS_FILE: file, NEXTPROD_RATE_LIMIT: '0' });
    expect(read).toThrow(/MARKETS_FILE=".*markets\.json": .*ENOENT/);
    writeFileSync(file, '[');
    expect(read).toThrow(/MARKETS_FILE=".*": .*JSON/);
    writeFileSync(file, JSON.stringify([market, { ...market, market: 'KXMINE-2', name: 'Two', yes_price: 1 }]));
    expect(read).toThrow(/MARKETS_FILE=".*": entry 1: yes_price must be a decimal strictly between 0 and 1/);
    expect(read).toThrow(/NEXTPROD_RATE_LIMIT="0"/);
    folder.remove();
  });
});

describe('when something is away', () => {
  test('the limit fails closed: 503, and nothing is stored', async () => {
    const own = await createNextprodWorld();
    const settings = await settingsOn(own.dataDir, { LOG_LEVEL: 'silent' });
    const stores = await openStores(settings);
    const away = async (): Promise<never> => Promise.reject(new Error('disk I/O error'));
    const coordination = { ...stores.coordination, take: away, peek: away };
    const { app, stop } = await createServer(settings, pino({ level: 'silent' }), { ...stores, coordination });
    const headers = { ...bearer(own.keys.sandbox), 'content-type': 'application/json' };
    const calls = [
      { method: 'POST', url: '/api/v1/signals', payload: LEAST },
      { method: 'POST', url: '/api/v1/signals/batch', payload: { signals: [LEAST] } },
      { method: 'POST', url: '/api/v1/signals/batch', payload: '{' },
      { method: 'GET', url: '/api/v1/me' },
    ] as const;
    for (const call of calls) {
      const answer = await app.inject({ ...call, headers });
      expect({ status: answer.statusCode, code: answer.json().error.code }).toEqual({
        status: 503,
        code: 'service_unavailable',
      });
      expect(answer.headers['retry-after']).toBe('1');
    }
    await stop();
    await own.remove();
  });
});
