/** Whatever a route of agents refuses, its code is one that the API documents name for that route and status. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Route } from '../../apps/server/src/http/api-document.ts';
import { agentRoutes, bodiesOf, readDocument } from '../support/api-document.ts';
import type { Sending } from '../support/client.ts';
import {
  command,
  errorOf,
  LIMIT_BUY,
  LIVE,
  MARKET_BUY,
  register,
  registerLive,
  SANDBOX,
  send,
  signed,
  type TestAgent,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

type NamedRoute = Route & { readonly name: string };

const QUERIES = [
  '?coin=',
  '?coin=nothing',
  '?coin=BTC&interval=x',
  '?coin=BTC&limit=0',
  '?coin=BTC&depth=0',
  '?coin=BTC',
  '?coins=nothing',
  '?coins=BTC&coins=ETH',
  '?limit=x',
  '?cursor=x',
  '?status=x',
];

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { 'idempotency-key': 'x'.repeat(256) },
  { 'x-wait-position': 'x' },
];

const BODIES: readonly Sending[] = [
  { raw: '{bad' },
  { raw: '[]' },
  { raw: 'null' },
  { raw: '{}' },
  { raw: '{"reason":" "}' },
  { raw: '{"reason":5}' },
  { raw: '{}', headers: { 'content-type': 'text/plain' } },
  { raw: `{"x":"${'x'.repeat(65_536)}"}` },
  { raw: '{}', headers: { 'content-encoding': 'gzip' } },
  { body: { ...MARKET_BUY, symbol: 'NOTHING' } },
  { body: { ...MARKET_BUY, quantity: -1 } },
  { body: { ...MARKET_BUY, quantity: 1_000 } },
  { body: { ...MARKET_BUY, quantity: 1_000, side: 'sell' } },
  { body: { ...LIMIT_BUY, price: null } },
  { body: { ...LIMIT_BUY, signalId: 'x' } },
  { body: { price: 1e9 } },
  { body: { quantity: 1e9 } },
];

let world: World;
let server: TestServer;
let routes: readonly NamedRoute[];
/** What was refused, and what of that the API documents do not name. */
const refused = new Set<string>();
const undocumented = new Set<string>();

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir, WITH_PRICES);
  await untilPriced(server);
  routes = agentRoutes(await readDocument(server));
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

/** Sends to a route, and notes what it refuses. */
async function ask(route: NamedRoute, to: string, sending: Sending): Promise<void> {
  const answer = await server.call(route.method, to, sending);
  if (answer.status < 400) return;
  const refusal = errorOf(answer);
  const { examples = {} } = route.operation.responses[String(answer.status)]?.content?.['application/json'] ?? {};
  refused.add(refusal);
  if (!(answer.body.error.code in examples)) undocumented.add(`${route.name}: ${refusal}`);
}

/** Sends as an agent that needs not sign. */
const askAs = (route: NamedRoute, { apiKey }: TestAgent, to: string, sending: Sending = {}): Promise<void> =>
  ask(route, to, { ...sending, headers: { 'x-nx-key': apiKey, ...sending.headers } });

/** The route's paths: of orders one that rests, one that is over and one that is none. */
async function pathsOf({ path }: Route, agent: TestAgent): Promise<readonly string[]> {
  if (!path.includes('{id}')) return [path];
  const placed = [1, 2].map(() => send(server, agent, 'POST', '/orders', { body: LIMIT_BUY }));
  const ids = (await Promise.all(placed)).map(({ body }) => body.order.orderId as string);
  await send(server, agent, 'DELETE', `/orders/${ids[1]}`);
  return [...ids, 'none'].map((id) => path.replace('{id}', id));
}

test('for what is asked for and sent', async () => {
  for (const route of routes) {
    const agent = await register(server);
    const paths = await pathsOf(route, agent);
    const keyed = { 'idempotency-key': 'twice' };
    const [, body] = bodiesOf(route, '')[0] ?? [];
    for (const to of paths) {
      for (const query of QUERIES) await askAs(route, agent, to + query);
      for (const headers of HEADERS) await askAs(route, agent, to, { body, headers });
      for (const sending of BODIES) await askAs(route, agent, to, sending);
      for (const more of [{}, { more: 1 }])
        await askAs(route, agent, to, { body: { ...body, ...more }, headers: keyed });
    }
    await send(server, agent, 'POST', '/pause', { body: { reason: 'training' } });
    for (const to of paths) await askAs(route, agent, to, { body });
  }
  expect([...undocumented]).toEqual([]);
  expect([...refused]).toEqual(
    expect.arrayContaining([
      '400 missing_field',
      '400 invalid_field',
      '400 invalid_json',
      '403 paused',
      '404 order_not_found',
      '404 signal_not_found',
      '409 idempotency_key_reused',
      '409 order_finished',
      '413 too_large',
      '415 unsupported_media_type',
      '422 insufficient_balance',
      '422 insufficient_holdings',
      '422 quote_unavailable',
    ]),
  );
});

test('for who asks', async () => {
  const bare = await register(server, { ...SANDBOX, permissions: ['write:webhook'] });
  const pending = await register(server, LIVE);
  const live = await registerLive(server, world.dataDir);
  await sleep(600);
  const paused = await register(server);
  const now = new Date().toISOString();
  await command(world.dataDir, { type: 'PauseAccount', accountId: paused.id, now, by: 'operator', reason: 'look' });
  for (const route of routes) {
    const [to] = await pathsOf(route, await register(server));
    const [, body] = bodiesOf(route, '')[0] ?? [];
    const raw = body === undefined ? '' : JSON.stringify(body);
    const sending = { ...(body !== undefined && { raw }) };
    for (const agent of [bare, pending, live, paused]) await askAs(route, agent, to!, sending);
    await ask(route, to!, sending);
    const headers = signed(live, route.method, to!, raw);
    for (let n = 0; n < 2; n += 1) await ask(route, to!, { ...sending, headers });
    for (const signing of [{ secret: 'wrong' }, { timestamp: 1_000_000_000_000 }])
      await ask(route, to!, { ...sending, headers: signed(live, route.method, to!, raw, signing) });
  }
  expect([...undocumented]).toEqual([]);
  expect([...refused]).toEqual(
    expect.arrayContaining([
      '401 invalid_key',
      '401 missing_signature',
      '401 invalid_signature',
      '401 timestamp_out_of_window',
      '401 replayed_signature',
      '403 permission_missing',
      '403 not_approved',
      '503 broker_unavailable',
    ]),
  );
});
