/** Track records over HTTP: whose they are, that a caller sees its own writes, and that no invented price is in a real one. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MarketEvent } from '#libs/signal';
import { create, SPOT } from '../support/anny.ts';
import type { Answer } from '../support/client.ts';
import type { AnnyKey } from '../support/directory.ts';
import { NO_MARKET, TestMarket } from '../support/market.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

let world: World;
let server: TestServer;
let market: TestMarket;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir, NO_MARKET);
  market = await TestMarket.open(world.dataDir);
});

afterAll(async () => {
  await market.close();
  await server.stop();
  await world.remove();
});

/** On a slow store it may be behind the caller's own writes for longer than it waits: then it says so. */
async function record(key: AnnyKey, query = '', headers = {}): Promise<Answer['body']> {
  const answer = await server.call('GET', `/v1/signal/record${query}`, { key, headers });
  if (answer.headers['x-stale'] !== undefined) return record(key, query, headers);
  expect(answer.status).toBe(200);
  return answer.body.payload;
}

async function freshChannel(sandbox = false): Promise<AnnyKey> {
  const key = await world.directory.issueKey(await world.directory.addChannel(`c${Math.random()}`, sandbox));
  while ((await server.call('GET', '/v1/signal?limit=1', { key })).status === 403) await sleep(20);
  return key;
}

function settled(profit: number, source: string): readonly MarketEvent[] {
  const step = { at: '2026-04-05T00:01:00.000Z', evidence: { decidedBy: 'tick', source, hash: 'h' } } as const;
  const result = profit > 0 ? 'win' : 'loss';
  const figures = { entryPrice: '66000', resultPct: String(profit), resultR: String(profit / 2) };
  return [
    { type: 'SignalMatched', data: { part: null, price: '66000', share: '100', stop: '62000', ...step } },
    { type: 'SignalSettled', data: { result, by: 'operator', price: '66000', share: '100', ...figures, ...step } },
  ];
}

describe('the record', () => {
  test('has each signal that was answered before, in exactly one count', async () => {
    const key = await freshChannel();
    for (let n = 1; n <= 20; n += 1) {
      await create(server, key);
      expect(await record(key)).toMatchObject({ signals: n, counts: { registered: n } });
    }
  });

  test('has the results, as its list has them', async () => {
    const key = await freshChannel();
    const { id } = await create(server, key);
    await create(server, key);
    const position = await market.did(id, settled(3, 'ccxt:binance'));
    const headers = { 'x-wait-position': String(position) };
    expect(await record(key, '', headers)).toMatchObject({
      signals: 2,
      counts: { registered: 1, win: 1 },
      win_rate: '1.00000000',
      total_r: '1.50000000',
      average_result_pct: '3.00000000',
      groups: [],
      by: null,
    });
    const { groups } = await record(key, '?by=month', headers);
    expect(groups).toMatchObject([{ key: new Date().toISOString().slice(0, 7), rest: false, record: { signals: 2 } }]);
    const list = await server.call('GET', '/v1/signal?status=win', { key });
    expect(list.body.payload.signals.map((one: { parent_signal_id: string }) => one.parent_signal_id)).toEqual([id]);
  });

  test('of a sandbox says so, and is in no real one: not in an auditor’s either', async () => {
    const real = await freshChannel();
    const sandbox = await freshChannel(true);
    const { id: won } = await create(server, real, { ...SPOT, coin: 'KIND' });
    const { id: lost } = await create(server, sandbox, { ...SPOT, coin: 'KIND' });
    await market.did(won, settled(3, 'ccxt:binance'));
    const position = await market.did(lost, settled(-2, 'simulated'));
    const headers = { 'x-wait-position': String(position) };
    const own = await record(sandbox, '?coin=KIND', headers);
    expect(own).toMatchObject({ simulated: true, counts: { win: 0, loss: 1 }, total_r: '-1.00000000' });
    expect(await record(real, '?coin=KIND', headers)).not.toHaveProperty('simulated');
    const { auditor } = world.keys;
    const ofReal = await record(auditor, '?coin=KIND', headers);
    expect(ofReal).toMatchObject({ signals: 2, apart: { simulated: 1, real: 0 }, total_r: '1.50000000' });
    expect(ofReal).not.toHaveProperty('simulated');
    const ofSimulated = await record(auditor, '?coin=KIND&simulated=true', headers);
    expect(ofSimulated).toMatchObject({ simulated: true, apart: { simulated: 0, real: 1 }, total_r: '-1.00000000' });
  });

  test('an invented price never becomes part of a real one, whoever made the signal', async () => {
    const key = await freshChannel();
    const { id } = await create(server, key);
    const position = await market.did(id, settled(3, 'simulated'));
    const found = await record(key, '', { 'x-wait-position': String(position) });
    expect(found).toMatchObject({ signals: 1, counts: { win: 0 }, apart: { simulated: 1 }, total_r: '0.00000000' });
    const { settlement } = (await server.call('GET', `/v1/signal/${id}`, { key })).body.payload;
    expect(settlement).toMatchObject({ result: 'win', simulated: true });
  });

  test('a write to come is waited for in vain: it is stale', async () => {
    const answer = await server.call('GET', '/v1/signal/record', {
      key: world.keys.alpha,
      headers: { 'x-wait-position': '999999999' },
    });
    expect({ status: answer.status, stale: answer.headers['x-stale'] }).toEqual({ status: 200, stale: 'true' });
  });

  test('without a projector it is stale, and of nothing', async () => {
    const lone = await createWorld();
    const api = await startServer(lone.dataDir, { ROLES: 'api' });
    try {
      const key = lone.keys.alpha;
      await create(api, key);
      const { status, headers, body } = await api.call('GET', '/v1/signal/record', { key });
      expect({ status, stale: headers['x-stale'], signals: body.payload.signals, at: body.payload.position }).toEqual({
        status: 200,
        stale: 'true',
        signals: 0,
        at: '0',
      });
    } finally {
      await api.stop();
      await lone.remove();
    }
  });
});
