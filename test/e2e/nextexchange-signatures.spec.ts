/** What a live agent signs: all that is wrong is refused, before anything else is looked at, and nothing is taken twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer } from '../support/client.ts';
import {
  BASE,
  command,
  errorOf,
  LIMIT_BUY,
  LIVE,
  MARKET_BUY,
  register,
  registerLive,
  send,
  sendSigned,
  signatureOf,
  signed,
  type TestAgent,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
import { createWorld, type ServerProcess, startProcess, type World } from '../support/server.ts';
import { STAND_IN } from '../support/stores.ts';

/** Replays sent at once. What stands in for MongoDB counts so few a second that 10,000 would outlast their timestamp. */
const REPLAYS = STAND_IN ? 1_000 : 10_000;

/** A timestamp so far ahead is in the window of 30 s at once, and for 55 s: no replay comes too late. */
const AHEAD_MS = 25_000;

let world: World;
let server: ServerProcess;
/** Another process on the same stores. */
let second: ServerProcess;
let agent: TestAgent;

beforeAll(async () => {
  world = await createWorld();
  server = await startProcess(world.dataDir, { ...WITH_PRICES, LIVE_BROKER: 'paper' });
  second = await startProcess(world.dataDir, { ...WITH_PRICES, ROLES: 'api', LIVE_BROKER: 'paper' });
  await untilPriced(server);
  agent = await registerLive(server, world.dataDir);
  // What was known of it before is forgotten by then.
  await sleep(600);
});

afterAll(async () => {
  await second.stop();
  await server.stop();
  await world.remove();
  const lines = server.output() + second.output();
  expect(lines.split('\n').filter((line) => line.includes('"a request failed"'))).toEqual([]);
  for (const secret of [agent.apiKey, agent.apiSecret]) expect(lines.includes(secret)).toBe(false);
});

const orders = async (): Promise<number> =>
  (await sendSigned(server, agent, 'GET', '/orders?limit=200')).body.data.length;

/** Sends a body under headers that are given. */
const post = (
  raw: string,
  headers: Record<string, string>,
  path = '/orders',
  to: ServerProcess = server,
): Promise<Answer> => to.call('POST', BASE + path, { raw, headers });

describe('a live agent', () => {
  test('signs each request, with the path behind /v1/agent or the whole one, in small or capital letters', async () => {
    expect((await sendSigned(server, agent, 'GET', '/market?coins=bitcoin')).status).toBe(200);
    expect(
      (await sendSigned(server, agent, 'GET', '/portfolio', undefined, { path: `${BASE}/portfolio` })).status,
    ).toBe(200);
    const headers = signed(agent, 'GET', '/portfolio');
    const capital = { ...headers, 'x-nx-signature': headers['x-nx-signature']!.toUpperCase() };
    expect((await server.call('GET', `${BASE}/portfolio`, { headers: capital })).status).toBe(200);
    const placed = await sendSigned(server, agent, 'POST', '/orders', MARKET_BUY);
    expect([placed.status, placed.body.order.status]).toEqual([201, 'filled']);
  });

  test('on a GET may repeat a signature, on a write never, whatever the first one was answered', async () => {
    const read = signed(agent, 'GET', '/portfolio');
    for (let n = 0; n < 3; n += 1)
      expect((await server.call('GET', `${BASE}/portfolio`, { headers: read })).status).toBe(200);
    for (const body of [LIMIT_BUY, { ...LIMIT_BUY, quantity: -1 }]) {
      const raw = JSON.stringify(body);
      const headers = signed(agent, 'POST', '/orders', raw);
      const first = await post(raw, headers);
      expect(first.status).toBe(body.quantity > 0 ? 201 : 400);
      expect(errorOf(await post(raw, headers))).toBe('401 replayed_signature');
      const capital = { ...headers, 'x-nx-signature': headers['x-nx-signature']!.toUpperCase() };
      expect(errorOf(await post(raw, capital, '/orders', second))).toBe('401 replayed_signature');
    }
  });

  test('that has no signature is told so', async () => {
    const { 'x-nx-timestamp': timestamp, 'x-nx-signature': signature } = signed(agent, 'GET', '/market');
    for (const headers of [{}, { 'x-nx-timestamp': timestamp! }, { 'x-nx-signature': signature! }])
      expect(errorOf(await send(server, agent, 'GET', '/market', { headers }))).toBe('401 missing_signature');
  });
});

