/** What an operator watches: /metrics counts what happened, and /health/ready tells how far the views are behind. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, SPOT, writesOn } from '../support/anny.ts';
import { eventually, writeTicks } from '../support/prices.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';
import { STORES } from '../support/stores.ts';

/** Each line of the text form: its name with its labels in order, and its value. */
type Told = ReadonlyMap<string, number>;

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

async function metrics(server: TestServer): Promise<Told> {
  const { status, headers, text } = await server.call('GET', '/metrics');
  expect({ status, type: headers['content-type'] }).toEqual({
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
  });
  const told = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    expect({ line, readable: name !== undefined }).toEqual({ line, readable: true });
    const key = `${name}{${[...labels.matchAll(LABEL)]
      .map(([label]) => label)
      .toSorted()
      .join()}}`;
    expect({ key, twice: told.has(key) }).toEqual({ key, twice: false });
    told.set(key, Number(value));
  }
  return told;
}

const command = (outcome: string): string => `signal_ledger_commands_total{outcome="${outcome}"}`;
const failure = (reason: string): string => `signal_ledger_append_failures_total{reason="${reason}"}`;
const requests = (dialect: string, method: string, status: string): string =>
  `signal_ledger_request_duration_seconds_count{dialect="${dialect}",method="${method}",status="${status}"}`;

/** By how much each of these grew; one that was not told stood at 0. */
const grown = (before: Told, after: Told, names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, (after.get(name) ?? 0) - (before.get(name) ?? 0)]));

