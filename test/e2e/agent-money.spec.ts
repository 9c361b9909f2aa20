/** Money of one agent under orders that come side by side, through two processes on the same files. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer } from '../support/client.ts';
import {
  errorOf,
  LIMIT_BUY,
  MARKET_BUY,
  register,
  SANDBOX,
  send,
  type TestAgent,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
import { createWorld, type ServerProcess, startProcess, type World } from '../support/server.ts';

const MANY = 64;
const FEE = 0.001;

let world: World;
let servers: readonly [ServerProcess, ServerProcess];
/** The price of BTC, which stands still. */
let btc: number;

beforeAll(async () => {
  world = await createWorld();
  // The one that begins second shares the first one's folder, lease and signals.
  servers = [await startProcess(world.dataDir, WITH_PRICES), await startProcess(world.dataDir, WITH_PRICES)];
  await Promise.all(servers.map((server) => untilPriced(server)));
  const agent = await register(servers[0]);
  btc = (await send(servers[1], agent, 'GET', '/market?coins=BTC')).body.data[0].price;
}, 60_000);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await world.remove();
});

/** Sends as a careful client does: what was answered 503 again under its key, to the process whose turn it is. */
async function surely(agent: TestAgent, n: number, method: string, path: string, body?: object): Promise<Answer> {
  const headers = { 'idempotency-key': `${method}:${path}:${n}` };
  for (let tried = 0; ; tried += 1) {
    const server = servers[(n + tried) % 2]!;
    const answer = await send(server, agent, method, path, { ...(body !== undefined && { body }), headers });
    if (answer.status !== 503 || tried === 20) return answer;
    await sleep(20 + 10 * tried);
  }
}

const codeOf = (answer: Answer): string => (answer.status < 300 ? String(answer.status) : errorOf(answer));

function counted(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[codeOf(answer)] = (counts[codeOf(answer)] ?? 0) + 1;
  return counts;
}

const many = (agent: TestAgent, path: string, body: (n: number) => object): Promise<readonly Answer[]> =>
  Promise.all(Array.from({ length: MANY }, (_, n) => surely(agent, n, 'POST', path, body(n))));

async function portfolio(agent: TestAgent) {
  const told = await Promise.all(servers.map((server) => send(server, agent, 'GET', '/portfolio')));
  // Both processes tell the same, each also of what the other wrote.
  expect(told[1]!.body).toEqual(told[0]!.body);
  return told[0]!.body.data as {
    readonly cash: number;
    readonly freeCash: number;
    readonly fees: number;
    readonly positions: readonly { readonly symbol: string; readonly quantity: number; readonly free: number }[];
  };
}

describe('64 orders at once on one account, through two processes', () => {
  test('market buys never spend the same money twice', async () => {
    const agent = await register(servers[0]);
    const quantity = Number((100_000 / btc / 10).toFixed(6));
    const answers = await many(agent, '/orders', () => ({ ...MARKET_BUY, quantity }));
    expect(counted(answers)).toEqual({ '201': 9, '422 insufficient_balance': 55 });
    const { cash, freeCash, positions, fees } = await portfolio(agent);
    expect(freeCash).toBe(cash);
    expect(cash).toBeGreaterThanOrEqual(0);
    expect(cash).toBeCloseTo(100_000 - 9 * quantity * btc * (1 + FEE), 6);
    expect(fees).toBeCloseTo(9 * quantity * btc * FEE, 6);
    expect(positions).toMatchObject([{ symbol: 'BTC', quantity: expect.closeTo(9 * quantity, 9) }]);
  }, 60_000);

  test('resting buys never keep the same money back twice, and cancelled they keep none', async () => {
    const agent = await register(servers[1]);
    // Five fit.
    const quantity = 19;
    const answers = await many(agent, '/orders', () => ({ ...LIMIT_BUY, quantity }));
    expect(counted(answers)).toEqual({ '201': 5, '422 insufficient_balance': 59 });
    expect((await portfolio(agent)).freeCash).toBeCloseTo(100_000 - 5 * 19_000 * (1 + FEE), 6);
    const ids = answers.filter(({ status }) => status === 201).map(({ body }) => body.order.orderId as string);
    const ended = await Promise.all(
      ids.flatMap((id, n) => [0, 1].map((by) => surely(agent, 2 * n + by, 'DELETE', `/orders/${id}`))),
    );
    expect(counted(ended)).toEqual({ '200': 5, '409 order_finished': 5 });
    expect(await portfolio(agent)).toMatchObject({ cash: 100_000, freeCash: 100_000, positions: [] });
  }, 60_000);

  test('sells never sell the same pieces twice', async () => {
    const agent = await register(servers[0]);
    expect((await surely(agent, MANY, 'POST', '/orders', { ...MARKET_BUY, quantity: 0.7 })).status).toBe(201);
    const sell = { ...MARKET_BUY, side: 'sell', quantity: 0.2 };
    expect(counted(await many(agent, '/orders', () => sell))).toEqual({ '201': 3, '422 insufficient_holdings': 61 });
    expect((await portfolio(agent)).positions).toMatchObject([
      { quantity: expect.closeTo(0.1, 9), free: expect.closeTo(0.1, 9) },
    ]);
  }, 60_000);

  test('the cap on a position counts what the other process has just taken', async () => {
    const limits = { dailyLossLimit: 50_000, maxPositionSize: 10_000 };
    const agent = await register(servers[0], { ...SANDBOX, ...limits });
    // Half of them rest, half are filled at once; all count alike.
    const quantity = Number((10_000 / btc / 4.5).toFixed(6));
    const answers = await many(agent, '/orders', (n) => ({ ...(n % 4 < 2 ? MARKET_BUY : LIMIT_BUY), quantity }));
    expect(counted(answers)).toEqual({ '201': 4, '422 circuit_breaker': 60 });
  }, 60_000);

  test('what the other process has just bought has a price, too, where the loss of the day is watched', async () => {
    for (let round = 0; round < 3; round += 1) {
      const agent = await register(servers[0], { ...SANDBOX, dailyLossLimit: 50_000, maxPositionSize: 90_000 });
      const symbol = (n: number): string => (n % 4 < 2 ? 'BTC' : 'ETH');
      const answers = await many(agent, '/orders', (n) => ({ ...MARKET_BUY, symbol: symbol(n), quantity: 0.001 }));
      expect(counted(answers)).toEqual({ '201': MANY });
    }
  }, 60_000);

  test('one order under one key, whoever is asked', async () => {
    const agent = await register(servers[0]);
    const answers = await Promise.all(
      Array.from({ length: MANY }, async (_, n) => {
        for (;;) {
          const headers = { 'idempotency-key': 'one' };
          const answer = await send(servers[n % 2]!, agent, 'POST', '/orders', { body: MARKET_BUY, headers });
          if (answer.status !== 503) return answer;
          await sleep(20);
        }
      }),
    );
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(counted(answers)).toEqual({ '201': MANY });
    expect((await portfolio(agent)).positions).toMatchObject([{ quantity: 0.01 }]);
  }, 60_000);
});