describe('refused as no signature of the request', () => {
  const raw = JSON.stringify(LIMIT_BUY);
  const cases: readonly (readonly [string, () => Promise<Answer>])[] = [
    ['another secret', () => sendSigned(server, agent, 'POST', '/orders', LIMIT_BUY, { secret: 'wrong' })],
    ['another body', () => sendSigned(server, agent, 'POST', '/orders', LIMIT_BUY, { body: '{}' })],
    ['the same body, written otherwise', () => post(raw.replace(',', ', '), signed(agent, 'POST', '/orders', raw))],
    ['another path', () => sendSigned(server, agent, 'POST', '/orders', LIMIT_BUY, { path: '/pause' })],
    ['another method', () => sendSigned(server, agent, 'POST', '/orders', LIMIT_BUY, { method: 'GET' })],
    [
      'the query',
      () => sendSigned(server, agent, 'GET', '/market?coins=btc', undefined, { path: '/market?coins=btc' }),
    ],
    ['nothing', () => sendSigned(server, agent, 'POST', '/orders', LIMIT_BUY, { body: '' })],
    ['a body that is a list', () => post('[1]', signed(agent, 'POST', '/orders', '[1]'))],
    ['a body behind a space', () => post(` ${raw}`, signed(agent, 'POST', '/orders', ` ${raw}`))],
    ['a path with letters that no path has', () => sendSigned(server, agent, 'GET', '/orders/%41')],
    ['a text that is no hex', () => post(raw, { ...signed(agent, 'POST', '/orders', raw), 'x-nx-signature': 'x' })],
  ];

  test.each(cases)('%s', async (_name, attempt) => {
    const before = await orders();
    expect(errorOf(await attempt())).toBe('401 invalid_signature');
    expect(await orders()).toBe(before);
  });

  test('before what is wrong with the body', async () => {
    const broken = '{"symbol":';
    expect(
      errorOf(await post(broken, { ...signed(agent, 'POST', '/orders', broken), 'x-nx-signature': '0'.repeat(64) })),
    ).toBe('401 invalid_signature');
    expect(errorOf(await post(broken, signed(agent, 'POST', '/orders', broken)))).toBe('400 invalid_json');
  });

  test('the boundary between path and body moved', async () => {
    const timestamp = Date.now();
    const [front, back] = ['/orders', '/x{"symbol":"BTC"}'];
    const signature = signatureOf(agent.apiSecret, { timestamp, method: 'POST', path: front, body: back });
    const headers = { 'x-nx-key': agent.apiKey, 'x-nx-timestamp': String(timestamp), 'x-nx-signature': signature };
    expect(errorOf(await post(back, headers, front))).toBe('401 invalid_signature');
    // Cut where a body may begin it is the signature of a path that is nowhere.
    expect(errorOf(await post('{"symbol":"BTC"}', headers, '/orders/x'))).toBe('404 not_found');
  });
});

describe('the timestamp', () => {
  test.each([-31_000, 31_000, -60_000, 3_600_000])('%d ms off is out of the window', async (off) => {
    const timestamp = Date.now() + off;
    expect(errorOf(await sendSigned(server, agent, 'GET', '/portfolio', undefined, { timestamp }))).toBe(
      '401 timestamp_out_of_window',
    );
  });

  // The end itself is judged in a unit test: here time passes on the way.
  test.each([-29_000, 29_000])('%d ms off is in it', async (off) => {
    const timestamp = Date.now() + off;
    expect((await sendSigned(server, agent, 'GET', '/portfolio', undefined, { timestamp })).status).toBe(200);
  });

  test.each(['', '1', '17e11', `${Date.now()}0`, `${Math.floor(Date.now() / 1000)}`])(
    '%j is none',
    async (timestamp) => {
      const code = errorOf(await sendSigned(server, agent, 'GET', '/portfolio', undefined, { timestamp }));
      expect(code).toBe(timestamp === '' ? '401 missing_signature' : '401 timestamp_out_of_window');
    },
  );
});