describe('/metrics', () => {
  let world: World;
  let server: TestServer;

  beforeAll(async () => {
    world = await createWorld();
    server = await startServer(world.dataDir);
  });

  afterAll(async () => {
    await server.stop();
    await world.remove();
  });

  test('counts commands, appends and requests, a conflict and a repeat among them', async () => {
    const key = world.keys.alpha;
    const elsewhere = await startServer(world.dataDir, { ROLES: 'api' });
    const before = await metrics(server);

    const { id } = await create(server, key);
    for (let n = 0; n < 2; n += 1) await create(server, key, SPOT, { headers: { 'idempotency-key': 'once' } });
    // What this process remembers of the signal is old by then.
    const path = `/v1/signal/${id}/updateprice`;
    expect((await elsewhere.call('PUT', path, { key, body: { stop_loss: '63000' } })).status).toBe(200);
    expect((await server.call('PUT', path, { key, body: { stop_loss: '62500' } })).status).toBe(200);
    // A command that the domain refuses, and a body that makes none.
    const cancel = { key, body: { parent_signal_id: id } };
    expect((await server.call('DELETE', `/v1/signal/${id}/cancel`, cancel)).status).toBe(200);
    expect((await server.call('PUT', path, { key, body: { stop_loss: '62000' } })).status).toBe(400);
    expect((await server.call('POST', '/v2/signal', { key, body: {} })).status).toBe(400);
    expect((await server.call('GET', `/v1/signal/${id}`, { key })).status).toBe(200);
    expect((await server.call('GET', '/v1/signals')).status).toBe(401);
    expect((await server.call('GET', '/nothing')).status).toBe(404);
    await elsewhere.stop();

    const expected = {
      [command('done')]: 4,
      [command('repeated')]: 1,
      [command('refused')]: 1,
      [command('unavailable')]: 0,
      [command('unknown')]: 0,
      [command('failed')]: 0,
      // Four that went through, the update's first try, and the repeat, which meets the reservation of its key.
      signal_ledger_append_duration_seconds_count: 6,
      signal_ledger_append_events_count: 6,
      // Under a key, the reservation is an event beside the command's, where a store appends to two streams at once. Where
      // it does not, each is an append, and the repeat finds the reservation without trying to make one.
      signal_ledger_append_events_sum: STORES.startsWith('sqlite') ? 8 : 6,
      // Those that went through, each awaited alone.
      signal_ledger_commit_events_count: STORES.startsWith('sqlite') ? 4 : 5,
      signal_ledger_commit_events_sum: 5,
      [failure('conflict')]: STORES.startsWith('sqlite') ? 2 : 1,
      [failure('unknown')]: 0,
      [failure('unavailable')]: 0,
      [failure('failed')]: 0,
      [requests('anny', 'POST', '2xx')]: 3,
      [requests('anny', 'POST', '4xx')]: 1,
      [requests('anny', 'PUT', '2xx')]: 1,
      [requests('anny', 'PUT', '4xx')]: 1,
      [requests('anny', 'DELETE', '2xx')]: 1,
      [requests('anny', 'GET', '2xx')]: 1,
      [requests('traderz', 'GET', '4xx')]: 1,
      [requests('none', 'GET', '4xx')]: 1,
    };
    const named = Object.fromEntries(
      Object.entries(expected).map(([name, count]) => [name.includes('{') ? name : `${name}{}`, count]),
    );
    // A request is counted once its answer is out, so the last may still be missing.
    const told = await eventually('the last request to be counted', async () => {
      const after = await metrics(server);
      return grown(before, after, [requests('none', 'GET', '4xx')])[requests('none', 'GET', '4xx')] === 1
        ? after
        : null;
    });
    expect(grown(before, told, Object.keys(named))).toEqual(named);
  });

  test('tells how many events are made durable at once', async () => {
    const AT_ONCE = 200;
    const names = ['append_events_sum', 'commit_events_sum', 'commit_events_count'].map(
      (name) => `signal_ledger_${name}{}`,
    );
    const before = await metrics(server);
    await Promise.all(Array.from({ length: AT_ONCE }, () => create(server, world.keys.alpha)));
    const [appended, committed, commits] = Object.values(grown(before, await metrics(server), names));
    expect([appended, committed]).toEqual([AT_ONCE, AT_ONCE]);
    // SQLite's writer takes those that wait together; each append to EventStoreDB is a commit of its own.
    if (STORES.startsWith('sqlite')) expect(commits).toBeLessThan(AT_ONCE / 2);
    else expect(commits).toBe(AT_ONCE);
  });

  test('tells of the process, of what is in flight, of keys, and of each view', async () => {
    const told = await eventually('the view to catch up', async () => {
      const now = await metrics(server);
      return now.get('signal_ledger_view_lag_events{view="signals"}') === 0 ? now : null;
    });
    expect(told.get('signal_ledger_view_lag_seconds{view="signals"}')).toBe(0);
    expect(told.get('signal_ledger_view_parked_streams{view="signals"}')).toBe(0);
    expect(told.get('signal_ledger_commands_in_flight{}')).toBe(0);
    expect(told.get('signal_ledger_append_queue_depth{}')).toBe(0);
    expect(told.get('signal_ledger_commands_in_flight_limit{}')).toBe(10_000);
    expect(told.get('signal_ledger_key_directory_age_seconds{}')).toBeGreaterThanOrEqual(0);
    expect(told.get('process_resident_memory_bytes{}')).toBeGreaterThan(1_000_000);
  });

  test('what is sent adds no label: hostile paths and methods, keys and ids, and every write', async () => {
    const { alpha } = world.keys;
    const { id } = await create(server, alpha);
    for (const { method, path, body } of writesOn(id)) await server.call(method, path, { key: alpha, body });
    const hostile = Array.from({ length: 60 }, (_, n) => `x${n}`);
    for (const one of hostile) {
      await server.call('GET', `/${one}`);
      await server.call('GET', `/v1/signal/${one}?coin=${one}`, { key: alpha });
      await server.call('POST', `/v1/signals/${one}`, { headers: { 'x-request-id': one, authorization: one } });
    }
    const methods = ['HEAD', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE', 'M-SEARCH', 'LOCK', 'SUBSCRIBE'];
    for (const method of methods) for (const path of ['/v2/signal', '/x']) await server.call(method, path);
    for (const path of ['/%zz', '/v2/signal/%c3', `/v1/signal/${'x'.repeat(300)}`]) await server.call('GET', path);

    const told = await metrics(server);
    const values = new Map<string, Set<string>>();
    for (const line of told.keys()) {
      if (!line.startsWith('signal_ledger_')) continue;
      for (const [, label, value] of line.matchAll(LABEL)) {
        if (label !== 'le') values.set(label!, (values.get(label!) ?? new Set()).add(value!));
      }
    }
    const allowed: Record<string, readonly string[]> = {
      dialect: ['none', 'anny', 'nextprod', 'traderz', 'nextexchange'],
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'],
      status: ['1xx', '2xx', '3xx', '4xx', '5xx', 'other'],
      outcome: ['done', 'repeated', 'refused', 'unavailable', 'unknown', 'failed'],
      reason: ['conflict', 'unknown', 'unavailable', 'failed'],
      view: ['signals', 'accounts', 'orders'],
    };
    expect([...values.keys()].toSorted()).toEqual(Object.keys(allowed).toSorted());
    for (const [label, found] of values) {
      expect({ label, strange: [...found].filter((value) => !allowed[label]!.includes(value)) }).toEqual({
        label,
        strange: [],
      });
    }
    expect(told.get(requests('none', 'other', '4xx'))).toBeGreaterThan(0);
    // The three that the router can't read are nobody's.
    expect(told.get(requests('none', 'GET', '4xx'))).toBeGreaterThanOrEqual(hostile.length + 3);
    const { text } = await server.call('GET', '/metrics');
    for (const secret of [alpha.key, alpha.secret, alpha.keyId, world.channels.alpha, id]) {
      expect(text.includes(secret)).toBe(false);
    }
  });
});

test('without METRICS there is nothing to read, and the rest is as it was', async () => {
  const world = await createWorld();
  const server = await startServer(world.dataDir, { METRICS: 'off' });
  expect(await server.call('GET', '/metrics')).toMatchObject({ status: 404, body: { error: 'not_found' } });
  await create(server, world.keys.alpha);
  expect((await server.call('GET', '/health/ready')).status).toBe(200);
  await server.stop();
  await world.remove();
});

test('the market role tells its steps and how old the prices of its venues are', async () => {
  const world = await createWorld();
  const prices = join(world.dataDir, 'prices');
  mkdirSync(prices);
  writeTicks(prices, 500, { 'RISE/USDT': ['100', '105', '112', '105'] });
  const server = await startServer(world.dataDir, { ROLES: 'api,market', SIM_PRICES: prices, SIM_SPEED: '100' });
  const body = { ...SPOT, coin: 'RISE', entry_price_min: '90', entry_price_max: '106', stop_loss: '80' };
  await create(server, world.keys.alpha, { ...body, exit_price_1: '1000', exit_price_2: '2000' });
  const age = 'signal_ledger_market_price_age_seconds{venue="simulated"}';
  const told = await eventually('a step and a price', async () => {
    const now = await metrics(server);
    return now.get('signal_ledger_market_steps_total{}')! > 0 && now.has(age) ? now : null;
  });
  expect(told.get('signal_ledger_market_leads{}')).toBe(1);
  expect(told.get(age)).toBeGreaterThanOrEqual(0);
  await server.stop();
  await world.remove();
}, 60_000);

test('ready tells which stores there are, and the lag: all where nothing projects, none once a projector has caught up', async () => {
  const world = await createWorld();
  const api = await startServer(world.dataDir, { ROLES: 'api' });
  for (let n = 0; n < 3; n += 1) await create(api, world.keys.alpha);
  const [events, views] = STORES.split('+');
  const lagging = await eventually('the lag to be told', async () => {
    const { status, body } = await api.call('GET', '/health/ready');
    expect(status).toBe(200);
    return body.lag.signals.events === 3 ? body : null;
  });
  expect(lagging).toEqual({
    status: 'ready',
    checks: { events: 'ok', views: 'ok' },
    lag: {
      signals: { events: 3, more: false, seconds: expect.any(Number) },
      accounts: { events: 0, more: false, seconds: 0 },
      orders: { events: 0, more: false, seconds: 0 },
    },
    store: { events: events === 'esdb' ? 'eventstoredb' : events, views },
  });
  expect(lagging.lag.signals.seconds).toBeGreaterThan(0);
  const projector = await startServer(world.dataDir, { ROLES: 'projector' });
  await eventually('the view to catch up', async () => {
    const { lag } = (await api.call('GET', '/health/ready')).body;
    return lag.signals.events === 0 && lag.signals.seconds === 0 ? lag : null;
  });
  await projector.stop();
  await api.stop();
  await world.remove();
});
