/** Who may do what: every route of the API documents with every kind of key. A route without a row fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bodiesOf,
  type DialectRoute,
  dialectRoutes,
  namesSignal,
  pathWith,
  readDocument,
  type Validators,
  validatorsOf,
} from '../support/api-document.ts';
import { type Callers, createCallers, type Dialect, DIALECTS, type Headers } from '../support/callers.ts';
import type { Answer } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { idIn, unknownLike } from '../support/signals.ts';

/** Keys of the channel whose signal it is, of others, and keys of the same channel for the two other dialects. */
const WHO = ['own', 'reader', 'other', 'suspended', 'revoked', 'auditor', 'none', 'foreign', 'foreign2'] as const;

/** What each answers, in the order of `WHO`. A signal of another channel does not exist. */
// prettier-ignore
const ROWS: Readonly<Record<string, readonly number[]>> = {
  //                                                        own   read  other suspd revokd audit none  foreign
  'POST /v1/signal':                                       [200,   403,   200,   403,   403,   403,   403,   403,   403],
  'POST /v2/signal':                                       [200,   403,   200,   403,   403,   403,   403,   403,   403],
  'POST /v1/signal/{parent_signal_id}/call/takeprofit':    [200,   403,   400,   403,   403,   403,   403,   403,   403],
  'POST /v1/signal/{parent_signal_id}/call/trailingstop':  [200,   403,   400,   403,   403,   403,   403,   403,   403],
  'POST /v1/signal/{parent_signal_id}/call/rebuy':         [200,   403,   400,   403,   403,   403,   403,   403,   403],
  'POST /v1/signal/{parent_signal_id}/call/dca':           [200,   403,   400,   403,   403,   403,   403,   403,   403],
  'PUT /v1/signal/{parent_signal_id}/updateprice':         [200,   403,   400,   403,   403,   403,   403,   403,   403],
  'DELETE /v1/signal/{parent_signal_id}/cancel':           [200,   403,   400,   403,   403,   403,   403,   403,   403],
  'GET /v1/signal':                                        [200,   200,   200,   200,   403,   200,   403,   403,   403],
  'GET /v1/signal/{parent_signal_id}':                     [200,   200,   400,   400,   403,   200,   403,   403,   403],
  'GET /v1/signal/{parent_signal_id}/history':             [200,   200,   400,   400,   403,   200,   403,   403,   403],
  'GET /v1/signal/record':                                 [200,   200,   200,   200,   403,   200,   403,   403,   403],
  'POST /api/v1/signals':                                  [201,   401,   201,   401,   401,   401,   401,   401,   401],
  'POST /api/v1/signals/batch':                            [200,   401,   200,   401,   401,   401,   401,   401,   401],
  'GET /api/v1/me':                                        [200,   200,   200,   200,   401,   401,   401,   401,   401],
  'GET /api/v1/signals':                                   [200,   200,   200,   200,   401,   200,   401,   401,   401],
  'GET /api/v1/signals/{signal_id}':                       [200,   200,   404,   404,   401,   200,   401,   401,   401],
  'GET /api/v1/strategies/{strategy_id}/record':           [200,   200,   200,   200,   401,   200,   401,   401,   401],
  'POST /v1/signals':                                      [201,   401,   201,   401,   401,   401,   401,   401,   401],
  'GET /v1/signals':                                       [200,   200,   200,   200,   401,   200,   401,   401,   401],
  'GET /v1/signals/record':                                [200,   200,   200,   200,   401,   200,   401,   401,   401],
  'GET /v1/signals/{id}':                                  [200,   200,   404,   404,   401,   200,   401,   401,   401],
};

/** Where each dialect makes a signal. */
const CREATE = { anny: 'POST /v2/signal', nextprod: 'POST /api/v1/signals', traderz: 'POST /v1/signals' } as const;

let callers: Callers;
let server: TestServer;
let routes: readonly DialectRoute[];
let validators: Validators;

beforeAll(async () => {
  callers = await createCallers();
  await callers.change({ type: 'SuspendChannel', channelId: callers.channels.suspended, reason: null });
  server = await startServer(callers.dataDir, { NEXTPROD_RATE_LIMIT: '100000' });
  const document = await readDocument(server);
  routes = dialectRoutes(document);
  validators = validatorsOf(document);
});

afterAll(async () => {
  await server.stop();
  await callers.remove();
});

const routeNamed = (name: string): DialectRoute => routes.find((one) => one.name === name)!;

function headersOf(who: (typeof WHO)[number], dialect: Dialect): Headers {
  if (who === 'none') return {};
  const foreign = Object.values(DIALECTS).filter((one) => one !== dialect);
  if (who === 'foreign') return callers.keys[foreign[0]!].own.headers;
  if (who === 'foreign2') return callers.keys[foreign[1]!].own.headers;
  return callers.keys[dialect][who].headers;
}

