/** What an agent can still do where a coin or a broker is not there any more: be told again, and cancel what rests. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer } from '../support/client.ts';
import {
  errorOf,
  LIMIT_BUY,
  MARKET_BUY,
  register,
  registerLive,
  send,
  signed,
  type TestAgent,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

let world: World;
let server: TestServer;
/** On the same stores: it knows no coin, and no broker. */
let bare: TestServer;
let agent: TestAgent;
let live: TestAgent;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir, { ...WITH_PRICES, LIVE_BROKER: 'paper' });
  bare = await startServer(world.dataDir, { ...WITH_PRICES, ROLES: 'api', SIM_PRICES: 'none' });
  await untilPriced(server);
  agent = await register(server);
  live = await registerLive(server, world.dataDir);
});

afterAll(async () => {
  await bare.stop();
  await server.stop();
  await world.remove();
});

type Send = (to: TestServer, method: string, path: string, key: string, body?: object) => Promise<Answer>;

const asSandbox: Send = (to, method, path, key, body) =>
  send(to, agent, method, path, { ...(body !== undefined && { body }), headers: { 'idempotency-key': key } });

const asLive: Send = (to, method, path, key, body) => {
  const raw = body === undefined ? '' : JSON.stringify(body);
  const headers = { ...signed(live, method, path, raw), 'idempotency-key': key };
  return to.call(method, `/v1/agent${path}`, { ...(body !== undefined && { raw }), headers });
};

/** The same twice: where it can be carried out, and where it can't. */
async function twice(as: Send, method: string, path: string, key: string, body?: object): Promise<Answer> {
  const first = await as(server, method, path, key, body);
  const again = await as(bare, method, path, key, body);
  expect([again.status, again.text]).toEqual([first.status, first.text]);
  return first;
}

test('an order is told again where its coin is not known any more', async () => {
  expect(errorOf(await asSandbox(bare, 'POST', '/orders', 'new', MARKET_BUY))).toBe('400 invalid_field');
  const { status } = await twice(asSandbox, 'POST', '/orders', 'market', MARKET_BUY);
  expect(status).toBe(201);
  const other = await asSandbox(bare, 'POST', '/orders', 'market', { ...MARKET_BUY, quantity: 0.02 });
  expect(errorOf(other)).toBe('409 idempotency_key_reused');
});

test('a live order, its change and its end are told again where there is no broker any more', async () => {
  expect(errorOf(await asLive(bare, 'POST', '/orders', 'new', LIMIT_BUY))).toBe('400 invalid_field');
  const { status, body } = await twice(asLive, 'POST', '/orders', 'place', LIMIT_BUY);
  expect(status).toBe(201);
  const path = `/orders/${body.order.orderId}`;
  expect(errorOf(await asLive(bare, 'PATCH', path, 'new', { price: 900 }))).toBe('503 broker_unavailable');
  expect((await twice(asLive, 'PATCH', path, 'change', { price: 900 })).status).toBe(200);
  expect((await twice(asLive, 'DELETE', path, 'cancel')).status).toBe(200);
  expect((await asLive(server, 'POST', '/orders', 'buy', MARKET_BUY)).status).toBe(201);
  const resting = await asLive(server, 'POST', '/orders', 'beside', LIMIT_BUY);
  expect(errorOf(await asLive(bare, 'POST', '/close-all', 'new', { reason: 'over' }))).toBe('503 broker_unavailable');
  const closed = await twice(asLive, 'POST', '/close-all', 'close', { reason: 'over' });
  expect([closed.status, closed.body.orders.length]).toEqual([200, 1]);
  expect(closed.body.cancelled).toEqual([{ ...resting.body.order, status: 'cancelled' }]);
});

test('a resting paper order of a live agent can be cancelled where there is no broker any more', async () => {
  const { body } = await asLive(server, 'POST', '/orders', 'rests', LIMIT_BUY);
  const path = `/orders/${body.order.orderId}`;
  const cancelled = await asLive(bare, 'DELETE', path, 'ends');
  expect([cancelled.status, cancelled.body.order.status]).toEqual([200, 'cancelled']);
});
