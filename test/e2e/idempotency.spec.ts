/** Idempotency-Key: a repeat gives the first answer and adds nothing. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { callsOn, create, events, expectRefused, LEAST_V1, SPOT } from '../support/anny.ts';
import type { Answer } from '../support/client.ts';
import type { AnnyKey } from '../support/directory.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

let world: World;
let server: TestServer;
let alpha: AnnyKey;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir);
  alpha = world.keys.alpha;
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

const send = (method: string, path: string, body: unknown, idempotencyKey: string, key = alpha): Promise<Answer> =>
  server.call(method, path, { key, body, headers: { 'idempotency-key': idempotencyKey } });

const REUSED = ['INVALID_INPUT_CONTENT', 'Idempotency-Key'] as const;

async function count(key = alpha): Promise<number> {
  return (await server.call('GET', '/v1/signal?limit=500', { key })).body.payload.signals.length;
}

test('a create repeated gives the same answer, byte for byte, whatever the order and spacing of the body', async () => {
  const first = await send('POST', '/v2/signal', SPOT, 'create-1');
  expect(first.status).toBe(200);
  const before = await count();
  expect((await send('POST', '/v2/signal', SPOT, 'create-1')).text).toBe(first.text);
  const reordered = Object.fromEntries(Object.entries(SPOT).toReversed());
  const spaced = await server.call('POST', '/v2/signal', {
    key: alpha,
    raw: JSON.stringify(reordered, null, 4),
    headers: { 'idempotency-key': 'create-1' },
  });
  expect({ status: spaced.status, text: spaced.text }).toEqual({ status: 200, text: first.text });
  expect(await count()).toBe(before);
});

test('every call repeated gives the same answer and adds nothing, even after what came later', async () => {
  const { id } = await create(server, alpha);
  const calls = callsOn(id);
  const firsts: Answer[] = [];
  for (const [n, { method, path, body }] of calls.entries())
    firsts.push(await send(method, path, body, `call-${id}-${n}`));
  expect(firsts.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  for (const [n, { method, path, body }] of calls.entries()) {
    const again = await send(method, path, body, `call-${id}-${n}`);
    expect({ status: again.status, text: again.text }).toEqual({ status: 200, text: firsts[n]!.text });
  }
  expect(await events(server, alpha, id)).toHaveLength(7);
});

test('another body, route or signal under the same key is refused, and changes nothing', async () => {
  const { id } = await create(server, alpha, SPOT, { headers: { 'idempotency-key': 'mixed' } });
  const other = await create(server, alpha);
  const before = await count();
  expectRefused(await send('POST', '/v2/signal', { ...SPOT, invest: 11 }, 'mixed'), 400, ...REUSED);
  expectRefused(await send('POST', '/v2/signal', { ...SPOT, unknown: 1 }, 'mixed'), 400, ...REUSED);
  expectRefused(await send('POST', '/v1/signal', LEAST_V1, 'mixed'), 400, ...REUSED);
  expectRefused(await send('PUT', `/v1/signal/${id}/updateprice`, { stop_loss: '63000' }, 'mixed'), 400, ...REUSED);
  const update = { stop_loss: '63000' };
  expect((await send('PUT', `/v1/signal/${id}/updateprice`, update, 'update-1')).status).toBe(200);
  expectRefused(await send('PUT', `/v1/signal/${other.id}/updateprice`, update, 'update-1'), 400, ...REUSED);
  expect(await count()).toBe(before);
  expect(await events(server, alpha, id)).toHaveLength(2);
  expect(await events(server, alpha, other.id)).toHaveLength(1);
});

test('50 parallel repeats make one event: of a create', async () => {
  const before = await count();
  const answers = await Promise.all(Array.from({ length: 50 }, () => send('POST', '/v2/signal', SPOT, 'parallel')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(await count()).toBe(before + 1);
  expect(await events(server, alpha, answers[0]!.body.payload.parent_signal_id)).toHaveLength(1);
});

test('50 parallel repeats make one event: of a rebuy, which twice would be two', async () => {
  const { id } = await create(server, alpha);
  const { path, body } = callsOn(id)[2]!;
  const answers = await Promise.all(Array.from({ length: 50 }, () => send('POST', path, body, 'parallel-rebuy')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(await events(server, alpha, id)).toHaveLength(2);
});

test('without a key nothing is guessed: two equal rebuys are two', async () => {
  const { id } = await create(server, alpha);
  const { path, body } = callsOn(id)[2]!;
  for (const _ of [1, 2]) expect((await server.call('POST', path, { key: alpha, body })).status).toBe(200);
  expect(await events(server, alpha, id)).toHaveLength(3);
});

test('a call that changes nothing is kept like any other', async () => {
  const { id } = await create(server, alpha);
  const path = `/v1/signal/${id}/updateprice`;
  const first = await send('PUT', path, { stop_loss: '62000.0' }, 'nothing-1');
  expect(first.status).toBe(200);
  await server.call('PUT', path, { key: alpha, body: { stop_loss: '63000' } });
  expect((await send('PUT', path, { stop_loss: '62000.0' }, 'nothing-1')).text).toBe(first.text);
  expectRefused(await send('PUT', path, { stop_loss: '62500' }, 'nothing-1'), 400, ...REUSED);
  expect(await events(server, alpha, id)).toHaveLength(2);
});

test('refusals are not kept: the mended request goes through under the same key', async () => {
  const broken = { ...SPOT, stop_loss: '69000' };
  expectRefused(await send('POST', '/v2/signal', broken, 'mend'), 400, 'INVALID_INPUT_CONTENT', 'stop_loss');
  expectRefused(
    await send('POST', '/v2/signal', { coin: 'BTC' }, 'mend'),
    400,
    'INVALID_INPUT_MISSING',
    'trade_market',
  );
  expect((await send('POST', '/v2/signal', SPOT, 'mend')).status).toBe(200);
  expectRefused(await send('POST', '/v2/signal', { ...SPOT, coin: 'ETH' }, 'mend'), 400, ...REUSED);
});

test('the same key of another channel is another key', async () => {
  const first = await send('POST', '/v2/signal', SPOT, 'shared');
  const others = await send('POST', '/v2/signal', { ...SPOT, coin: 'ETH' }, 'shared', world.keys.beta);
  expect(others.status).toBe(200);
  expect(others.text).not.toBe(first.text);
});

test.each([
  ['empty', ''],
  ['too long', 'x'.repeat(256)],
  ['two words', 'a b'],
  ['not ASCII', 'schlüssel'],
])('a key that is %s is refused', async (_name, key) => {
  expectRefused(await send('POST', '/v2/signal', SPOT, key), 400, ...REUSED);
});

test('a key of 255 characters is taken', async () => {
  expect((await send('POST', '/v2/signal', SPOT, '~'.repeat(255))).status).toBe(200);
});
