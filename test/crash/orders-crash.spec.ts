/**
 * kill -9 of the server while live orders go to an exchange that loses answers, answers late and forgets what it filled.
 * The exchange is a process of its own and counts what it was sent. The long form: ORDERS_CRASH=1000 before the command.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Big from 'big.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accountDecider, type AccountState } from '#libs/account';
import { handledAccount } from '../../apps/server/src/accounts/handled-account.ts';
import { openEventStore } from '#libs/stores';
import { signed, type TestAgent } from '../support/nextexchange.ts';
import { KEYS, startTradingExchange, type TradingExchange } from '../support/trading-exchange.ts';
import { type Folder, temporaryFolder } from './guard.ts';
import { freePort, type Running, startReady } from './server-process.ts';

const ORDERS = Number(process.env['ORDERS_CRASH'] ?? 100);
const KILLS = Math.max(1, Math.round(ORDERS / 250));
const AGENTS = 10;
/** Requests of each agent that are under way. */
const AT_ONCE = 3;
const BALANCE = '10000000';
const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));
const run = promisify(execFile);

const BUY = { symbol: 'BTC', side: 'buy', type: 'market', quantity: 0.001, price: null };
const SELL = { ...BUY, side: 'sell' };
/** It rests until it is cancelled. */
const REST = { ...BUY, type: 'limit', price: 50_000 };

/** Two in ten sell what was bought, one rests and is cancelled. */
function wanted(number: number): typeof BUY | typeof REST {
  if (number % 10 === 7) return REST;
  return number % 5 === 4 ? SELL : BUY;
}

interface Acknowledged {
  readonly agent: TestAgent;
  readonly orderId: string;
  readonly order: object;
}

let folder: Folder;
let exchange: TradingExchange;
let server: Running;
let port: number;
let environment: Readonly<Record<string, string>>;
const agents: TestAgent[] = [];

beforeAll(async () => {
  folder = temporaryFolder('orders');
  exchange = await startTradingExchange();
  port = await freePort();
  environment = {
    ROLES: 'api,projector,market',
    SIM_PRICES: 'none',
    VENUES: 'binance',
    LIVE_BROKER: 'ccxt',
    BROKER_EXCHANGE: 'binance',
    BROKER_API_KEY: KEYS.apiKey,
    BROKER_API_SECRET: KEYS.secret,
    BROKER_URL: exchange.url,
    PAPER_BALANCE: BALANCE,
    AGENT_RATE_LIMIT: '1000',
    REGISTER_LIMIT: '1000',
  };
  server = await start();
  await cli('broker', 'check', 'binance');
  for (let n = 0; n < AGENTS; n += 1) {
    const { body } = await server.call('POST', '/v1/agent/register', {
      body: {
        name: `live ${n}`,
        permissions: ['read:market', 'read:portfolio', 'write:orders'],
        mode: 'live',
        dailyLossLimit: 1_000_000,
        maxPositionSize: 1_000_000,
      },
    });
    agents.push(body.agent as TestAgent);
    await cli('agent', 'approve', agents[n]!.id);
  }
}, 300_000);

afterAll(async () => {
  await server.kill();
  await exchange.stop();
  folder.remove();
});

const start = (): Promise<Running> => startReady({ dataDir: folder.path, port, environment });

async function cli(...args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], DATA_DIR: folder.path, ...environment };
  return (await run(process.execPath, [CLI, ...args], { env })).stdout;
}

/**
 * Sends one order until it is taken; the key makes each try the same order. One that was surely not sent, as while the
 * broker of a killed server still has its lease, is sent as a new one. Where there is nothing to sell yet, it buys.
 */
async function place(agent: TestAgent, order: object): Promise<Acknowledged> {
  const raw = JSON.stringify(order);
  let key = randomUUID();
  for (;;) {
    const headers = { ...signed(agent, 'POST', '/orders', raw), 'idempotency-key': key };
    const answer = await server.call('POST', '/v1/agent/orders', { raw, headers }).catch(() => null);
    if (answer?.status === 201) return { agent, orderId: answer.body.order.orderId as string, order };
    if (answer?.status === 503 && answer.body.error.code === 'broker_unavailable') key = randomUUID();
    if (answer?.status === 422 && answer.body.error.code === 'insufficient_holdings') return place(agent, BUY);
    // Two that are equal to the byte within a millisecond have one signature: the second is signed anew.
    const passing = [401, 422, 429, 503];
    if (answer?.status === 401 && answer.body.error.code !== 'replayed_signature') throw new Error(answer.text);
    if (answer !== null && !passing.includes(answer.status)) throw new Error(answer.text);
    if (answer?.status === 422 && answer.body.error.code !== 'quote_unavailable') throw new Error(answer.text);
    await sleep(100);
  }
}

/** Asks for the end of an order until that is taken, or the order is over. */
async function cancel({ agent, orderId }: Acknowledged): Promise<void> {
  for (;;) {
    const headers = signed(agent, 'DELETE', `/orders/${orderId}`);
    const answer = await server.call('DELETE', `/v1/agent/orders/${orderId}`, { headers }).catch(() => null);
    const code = answer?.body.error?.code as string | undefined;
    if (answer?.status === 200 || code === 'order_finished') return;
    const passing = [
      'replayed_signature',
      'order_unresolved',
      'rate_limited',
      'broker_unavailable',
      'service_unavailable',
    ];
    if (answer !== null && !passing.includes(code ?? '')) throw new Error(answer.text);
    await sleep(100);
  }
}

