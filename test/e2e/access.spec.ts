/** Who may do what: keys, scopes, channels apart from each other, and credentials before the body. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { create, events, expectRefused, writesOn } from '../support/anny.ts';
import { credentials } from '../support/client.ts';
import type { AnnyKey } from '../support/directory.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

/** Longest time a revoked key may still work. */
const REVOKED_WITHIN_MS = 1_000;

let world: World;
let server: TestServer;
let id: string;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir);
  ({ id } = await create(server, world.keys.alpha));
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

const READS = (): string[] => ['/v1/signal', `/v1/signal/${id}`, `/v1/signal/${id}/history`];

test("an auditor's key reads every channel and writes nothing", async () => {
  const other = await create(server, world.keys.beta);
  const key = world.keys.auditor;
  for (const path of [...READS(), `/v1/signal/${other.id}`, `/v1/signal/${other.id}/history`]) {
    expect((await server.call('GET', path, { key })).status).toBe(200);
  }
  const { headers } = await create(server, world.keys.alpha).then(({ answer }) => answer);
  const { body } = await server.call('GET', '/v1/signal', {
    key,
    headers: { 'x-wait-position': String(headers['x-position']) },
  });
  const ids = body.payload.signals.map((one: { parent_signal_id: string }) => one.parent_signal_id);
  expect(ids).toEqual(expect.arrayContaining([id, other.id]));
  for (const write of writesOn(id)) {
    expectRefused(await server.call(write.method, write.path, { key, body: write.body }), 403, 'UNAUTHORIZED');
  }
});

test('a key of scope read reads its channel and writes nothing', async () => {
  const key = world.keys.reader;
  for (const path of READS()) expect((await server.call('GET', path, { key })).status).toBe(200);
  for (const write of writesOn(id)) {
    expectRefused(await server.call(write.method, write.path, { key, body: write.body }), 403, 'UNAUTHORIZED');
  }
});

test('no key, no route: every route refuses the same way', async () => {
  const { alpha, beta } = world.keys;
  const wrong = [
    {},
    { 'anny-api-key': alpha.key },
    { 'anny-api-secret': alpha.secret },
    { ...credentials(alpha), 'anny-api-secret': beta.secret },
    { ...credentials(alpha), 'anny-api-key': alpha.key.toUpperCase() },
    { ...credentials(alpha), 'anny-api-secret': '' },
    { ...credentials(alpha), 'anny-api-secret': 'é' },
    { ...credentials(alpha), 'anny-api-key': [alpha.key, alpha.key] },
    credentials(world.keys.revoked),
  ];
  const routes = [...writesOn(id), ...READS().map((path) => ({ method: 'GET', path, body: undefined }))];
  const texts = new Set<string>();
  for (const { method, path, body } of routes) {
    for (const headers of wrong) {
      const answer = await server.call(method, path, { body, headers: headers as never });
      expectRefused(answer, 403, 'UNAUTHORIZED');
      texts.add(answer.text);
    }
  }
  expect(texts.size).toBe(1);
});

test('a signal of another channel does not exist, on any route', async () => {
  const key = world.keys.beta;
  const before = (await events(server, world.keys.alpha, id)).length;
  for (const { method, path, body } of writesOn(id).slice(2)) {
    expectRefused(await server.call(method, path, { key, body }), 400, 'INVALID_INPUT_CONTENT', 'parent_signal_id');
  }
  for (const path of [`/v1/signal/${id}`, `/v1/signal/${id}/history`, `/v1/signal/${id}?dialect=all`]) {
    expectRefused(await server.call('GET', path, { key }), 400, 'INVALID_INPUT_CONTENT', 'parent_signal_id');
  }
  const { body } = await server.call('GET', '/v1/signal?dialect=all&limit=500', { key });
  expect(body.payload.signals.map((one: { parent_signal_id: string }) => one.parent_signal_id)).not.toContain(id);
  expect(await events(server, world.keys.alpha, id)).toHaveLength(before);
});

test('the same answer for a signal of another channel and for none', async () => {
  const none = id.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const [other, nobodys] = await Promise.all(
    [id, none].map((one) => server.call('GET', `/v1/signal/${one}`, { key: world.keys.beta })),
  );
  expect(other!.text).toBe(nobodys!.text);
});

