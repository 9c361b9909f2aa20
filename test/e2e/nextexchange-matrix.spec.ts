/** Who may do what as an agent: every route of the API documents with every kind of key. A route without a row fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PERMISSIONS } from '#libs/account';
import type { Route } from '../../apps/server/src/http/api-document.ts';
import { agentRoutes, bodiesOf, readDocument, type Validators, validatorsOf } from '../support/api-document.ts';
import { type Callers, createCallers, type Headers } from '../support/callers.ts';
import type { Answer } from '../support/client.ts';
import {
  command,
  LIMIT_BUY,
  LIVE,
  publish,
  register,
  registerLive,
  SANDBOX,
  send as sendAs,
  signed,
  type TestAgent,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** The agent whose order it is, live and sandbox, and all others. `bare` has no permission but one that no route asks for. */
const WHO = [
  'own',
  'live',
  'unsigned',
  'other',
  'bare',
  'pending',
  'revoked',
  'none',
  'np',
  'tzk',
  'anny',
  'auditor',
] as const;

/** What each answers, in the order of `WHO`. An order of another agent does not exist. */
// prettier-ignore
const ROWS: Readonly<Record<string, readonly number[]>> = {
  //                                own  live unsig other bare pend revok none np   tzk  anny audit
  'POST /v1/agent/register':       [201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201],
  'GET /v1/agent/market':          [200, 200, 401, 200, 403, 403, 401, 401, 401, 401, 401, 401],
  'GET /v1/agent/charts':          [200, 200, 401, 200, 403, 403, 401, 401, 401, 401, 401, 401],
  'GET /v1/agent/orderbook':       [422, 422, 401, 422, 403, 403, 401, 401, 401, 401, 401, 401],
  'GET /v1/agent/portfolio':       [200, 200, 401, 200, 403, 403, 401, 401, 401, 401, 401, 401],
  'GET /v1/agent/equity':          [200, 200, 401, 200, 403, 403, 401, 401, 401, 401, 401, 401],
  'GET /v1/agent/orders':          [200, 200, 401, 200, 403, 403, 401, 401, 401, 401, 401, 401],
  'GET /v1/agent/orders/{id}':     [200, 404, 401, 404, 403, 403, 401, 401, 401, 401, 401, 401],
  'POST /v1/agent/orders':         [201, 201, 401, 201, 403, 403, 401, 401, 401, 401, 401, 401],
  'PATCH /v1/agent/orders/{id}':   [200, 404, 401, 404, 403, 403, 401, 401, 401, 401, 401, 401],
  'DELETE /v1/agent/orders/{id}':  [200, 404, 401, 404, 403, 403, 401, 401, 401, 401, 401, 401],
  'POST /v1/agent/pause':          [200, 200, 401, 200, 403, 403, 401, 401, 401, 401, 401, 401],
  'POST /v1/agent/resume':         [200, 200, 401, 200, 403, 403, 401, 401, 401, 401, 401, 401],
  'POST /v1/agent/close-all':      [200, 200, 401, 200, 403, 403, 401, 401, 401, 401, 401, 401],
  'GET /v1/agent/sentiment':       [200, 200, 401, 200, 403, 403, 401, 401, 401, 401, 401, 401],
  'GET /v1/agent/social':          [200, 200, 401, 200, 403, 403, 401, 401, 401, 401, 401, 401],
};

let callers: Callers;
let server: TestServer;
let routes: readonly (Route & { readonly name: string })[];
let validators: Validators;
let agents: Readonly<Record<'own' | 'live' | 'other' | 'bare' | 'pending' | 'revoked', TestAgent>>;

beforeAll(async () => {
  callers = await createCallers();
  server = await startServer(callers.dataDir, { ...WITH_PRICES, LIVE_BROKER: 'paper' });
  await untilPriced(server);
  await publish(callers.dataDir, callers.channels.own);
  agents = {
    own: await register(server),
    live: await registerLive(server, callers.dataDir),
    other: await register(server),
    bare: await register(server, { ...SANDBOX, permissions: ['write:webhook'] }),
    pending: await register(server, LIVE),
    revoked: await register(server),
  };
  const now = new Date().toISOString();
  await command(callers.dataDir, { type: 'CloseAccount', accountId: agents.revoked.id, now, reason: 'over' });
  await sleep(1_000);
  const document = await readDocument(server);
  routes = agentRoutes(document);
  validators = validatorsOf(document);
});

afterAll(async () => {
  await server.stop();
  await callers.remove();
});

const QUERIES: Readonly<Record<string, string>> = {
  '/charts': '?coin=BTC',
  '/orderbook': '?coin=BTC',
  '/market': '?coins=BTC',
};

