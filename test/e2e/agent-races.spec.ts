/**
 * Agents' commands against each other and against prices that move, through two processes on the same files: whatever
 * comes first, the log of each account adds up, and nothing is done that was forbidden by then.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accountStream, handledAccount } from '../../apps/server/src/accounts/handled-account.ts';
import { accountDecider, type AccountEvent, type AccountState, compare, subtract, sum } from '#libs/account';
import type { EventStore, RecordedEvent } from '#libs/sourcing';
import type { Answer } from '../support/client.ts';
import {
  command,
  errorOf,
  register,
  SANDBOX,
  send,
  type TestAgent,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
import { eventually, ramp, writeTicks } from '../support/prices.ts';
import { createWorld, type ServerProcess, startProcess, type World } from '../support/server.ts';
import { openEventsOf } from '../support/stores.ts';

/** BTC falls and rises again, a price every 10 ms. */
const PATHS = { 'BTC/USDT': [...ramp(1_000, 800, 2), ...ramp(802, 998, 2)], 'ETH/USDT': ['50'] };

let world: World;
let servers: readonly [ServerProcess, ServerProcess];
let events: EventStore;
let watcher: TestAgent | null = null;

beforeAll(async () => {
  world = await createWorld();
  const prices = join(world.dataDir, 'prices');
  mkdirSync(prices);
  writeTicks(prices, 1_000, PATHS);
  const settings = { ...WITH_PRICES, SIM_PRICES: prices, SIM_SPEED: '100' };
  servers = [await startProcess(world.dataDir, settings), await startProcess(world.dataDir, settings)];
  await Promise.all(servers.map((server) => untilPriced(server)));
  events = await openEventsOf(world.dataDir);
}, 60_000);

afterAll(async () => {
  await events.close();
  await Promise.all(servers.map((server) => server.stop()));
  await world.remove();
});

let sent = 0;

/** Sends to one process after the other; what was answered 503 again under its key, to the other one. */
async function surely(agent: TestAgent, method: string, path: string, body?: object): Promise<Answer> {
  const n = (sent += 1);
  const headers = { 'idempotency-key': `${n}` };
  for (let tried = 0; ; tried += 1) {
    const answer = await send(servers[(n + tried) % 2]!, agent, method, path, {
      ...(body !== undefined && { body }),
      headers,
    });
    if (answer.status !== 503 || tried === 50) return answer;
    await sleep(20 + 10 * tried);
  }
}

const limit = (price: number, quantity = 1, side = 'buy') => ({ symbol: 'BTC', side, type: 'limit', quantity, price });
const market = (quantity: number, side = 'buy', symbol = 'BTC') => ({ symbol, side, type: 'market', quantity });
const codeOf = (answer: Answer): string => (answer.status < 300 ? String(answer.status) : errorOf(answer));
const codesOf = (answers: readonly Answer[]): readonly string[] => [...new Set(answers.map(codeOf))].toSorted();

/** A price every 10 ms at most; asked for by an agent of its own, for each has a rate. */
async function price(): Promise<number> {
  watcher ??= await register(servers[0]);
  return (await send(servers[0], watcher, 'GET', '/market?coins=BTC')).body.data[0].price as number;
}

type Existing = Exclude<AccountState, { status: 'none' }>;

/** Folds all that is in the log of an account, and checks after each event that it adds up. */
async function audited(agent: TestAgent): Promise<{ state: Existing; log: readonly RecordedEvent[] }> {
  const log = await events.readStream(accountStream(agent.id));
  let state: AccountState = accountDecider.initial;
  const fills = new Map<string, number>();
  for (const recorded of log) {
    const event: AccountEvent = handledAccount.upcast(recorded);
    const buys = event.type === 'OrderPlaced' && event.data.side === 'buy';
    if (buys && state.status !== 'none') {
      const { day, status, paused } = state;
      const tripped = day?.tripped === true && day.day === event.data.placedAt.slice(0, 10);
      expect({ at: recorded.revision, status, paused, tripped }).toMatchObject({
        status: 'active',
        paused: null,
        tripped: false,
      });
    }
    state = accountDecider.evolve(state, event);
    if (event.type === 'OrderFilled') {
      fills.set(event.data.orderId, (fills.get(event.data.orderId) ?? 0) + 1);
      expect(event.data.flags).toEqual([]);
    }
    const { cash, reservedCash, holdings, balance, realized, fees } = state as Existing;
    expect(compare(subtract(cash, reservedCash), '0')).toBeGreaterThanOrEqual(0);
    for (const { quantity, reserved } of holdings.values())
      expect(compare(subtract(quantity, reserved), '0')).toBeGreaterThanOrEqual(0);
    const costs = [...holdings.values()].map(({ cost }) => cost);
    expect(sum(cash, ...costs)).toBe(subtract(sum(balance, realized), fees));
  }
  expect([...fills.values()].every((count) => count === 1)).toBe(true);
  return { state: state as Existing, log };
}