async function orderOf({
  agent,
  orderId,
}: Pick<Acknowledged, 'agent' | 'orderId'>): Promise<{ status: string; filledQuantity: number } | null> {
  const headers = signed(agent, 'GET', `/orders/${orderId}`);
  const answer = await server.call('GET', `/v1/agent/orders/${orderId}`, { headers });
  return answer.status === 200 ? (answer.body.order as { status: string; filledQuantity: number }) : null;
}

async function folded(accountId: string): Promise<AccountState> {
  const events = await openEventStore(`sqlite:${folder.path}/events.db`);
  try {
    let state: AccountState = accountDecider.initial;
    for (const event of await events.readStream(`account-${accountId}`))
      state = accountDecider.evolve(state, handledAccount.upcast(event));
    return state;
  } finally {
    await events.close();
  }
}

test(`kill -9 during ${ORDERS} orders, times ${KILLS}: none sent twice, none acknowledged and missing, the accounts what the exchange says`, async () => {
  const acknowledged: Acknowledged[] = [];
  let next = 0;
  // One order in twenty meets trouble.
  const troubles = ['cut-after', 'cut-before', 'delay-after', 'delay-before'] as const;
  const ofTheProof = new Set((await exchange.see()).orders.map(({ clientOrderId }) => clientOrderId));
  await exchange.set({ forgets: 'lookup' });
  const worker = async (agent: TestAgent): Promise<void> => {
    while (next < ORDERS) {
      const number = next++;
      if (number % 20 === 0) {
        const does = troubles[(number / 20) % troubles.length]!;
        await exchange.plan({ on: 'POST order', does, ms: 2_000 } as Parameters<TradingExchange['plan']>[0]);
      }
      const one = await place(agent, wanted(number));
      acknowledged.push(one);
      if (one.order === REST) await cancel(one);
    }
  };
  const killing = (async () => {
    for (let kill = 1; kill <= KILLS; kill += 1) {
      while (acknowledged.length < (ORDERS * kill) / (KILLS + 1)) await sleep(10);
      await server.kill();
      server = await start();
    }
  })();
  await Promise.all([...agents.flatMap((agent) => Array.from({ length: AT_ONCE }, () => worker(agent))), killing]);
  expect(new Set(acknowledged.map(({ orderId }) => orderId)).size).toBe(ORDERS);

  // What nobody knew is found out by looking.
  const problems: string[] = [];
  for (const one of acknowledged) {
    for (let order = await orderOf(one); ; order = await orderOf(one)) {
      if (order === null) {
        problems.push(`${one.orderId} was acknowledged and is missing`);
        break;
      }
      if (order.status === 'filled' || order.status === 'rejected' || order.status === 'cancelled') break;
      await sleep(500);
    }
  }
  const { requests, orders, trades } = await exchange.see();
  const sends = Map.groupBy(
    requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/order')),
    ({ clientOrderId }) => clientOrderId,
  );
  for (const [id, times] of sends) if (times.length > 1) problems.push(`${id} was sent ${times.length} times`);
  expect(problems).toEqual([]);

  /** By agent, what the exchange traded for it: the orders are found by their ids. */
  const atExchange = new Map(orders.map((order) => [order.orderId, order]));
  const resting = new Set(acknowledged.filter(({ order }) => order === REST).map(({ orderId }) => orderId));
  const seen = new Set<string>();
  for (const agent of agents) {
    const state = await folded(agent.id);
    if (state.status === 'none') throw new Error(`${agent.id} has no account`);
    const own = [...state.over.values(), ...state.open.values()];
    const mine = new Set(own.map(({ orderId }) => orderId));
    let [cash, held] = [new Big(BALANCE), new Big(0)];
    for (const { orderId, quantity, price, fee } of trades) {
      const { clientOrderId, side } = atExchange.get(orderId)!;
      if (!mine.has(clientOrderId)) continue;
      const sign = side === 'BUY' ? 1 : -1;
      cash = cash.minus(new Big(quantity).times(price).times(sign)).minus(fee);
      held = held.plus(new Big(quantity).times(sign));
    }
    for (const { orderId, status } of own) {
      seen.add(orderId);
      // What was told as not sent was not.
      if (status === 'cancelled' && sends.has(orderId) && !resting.has(orderId))
        problems.push(`${orderId} is cancelled here and was sent`);
    }
    expect(problems).toEqual([]);
    expect({
      cash: state.cash,
      held: state.holdings.get('BTC')?.quantity ?? '0',
      reserved: state.reservedCash,
      open: state.open.size,
    }).toEqual({ cash: cash.toFixed(), held: held.toFixed(), reserved: '0', open: 0 });
    const { body } = await server.call('GET', '/v1/agent/portfolio', { headers: signed(agent, 'GET', '/portfolio') });
    const { cash: shown, freeCash, positions } = body.data;
    expect([shown, freeCash]).toEqual([Number(state.cash), Number(state.cash)]);
    const quantities = positions.map(({ quantity, free }: { quantity: number; free: number }) => [quantity, free]);
    expect(quantities).toEqual(held.eq(0) ? [] : [[held.toNumber(), held.toNumber()]]);
  }
  // Every order of the exchange but that of the proof is one of an account, and none of them rests any more.
  const strangers = orders.filter(({ clientOrderId }) => !seen.has(clientOrderId) && !ofTheProof.has(clientOrderId));
  expect(strangers).toEqual([]);
  expect(orders.filter(({ status }) => status === 'NEW' || status === 'PARTIALLY_FILLED')).toEqual([]);
  expect(acknowledged.filter(({ order }) => order === SELL).length).toBeGreaterThan(0);
}, 900_000);