describe('keys while the server runs', () => {
  const read = (key: AnnyKey) => server.call('GET', '/v1/signal?limit=1', { key });

  test('issued by another process, a key works soon; revoked, it works no longer than a second', async () => {
    const key = await world.directory.issueKey(world.channels.alpha);
    const issued = Date.now();
    while ((await read(key)).status !== 200) {
      expect(Date.now() - issued).toBeLessThan(5_000);
      await sleep(10);
    }
    await world.directory.revokeKey(key.keyId);
    await sleep(REVOKED_WITHIN_MS);
    expectRefused(await read(key), 403, 'UNAUTHORIZED');
    expectRefused(await server.call('POST', '/v2/signal', { key, body: {} }), 403, 'UNAUTHORIZED');
    expect((await read(world.keys.alpha)).status).toBe(200);
  });
});

describe('credentials come before the body', () => {
  test.each([
    ['broken JSON', { raw: '{"coin":' }],
    ['a body too large', { raw: `{"coin":"${'x'.repeat(70_000)}"}` }],
    ['another content type', { raw: 'x', headers: { 'content-type': 'text/plain' } }],
    ['a hostile key', { raw: '{"__proto__":1}' }],
  ])('%s is 403 without a key, and with one that may only read', async (_name, sending) => {
    for (const key of [null, world.keys.revoked, world.keys.reader]) {
      expectRefused(await server.call('POST', '/v2/signal', { key, ...sending }), 403, 'UNAUTHORIZED');
    }
  });
});

describe('request ids', () => {
  test('the caller gets its own back, and else one of its own', async () => {
    const answer = (headers: Record<string, string>) => server.call('GET', '/v1/signal', { headers });
    expect((await answer({ 'x-request-id': 'order-77:a.b_c' })).headers['x-request-id']).toBe('order-77:a.b_c');
    const given = new Set<unknown>();
    for (const wrong of [undefined, 'two words', 'x'.repeat(65), '<script>', 'a,b']) {
      const { headers } = await answer(wrong === undefined ? {} : { 'x-request-id': wrong });
      expect(headers['x-request-id']).toMatch(/^[\w.:-]{1,64}$/);
      expect(headers['x-request-id']).not.toBe(wrong);
      given.add(headers['x-request-id']);
    }
    expect(given.size).toBe(5);
  });

  test('one line in the log for each request, with its id; never a secret', async () => {
    const { alpha } = world.keys;
    const ids = ['log-ok', 'log-bad', 'log-403'];
    await server.call('POST', '/v2/signal?a=1', {
      key: alpha,
      body: { secret: 'canary' },
      headers: { 'x-request-id': ids[1]! },
    });
    await server.call('GET', '/v1/signal', { key: alpha, headers: { 'x-request-id': ids[0]! } });
    await server.call('GET', '/v1/signal', {
      headers: { 'x-request-id': ids[2]!, ...credentials(alpha), 'anny-api-secret': 'canary' },
    });
    await sleep(20);
    const lines = server.log.filter((line) => ids.includes(line['requestId'] as string));
    expect(lines.map(({ requestId, method, path, status, keyId }) => [requestId, method, path, status, keyId])).toEqual(
      [
        ['log-bad', 'POST', '/v2/signal', 400, alpha.keyId],
        ['log-ok', 'GET', '/v1/signal', 200, alpha.keyId],
        ['log-403', 'GET', '/v1/signal', 403, undefined],
      ],
    );
    const all = JSON.stringify(server.log);
    for (const secret of ['canary', ...Object.values(world.keys).flatMap(({ key, secret: one }) => [key, one])]) {
      expect(all.includes(secret)).toBe(false);
    }
  });
});

test('health says that the process lives and takes writes, without a key', async () => {
  expect(await server.call('GET', '/health/live')).toMatchObject({ status: 200, body: { status: 'live' } });
  expect(await server.call('GET', '/health/ready')).toMatchObject({
    status: 200,
    body: { status: 'ready', checks: { events: 'ok', views: 'ok' } },
  });
});

test('a path that is nobody’s is a plain 404', async () => {
  expect(await server.call('GET', '/v3/signal')).toMatchObject({ status: 404, body: { error: 'not_found' } });
});
