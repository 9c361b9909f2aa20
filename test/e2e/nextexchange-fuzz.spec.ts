/**
 * Whatever is sent to the routes of agents: no 500, and an answer of the schema that is documented for its status. Bodies
 * are drawn from the API documents. FUZZ_RUNS is their number.
 */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ApiDocument, Route } from '../../apps/server/src/http/api-document.ts';
import { agentRoutes, bodiesOf, readDocument, type Validators, validatorsOf } from '../support/api-document.ts';
import { bodiesFor } from '../support/from-schema.ts';
import {
  BASE,
  errorOf,
  LIMIT_BUY,
  MARKET_BUY,
  register,
  send,
  type TestAgent,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';
import { STAND_IN } from '../support/stores.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? (STAND_IN ? 150 : 1_500));
const TOGETHER = 10;

/** Requests of an agent before a new one is made: its limit is 1,000 in any minute. */
const AGENT_LASTS = 500;

let world: World;
let server: TestServer;
let document: ApiDocument;
let routes: readonly (Route & { readonly name: string })[];
let validators: Validators;
let agent: TestAgent;
let used = 0;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir, { ...WITH_PRICES, LOG_LEVEL: 'warn' });
  await untilPriced(server);
  document = await readDocument(server);
  routes = agentRoutes(document);
  validators = validatorsOf(document);
  agent = await register(server);
});

afterAll(async () => {
  const failures = server.log.filter((line) => line['msg'] === 'a request failed');
  await server.stop();
  await world.remove();
  expect(failures).toEqual([]);
});

/** An agent that may send so many requests more. */
async function agentFor(requests: number): Promise<TestAgent> {
  used += requests;
  if (used > AGENT_LASTS) {
    agent = await register(server);
    used = requests;
  }
  return agent;
}

test('every write', async () => {
  const writes = routes.filter(({ operation }) => operation.requestBody !== undefined);
  const statuses = new Map<number, number>();
  for (const route of writes) {
    const { schema } = route.operation.requestBody!.content['application/json'];
    const examples = bodiesOf(route, '').map(([, body]) => {
      const { parent_signal_id: _, ...own } = body as Record<string, unknown>;
      return own;
    });
    const bodies = fc.array(bodiesFor(schema, examples, document), { minLength: TOGETHER, maxLength: TOGETHER });
    const share = Math.ceil(RUNS / writes.length / TOGETHER);
    await fc.assert(
      fc.asyncProperty(bodies, async (some) => {
        const one = await agentFor(2 * TOGETHER);
        const order = route.path.includes('{id}')
          ? await send(server, one, 'POST', '/orders', { body: LIMIT_BUY })
          : null;
        const path = route.path.replace('{id}', order?.body.order?.orderId ?? '0'.repeat(32)).replace(BASE, '');
        await Promise.all(
          some.map(async (raw) => {
            const answer = await send(server, one, route.method, path, { raw });
            statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
            const wrong =
              answer.status >= 500 ? `${answer.status} ${answer.text}` : validators.wrongWith(route, answer);
            if (wrong !== null) throw new Error(`${route.name}: ${wrong} to ${raw.toString()}`);
          }),
        );
        await send(server, one, 'POST', '/resume', { body: { reason: 'next' } });
      }),
      { numRuns: share },
    );
  }
  // What is drawn is neither all wrong nor all right. An order that the account can't take is drawn more seldom.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 400, ...(RUNS < 1_000 ? [] : [422])]));
}, 300_000);

describe('hostile', () => {
  const order = JSON.stringify(MARKET_BUY);
  const more = (text: string): string => `${order.slice(0, -1)},${text}}`;
  const post = async (raw: string | Buffer, headers = {}) =>
    send(server, await agentFor(1), 'POST', '/orders', { raw, headers });

  test.each([
    ['__proto__', more('"__proto__":{"symbol":"X"}')],
    ['constructor.prototype', more('"constructor":{"prototype":{}}')],
    ['a key twice', more('"symbol":"ETH"')],
    ['a key twice, once escaped', more('"\\u0073ymbol":"ETH"')],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['NaN', order.replace('0.01', 'NaN')],
    ['truncated', order.slice(0, -1)],
    ['a list', `[${order}]`],
    ['null', 'null'],
    ['empty', ''],
    ['a byte order mark', `\ufeff${order}`],
    ['nested deeply', more(`"x":${'['.repeat(5_000)}`)],
  ])('bodies: %s', async (_name, raw) => {
    expect(errorOf(await post(raw))).toBe('400 invalid_json');
  });

  test.each([
    ['1e999', 'invalid_field'],
    ['0.1234567890123456789', 'invalid_field'],
    ['-0.01', 'invalid_field'],
    ['"0.01"', 'invalid_field'],
    ['1e-40', 'invalid_field'],
    ['null', 'missing_field'],
  ])('a quantity of %s', async (text, code) => {
    const answer = await post(order.replace('0.01', text));
    expect([errorOf(answer), answer.body.error.field]).toEqual([`400 ${code}`, 'quantity']);
    // No field takes an amount as a text.
    expect(answer.body.error.message).not.toMatch(/string/);
  });

  test('content types and encodings', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'json', '*/*'])
      expect(errorOf(await post(order, { 'content-type': type }))).toBe('415 unsupported_media_type');
    expect(errorOf(await post(order, { 'content-type': [] }))).toBe('415 unsupported_media_type');
    expect(errorOf(await post(gzipSync(order), { 'content-encoding': 'gzip' }))).toBe('400 invalid_json');
    expect((await post(order, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201);
  });

  test.each([
    '/orders/%00',
    '/orders/%',
    '/orders/%zz',
    '/orders/..',
    '/orders/__proto__',
    '/orders/',
    `/orders/${'a'.repeat(5_000)}`,
  ])('the path %s', async (path) => {
    const answer = await send(server, await agentFor(1), 'GET', path);
    expect(['404 order_not_found', '404 not_found']).toContain(errorOf(answer));
  });

  test.each([
    '?%',
    '?limit=%zz',
    '?status=%00',
    '?__proto__=1',
    '?limit=1&limit=2',
    '?cursor=%20',
    `?status=${'x'.repeat(4_000)}`,
  ])('the query %s', async (query) => {
    for (const path of ['/orders', '/market', '/charts', '/orderbook', '/social', '/sentiment']) {
      const answer = await send(server, await agentFor(1), 'GET', path + query);
      expect([200, 400]).toContain(answer.status);
      if (answer.status === 400) errorOf(answer);
    }
  });

  test.each(['PUT', 'OPTIONS', 'PROPFIND', 'TRACE'])('the method %s has no route', async (method) => {
    const answer = await send(server, await agentFor(1), method, '/orders');
    expect(answer.status).toBe(404);
  });

  test('HEAD is a GET without its body', async () => {
    const answer = await send(server, await agentFor(1), 'HEAD', '/portfolio');
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect((await server.call('HEAD', `${BASE}/portfolio`)).status).toBe(401);
  });

  test('keys and headers of every kind', async () => {
    for (const key of [
      '\u00e9',
      'nx_test_',
      `nx_test_${'0'.repeat(71)}`,
      'x'.repeat(8_000),
      agent.apiKey.toLowerCase(),
    ])
      expect(errorOf(await server.call('GET', `${BASE}/market`, { headers: { 'x-nx-key': key } }))).toBe(
        '401 invalid_key',
      );
    const headers = { 'x-nx-key': [agent.apiKey, agent.apiKey] };
    expect(errorOf(await server.call('GET', `${BASE}/market`, { headers }))).toBe('401 invalid_key');
  });
});