describe('two processes, and prices that move', () => {
  test('an order that is changed while a price fills it is filled by one limit or the other, and never forgotten', async () => {
    const agent = await register(servers[0]);
    const placed = await Promise.all(
      Array.from({ length: 24 }, (_, n) => surely(agent, 'POST', '/orders', limit(790 + (n % 10)))),
    );
    const ids = placed.map(({ body }) => body.order.orderId as string);
    // Each is moved into the way of the price and out again, some are cancelled at the same moment.
    for (let round = 0; round < 6; round += 1) {
      const near = Math.round(await price());
      const answers = await Promise.all(
        ids.flatMap((id, n) => [
          surely(agent, 'PATCH', `/orders/${id}`, { price: near - 1 - (n % 20) }),
          surely(agent, 'PATCH', `/orders/${id}`, { price: 790 - (n % 7) }),
          ...(n % 10 === round ? [surely(agent, 'DELETE', `/orders/${id}`)] : []),
        ]),
      );
      expect(['200', '409 order_finished', '422 insufficient_balance']).toEqual(
        expect.arrayContaining([...codesOf(answers)]),
      );
    }
    // What still rests is put where the next fall of the price reaches it.
    await Promise.all(
      [...(await audited(agent)).state.open.keys()].map((orderId, n) =>
        surely(agent, 'PATCH', `/orders/${orderId}`, { price: 802 + (n % 10) * 2 }),
      ),
    );
    const state = await eventually('all of them over', async () => {
      const now = (await audited(agent)).state;
      return now.open.size === 0 ? now : null;
    });
    expect(state.reservedCash).toBe('0');
  }, 120_000);

  test('the breaker of the day trips once under load, and no buy is taken after it', async () => {
    const agent = await register(servers[0], { ...SANDBOX, dailyLossLimit: 100, maxPositionSize: 1_000_000 });
    await eventually('a price that can fall', async () => ((await price()) > 950 ? true : null));
    const answers: Answer[] = [];
    const rest = await surely(agent, 'POST', '/orders', limit(700));
    answers.push(rest);
    await eventually('the trip', async () => {
      const more = Array.from({ length: 32 }, (_, n) =>
        surely(agent, 'POST', '/orders', n % 3 === 0 ? limit(900 - n, 0.5) : market(0.5)),
      );
      answers.push(...(await Promise.all(more)));
      return answers.some((answer) => codeOf(answer) === '422 circuit_breaker') ? true : null;
    });
    const last = await Promise.all([
      ...Array.from({ length: 16 }, () => surely(agent, 'POST', '/orders', market(0.1))),
      ...Array.from({ length: 16 }, () => surely(agent, 'POST', '/orders', market(0.1, 'sell'))),
    ]);
    expect(codesOf(last.slice(0, 16))).toEqual(['422 circuit_breaker']);
    expect(codesOf(last.slice(16))).toEqual(['201']);
    const { state, log } = await audited(agent);
    expect(log.filter(({ type }) => type === 'BreakerTripped')).toHaveLength(1);
    expect([...state.open.values()].filter(({ side }) => side === 'buy')).toEqual([]);
    expect(log.filter(({ type }) => type === 'DayStarted').length).toBeLessThanOrEqual(2);
  }, 120_000);

  test('closing all against new orders leaves either an order that came after it, or nothing', async () => {
    const agent = await register(servers[1]);
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 48 }, (_, n) => {
          if (n % 12 === 5) return surely(agent, 'POST', '/close-all', { reason: 'out' });
          if (n % 4 === 0) return surely(agent, 'POST', '/orders', limit(950 - n, 0.5));
          if (n % 4 === 1) return surely(agent, 'POST', '/orders', market(0.3, 'sell'));
          return surely(agent, 'POST', '/orders', market(n % 2 === 0 ? 0.7 : 4, 'buy', n % 2 === 0 ? 'BTC' : 'ETH'));
        }),
      );
      expect(['200', '201', '422 insufficient_holdings']).toEqual(expect.arrayContaining([...codesOf(answers)]));
    }
    expect((await surely(agent, 'POST', '/close-all', { reason: 'out' })).status).toBe(200);
    const { state } = await audited(agent);
    expect({ open: state.open.size, holdings: state.holdings.size, reserved: state.reservedCash }).toEqual({
      open: 0,
      holdings: 0,
      reserved: '0',
    });
    const told = await Promise.all(servers.map((server) => send(server, agent, 'GET', '/portfolio')));
    expect(told[0]!.body.data).toMatchObject({ positions: [], cash: Number(state.cash) });
    expect(told[1]!.body.data).toEqual(told[0]!.body.data);
  }, 120_000);

  test('an agent that is revoked while it orders has nothing open afterwards, and orders no more', async () => {
    const agent = await register(servers[0]);
    const order = (n: number) => surely(agent, 'POST', '/orders', n % 2 === 0 ? limit(790 + n, 0.1) : market(0.1));
    const first = await order(0);
    const revoking = command(world.dataDir, {
      type: 'CloseAccount',
      accountId: agent.id,
      now: new Date().toISOString(),
      reason: 'enough',
    });
    const answers = [first];
    for (let tries = 0; !answers.some(({ status }) => status === 401) && tries < 200; tries += 1)
      answers.push(...(await Promise.all(Array.from({ length: 16 }, (_, n) => order(n)))));
    await revoking;
    expect(codesOf(answers)).toEqual(['201', '401 invalid_key']);
    const { state, log } = await audited(agent);
    expect(state).toMatchObject({ status: 'closed', reservedCash: '0' });
    expect(state.open.size).toBe(0);
    const closed = log.findIndex(({ type }) => type === 'AccountClosed');
    expect(new Set(log.slice(closed + 1).map(({ type }) => type))).toEqual(new Set(['OrderCancelled']));
  }, 120_000);

  test('who leads the market is paused, wakes beside its successor, and this one ends: each order is filled once', async () => {
    const agent = await register(servers[0]);
    const place = (server: ServerProcess, n: number) =>
      send(server, agent, 'POST', '/orders', { body: limit(802 + (n % 20) * 2, 0.1) });
    const [one, other] = servers;
    const placed: Answer[] = [];
    for (let n = 0; n < 16; n += 1) placed.push(await place(one, n));
    // Paused where it holds no lock on files that the other one needs: nobody could write then.
    for (;;) {
      one.child.kill('SIGSTOP');
      const probe = await place(other, 0);
      placed.push(probe);
      if (probe.status === 201) break;
      one.child.kill('SIGCONT');
      await sleep(100);
    }
    try {
      for (let n = 0; n < 16; n += 1) placed.push(await place(other, n));
      await eventually('a fill by the successor', async () =>
        (await audited(agent)).state.open.size === 0 ? true : null,
      );
      for (let n = 0; n < 16; n += 1) placed.push(await place(other, n));
    } finally {
      one.child.kill('SIGCONT');
    }
    const more = Array.from({ length: 32 }, (_, n) => place(servers[n % 2]!, n));
    placed.push(...(await Promise.all(more)));
    // Its role ends in the middle of what it fills.
    other.child.kill('SIGTERM');
    await other.ended;
    placed.push(await place(one, 0));
    const taken = placed.filter(({ status }) => status === 201).length;
    expect(taken).toBeGreaterThanOrEqual(50);
    const state = await eventually('all of them over', async () => {
      const now = (await audited(agent)).state;
      return now.open.size === 0 ? now : null;
    });
    expect(state.holdings.get('BTC')?.quantity).toBe(String(Number((taken * 0.1).toFixed(1))));
  }, 120_000);
});