async function sendTo(route: Route, id: string, who: (typeof WHO)[number]): Promise<Answer> {
  const path = route.path.replace('{id}', id);
  const query = QUERIES[path.replace('/v1/agent', '')] ?? '';
  const [, body] = bodiesOf(route, id)[0] ?? [];
  const { parent_signal_id: _, ...own } = (body ?? {}) as Record<string, unknown>;
  const raw = body === undefined ? undefined : JSON.stringify(own);
  const headers = headersOf(who, route.method, path, raw);
  return server.call(route.method, path + query, { headers, ...(raw !== undefined && { raw }) });
}

function headersOf(who: (typeof WHO)[number], method: string, path: string, raw: string | undefined): Headers {
  switch (who) {
    case 'live':
      return signed(agents.live, method, path, raw);
    case 'unsigned':
      return { 'x-nx-key': agents.live.apiKey };
    case 'own':
    case 'other':
    case 'bare':
    case 'pending':
    case 'revoked':
      return { 'x-nx-key': agents[who].apiKey };
    case 'none':
      return {};
    case 'np':
      return asAgent(callers.keys.nextprod.own.headers);
    case 'tzk':
      return asAgent(callers.keys.traderz.own.headers);
    case 'anny':
      return asAgent(callers.keys.anny.own.headers);
    case 'auditor':
      return asAgent(callers.keys.anny.auditor.headers);
  }
}

/** A key of another dialect, where it belongs and where an agent's would. */
function asAgent(headers: Headers): Headers {
  return { ...headers, 'x-nx-key': Object.values(headers)[0]!.replace(/^Bearer /, '') };
}

async function restingOrder(): Promise<string> {
  return (await sendAs(server, agents.own, 'POST', '/orders', { body: LIMIT_BUY })).body.order.orderId as string;
}

test('every route has a row, and every row a route', () => {
  expect(routes.map(({ name }) => name).toSorted()).toEqual(Object.keys(ROWS).toSorted());
});

test.each(Object.keys(ROWS))('%s', async (name) => {
  const route = routes.find((one) => one.name === name)!;
  const refusals = new Set<string>();
  const statuses: Record<string, number> = {};
  for (const who of WHO) {
    const id = route.path.includes('{id}') ? await restingOrder() : '';
    const answer = await sendTo(route, id, who);
    statuses[who] = answer.status;
    expect({ who, wrong: validators.wrongWith(route, answer) }).toEqual({ who, wrong: null });
    if (answer.status === 401 && who !== 'unsigned') refusals.add(answer.text);
    if (who === 'other' || who === 'live') await sendAs(server, agents.own, 'DELETE', `/orders/${id || 'none'}`);
    await Promise.all(
      (['own', 'other'] as const).map((one) =>
        sendAs(server, agents[one], 'POST', '/resume', { body: { reason: 'next' } }),
      ),
    );
  }
  expect(statuses).toEqual(Object.fromEntries(WHO.map((who, at) => [who, ROWS[name]![at]])));
  // Nobody learns whether a key was ever good.
  expect(refusals.size).toBe(name === 'POST /v1/agent/register' ? 0 : 1);
});

test('an agent sees no order of another in any list', async () => {
  const id = await restingOrder();
  for (const path of ['/orders', '/portfolio', '/social'])
    expect((await sendAs(server, agents.other, 'GET', path)).text.includes(id)).toBe(false);
  expect((await sendAs(server, agents.own, 'GET', '/orders')).text.includes(id)).toBe(true);
});

test("an agent's key opens no other dialect", async () => {
  for (const path of ['/v1/signal', '/api/v1/me', '/v1/signals']) {
    const headers = {
      'x-nx-key': agents.own.apiKey,
      authorization: `Bearer ${agents.own.apiKey}`,
      'x-api-key': agents.own.apiKey,
    };
    expect([401, 403]).toContain((await server.call('GET', path, { headers })).status);
  }
});

test('every documented body is of its schema and accepted, every permission is one of the published', async () => {
  let sent = 0;
  for (const route of routes.filter(({ operation }) => operation.requestBody !== undefined)) {
    const { schema } = route.operation.requestBody!.content['application/json'];
    for (const [of, body] of bodiesOf(route, '')) {
      const { parent_signal_id: _, ...own } = body as Record<string, unknown>;
      expect({ route: route.name, of, wrong: validators.wrongWithValue(schema, own) }).toMatchObject({ wrong: null });
      const path = route.path.replace('{id}', route.path.includes('{id}') ? await restingOrder() : '');
      const answer = await server.call(route.method, path, { body: own, headers: { 'x-nx-key': agents.own.apiKey } });
      expect({ route: route.name, of, status: answer.status, done: answer.status < 300 }).toMatchObject({ done: true });
      expect(validators.wrongWith(route, answer)).toBeNull();
      sent += 1;
      await sendAs(server, agents.own, 'POST', '/resume', { body: { reason: 'next' } });
    }
  }
  expect(sent).toBeGreaterThanOrEqual(8);
  expect(PERMISSIONS).toHaveLength(6);
});