/** A body that is accepted each time: no key of it makes a repeat. */
function bodyOf(route: DialectRoute, id: string): object | undefined {
  const {
    idempotency_key: _,
    client_signal_id: __,
    ...body
  } = (bodiesOf(route, id)[0]?.[1] ?? {}) as Record<string, unknown>;
  return route.operation.requestBody === undefined ? undefined : body;
}

const send = (route: DialectRoute, id: string, headers: Headers): Promise<Answer> =>
  server.call(route.method, pathWith(route, id), { headers, body: bodyOf(route, id) });

/** A new signal of the channel `own`. */
async function created(dialect: Dialect, headers = callers.keys[dialect].own.headers): Promise<string> {
  return idIn(await send(routeNamed(CREATE[dialect]), '', headers));
}

test('every route has a row, and every row a route', () => {
  expect(routes.map(({ name }) => name).toSorted()).toEqual(Object.keys(ROWS).toSorted());
});

test.each(Object.keys(ROWS))('%s', async (name) => {
  const route = routeNamed(name);
  const refusals = new Set<string>();
  const statuses: Record<string, number> = {};
  for (const who of WHO) {
    const id = namesSignal(route.path) ? await created(route.dialect) : '';
    const answer = await send(route, id, headersOf(who, route.dialect));
    statuses[who] = answer.status;
    expect({ who, wrong: validators.wrongWith(route, answer) }).toEqual({ who, wrong: null });
    if (['revoked', 'none', 'foreign', 'foreign2'].includes(who)) refusals.add(answer.text);
  }
  expect(statuses).toEqual(Object.fromEntries(WHO.map((who, at) => [who, ROWS[name]![at]])));
  // Nobody learns whether a key was ever good.
  expect(refusals.size).toBe(1);
});

describe('a signal of another channel', () => {
  const withId = Object.keys(ROWS).filter(namesSignal);

  test.each(withId)('%s: the same answer as for one that does not exist, and nothing happens', async (name) => {
    const route = routeNamed(name);
    const { own, other, suspended } = callers.keys[route.dialect];
    const id = await created(route.dialect);
    const read = routes.find((one) => one.dialect === route.dialect && /^GET .*\{\w+\}$/.test(one.name))!;
    const before = await send(read, id, own.headers);
    for (const { headers } of [other, suspended]) {
      const [others, nobodys] = await Promise.all([send(route, id, headers), send(route, unknownLike(id), headers)]);
      expect([others.status, others.text]).toEqual([nobodys.status, nobodys.text]);
      expect(Object.keys(others.headers)).toEqual(Object.keys(nobodys.headers));
    }
    expect((await send(read, id, own.headers)).text).toBe(before.text);
  });

  test('stands in none of its lists', async () => {
    for (const name of Object.keys(ROWS).filter((one) => one.startsWith('GET ') && !one.includes('{'))) {
      const route = routeNamed(name);
      const id = await created(route.dialect);
      const forms = [id, id.replaceAll('-', '')];
      const answer = await server.call('GET', route.path, { headers: callers.keys[route.dialect].other.headers });
      expect(answer.status).toBe(200);
      for (const form of forms) expect(answer.text.includes(form)).toBe(false);
    }
  });
});

test('a signal made through another dialect of the same channel is not there either', async () => {
  for (const name of Object.keys(ROWS).filter(namesSignal)) {
    const route = routeNamed(name);
    const { headers } = callers.keys[route.dialect].own;
    for (const foreign of Object.values(DIALECTS).filter((one) => one !== route.dialect)) {
      const id = await created(foreign);
      const [made, nobodys] = await Promise.all([send(route, id, headers), send(route, unknownLike(id), headers)]);
      expect({ name, foreign, status: made.status }).toMatchObject({ status: ROWS[name]![WHO.indexOf('other')] });
      expect(made.text).toBe(nobodys.text);
    }
  }
});

test('a channel that is suspended reads its own signals on; resumed, it writes again', async () => {
  const channelId = callers.channels.suspended;
  await callers.change({ type: 'ResumeChannel', channelId });
  await sleep(1_000);
  const ids = {
    anny: await created('anny', callers.keys.anny.suspended.headers),
    nextprod: await created('nextprod', callers.keys.nextprod.suspended.headers),
    traderz: await created('traderz', callers.keys.traderz.suspended.headers),
  };
  await callers.change({ type: 'SuspendChannel', channelId, reason: null });
  await sleep(1_000);
  for (const route of routes) {
    const { suspended, revoked } = callers.keys[route.dialect];
    const answer = await send(route, ids[route.dialect], suspended.headers);
    const refused = (await send(route, ids[route.dialect], revoked.headers)).status;
    expect([route.name, answer.status]).toEqual([route.name, route.method === 'GET' ? 200 : refused]);
  }
});