test(`of ${REPLAYS} replays at once to two processes one is accepted`, async () => {
  const before = await orders();
  const raw = JSON.stringify(LIMIT_BUY);
  const headers = signed(agent, 'POST', '/orders', raw, { timestamp: Date.now() + AHEAD_MS });
  const answers = await Promise.all(
    Array.from({ length: REPLAYS }, (_, n) => post(raw, headers, '/orders', n % 2 === 0 ? server : second)),
  );
  const told = new Map<string, number>();
  for (const answer of answers) {
    const name = answer.status === 201 ? '201' : errorOf(answer);
    told.set(name, (told.get(name) ?? 0) + 1);
  }
  expect(Object.fromEntries(told)).toEqual({ '201': 1, '401 replayed_signature': REPLAYS - 1 });
  expect(await orders()).toBe(before + 1);
}, 120_000);

test('what was used up stays so in another process, and after a kill', async () => {
  const folder = await createWorld();
  const settings = { ...WITH_PRICES, ROLES: 'api,projector' };
  const first = await startProcess(folder.dataDir, settings);
  const one = await registerLive(first, folder.dataDir);
  await sleep(600);
  const raw = JSON.stringify({ reason: 'training' });
  const headers = signed(one, 'POST', '/pause', raw);
  expect((await first.call('POST', `${BASE}/pause`, { raw, headers })).status).toBe(200);
  first.child.kill('SIGKILL');
  await first.ended;
  first.close();
  const next = await startProcess(folder.dataDir, settings);
  expect(errorOf(await next.call('POST', `${BASE}/pause`, { raw, headers }))).toBe('401 replayed_signature');
  expect((await sendSigned(next, one, 'POST', '/resume', { reason: 'trained' })).status).toBe(200);
  const output = first.output() + next.output();
  await next.stop();
  await folder.remove();
  for (const secret of [one.apiKey, one.apiSecret, headers['x-nx-signature']!])
    expect(output.includes(secret)).toBe(false);
});

describe('a live agent that may not come in', () => {
  test('waits for its approval, whatever it sends', async () => {
    const { id, ...pending } = await register(server, LIVE);
    for (const path of ['/market', '/portfolio', '/nothing'])
      expect(errorOf(await sendSigned(server, { id, ...pending }, 'GET', path))).toBe('403 not_approved');
    expect(errorOf(await send(server, pending, 'POST', '/orders', { raw: '{' }))).toBe('403 not_approved');
    await command(world.dataDir, { type: 'ApproveAccount', accountId: id, now: new Date().toISOString() });
    await sleep(1_000);
    for (const to of [server, second])
      expect((await sendSigned(to, { id, ...pending }, 'GET', '/market')).status).toBe(200);
  });

  test('is nobody once it is revoked', async () => {
    const revoked = await registerLive(server, world.dataDir);
    for (const to of [server, second]) expect((await sendSigned(to, revoked, 'GET', '/market')).status).toBe(200);
    const now = new Date().toISOString();
    await command(world.dataDir, { type: 'CloseAccount', accountId: revoked.id, now, reason: 'over' });
    await sleep(1_000);
    for (const to of [server, second])
      expect(errorOf(await sendSigned(to, revoked, 'GET', '/market'))).toBe('401 invalid_key');
  });
});

test('too many wrong signatures shut an address out, and not the agent that signs', async () => {
  const told = new Set<string>();
  for (let n = 0; n < 70; n += 1)
    told.add(errorOf(await sendSigned(server, agent, 'GET', '/market', undefined, { secret: 'wrong' })));
  expect(told).toEqual(new Set(['401 invalid_signature', '429 rate_limited']));
  expect((await sendSigned(server, agent, 'GET', '/market')).status).toBe(200);
});
