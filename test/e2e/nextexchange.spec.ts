/** The NEXT.exchange dialect as an agent meets it: registration, markets, orders on paper, and what it refuses. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PERMISSIONS } from '#libs/account';
import { permitAgent } from '../../apps/cli/src/agent.ts';
import { create, SPOT } from '../support/anny.ts';
import type { Answer } from '../support/client.ts';
import {
  BASE,
  command,
  errorOf,
  LIMIT_BUY,
  LIVE,
  MARKET_BUY,
  publish,
  register,
  registerLive,
  SANDBOX,
  send,
  sendSigned,
  type TestAgent,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';
import { openEventsOf } from '../support/stores.ts';

let world: World;
let server: TestServer;
let agent: TestAgent;
/** The price of BTC, which stands still. */
let btc: number;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir, WITH_PRICES);
  await untilPriced(server);
  agent = await register(server);
  btc = (await get('/market?coins=BTC')).body.data[0].price;
});

afterAll(async () => {
  const lines = server.log;
  const failures = lines.filter((line) => line['status'] === 500 || line['msg'] === 'a request failed');
  await server.stop();
  await world.remove();
  expect(failures).toEqual([]);
  for (const secret of [agent.apiKey, agent.apiSecret]) expect(JSON.stringify(lines).includes(secret)).toBe(false);
});

const get = (path: string, as = agent): Promise<Answer> => send(server, as, 'GET', path);
const post = (path: string, body: unknown, as = agent, headers = {}): Promise<Answer> =>
  send(server, as, 'POST', path, { body, headers });
const patch = (id: string, body: unknown, as = agent): Promise<Answer> =>
  send(server, as, 'PATCH', `/orders/${id}`, { body });
const cancel = (id: string, as = agent): Promise<Answer> => send(server, as, 'DELETE', `/orders/${id}`);
const enrol = (body: unknown): Promise<Answer> => server.call('POST', `${BASE}/register`, { body });

describe('registration', () => {
  test('of a sandbox agent answers what the document shows', async () => {
    const answer = await enrol(SANDBOX);
    expect(answer.status).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toEqual({
      agent: {
        id: expect.stringMatching(/^agent_[0-9a-f]{32}$/),
        apiKey: expect.stringMatching(/^nx_test_[0-9A-Za-z]{71}$/),
        apiSecret: expect.stringMatching(/^[0-9A-Za-z]{43}$/),
        permissions: [...PERMISSIONS],
        mode: 'sandbox',
        rateLimit: '1000 requests/min',
      },
    });
  });

  test('of a live one says that it waits', async () => {
    const { body } = await enrol(LIVE);
    expect(body.agent).toMatchObject({ mode: 'live', status: 'pending', apiKey: expect.stringMatching(/^nx_live_/) });
  });

  test('takes sandbox where no mode is said, and ignores what it does not know, also an Idempotency-Key', async () => {
    const { mode: _, ...least } = SANDBOX;
    const twice = await Promise.all(
      [1, 2].map(() =>
        server.call('POST', `${BASE}/register`, {
          body: { ...least, color: 'red' },
          headers: { 'idempotency-key': 'k' },
        }),
      ),
    );
    expect(twice.map(({ status, body }) => [status, body.agent.mode])).toEqual([
      [201, 'sandbox'],
      [201, 'sandbox'],
    ]);
    expect(twice[0]!.body.agent.id).not.toBe(twice[1]!.body.agent.id);
  });

  test.each([
    [{ name: undefined }, 'missing_field', 'name'],
    [{ name: '' }, 'invalid_field', 'name'],
    [{ name: ' ' }, 'invalid_field', 'name'],
    [{ name: 'x'.repeat(101) }, 'invalid_field', 'name'],
    [{ name: 1 }, 'invalid_field', 'name'],
    [{ permissions: undefined }, 'missing_field', 'permissions'],
    [{ permissions: [] }, 'invalid_field', 'permissions'],
    [{ permissions: ['read:everything'] }, 'invalid_field', 'permissions'],
    [{ permissions: ['read:market', 'read:market'] }, 'invalid_field', 'permissions'],
    [{ permissions: 'read:market' }, 'invalid_field', 'permissions'],
    [{ mode: 'real' }, 'invalid_field', 'mode'],
    [{ ...LIVE, dailyLossLimit: undefined }, 'missing_field', 'dailyLossLimit'],
    [{ ...LIVE, maxPositionSize: null }, 'missing_field', 'maxPositionSize'],
    [{ ...LIVE, dailyLossLimit: 0 }, 'invalid_field', 'dailyLossLimit'],
    [{ ...LIVE, maxPositionSize: -1 }, 'invalid_field', 'maxPositionSize'],
    [{ maxPositionSize: '5' }, 'invalid_field', 'maxPositionSize'],
  ])('refuses %j', async (change, code, field) => {
    const answer = await enrol({ ...SANDBOX, ...change });
    expect([errorOf(answer), answer.body.error.field]).toEqual([`400 ${code}`, field]);
  });

  test('needs JSON, and a body that is no longer than 64 KiB', async () => {
    const raw = (text: string, headers = {}): Promise<Answer> =>
      server.call('POST', `${BASE}/register`, { raw: text, headers });
    expect(errorOf(await raw('{'))).toBe('400 invalid_json');
    expect(errorOf(await raw('[]'))).toBe('400 invalid_json');
    expect(errorOf(await raw('{}', { 'content-type': 'text/plain' }))).toBe('415 unsupported_media_type');
    expect(errorOf(await raw('{}', { 'content-type': [] }))).toBe('415 unsupported_media_type');
    expect(errorOf(await raw(`{"name":"${'x'.repeat(65_536)}"}`))).toBe('413 too_large');
  });
});

describe('keys', () => {
  test('that are none, unknown, changed or of another dialect are refused in the same words', async () => {
    const unknown = await register(server);
    const changed = agent.apiKey.slice(0, -1) + (agent.apiKey.endsWith('0') ? '1' : '0');
    const texts = new Set<string>();
    for (const key of [undefined, '', 'x', changed, unknown.apiSecret, world.keys.alpha.key]) {
      const answer = await server.call('GET', `${BASE}/market`, {
        headers: key === undefined ? {} : { 'x-nx-key': key },
      });
      expect(errorOf(answer)).toBe('401 invalid_key');
      texts.add(answer.text);
    }
    expect(texts.size).toBe(1);
  });

  test('of a sandbox agent need no signature, and one that is wrong is ignored', async () => {
    const headers = { 'x-nx-signature': 'wrong', 'x-nx-timestamp': '1' };
    expect((await send(server, agent, 'GET', '/portfolio', { headers })).status).toBe(200);
  });

  test('come before the path and the body', async () => {
    for (const [method, path] of [
      ['GET', '/nothing'],
      ['POST', '/orders'],
      ['GET', '/register'],
    ] as const)
      expect(errorOf(await server.call(method, BASE + path, method === 'POST' ? { raw: '{' } : {}))).toBe(
        '401 invalid_key',
      );
    expect(errorOf(await get('/nothing'))).toBe('404 not_found');
  });
});

describe('permissions', () => {
  const ROUTES = [
    ['GET', '/market', 'read:market'],
    ['GET', '/charts', 'read:market'],
    ['GET', '/orderbook', 'read:market'],
    ['GET', '/portfolio', 'read:portfolio'],
    ['GET', '/equity', 'read:portfolio'],
    ['GET', '/orders', 'read:portfolio'],
    ['GET', '/orders/none', 'read:portfolio'],
    ['POST', '/orders', 'write:orders'],
    ['PATCH', '/orders/none', 'write:orders'],
    ['DELETE', '/orders/none', 'write:orders'],
    ['POST', '/pause', 'write:orders'],
    ['POST', '/resume', 'write:orders'],
    ['POST', '/close-all', 'write:orders'],
    ['GET', '/sentiment', 'read:sentiment'],
    ['GET', '/social', 'read:social'],
  ] as const;

  test.each(ROUTES)('%s %s needs %s, before 404 and 400', async (method, path, permission) => {
    const others = PERMISSIONS.filter((one) => one !== permission);
    const without = await register(server, { ...SANDBOX, permissions: others });
    const alone = await register(server, { ...SANDBOX, permissions: [permission] });
    const raw = method === 'GET' ? {} : { raw: '{' };
    const refused = await send(server, without, method, path, raw);
    expect([errorOf(refused), refused.body.error.permission]).toEqual(['403 permission_missing', permission]);
    expect((await send(server, alone, method, path, raw)).status).not.toBe(403);
  });
});

test('what the operator lets it do, beside a running server, holds within a second', async () => {
  const one = await register(server);
  const events = await openEventsOf(world.dataDir);
  try {
    expect((await get('/market', one)).status).toBe(200);
    await permitAgent(events, one.id, 'read:portfolio');
    await sleep(1_000);
    expect(errorOf(await get('/market', one))).toBe('403 permission_missing');
    expect((await get('/portfolio', one)).status).toBe(200);
    await permitAgent(events, one.id, 'read:portfolio,read:market');
    await sleep(1_000);
    expect((await get('/market', one)).status).toBe(200);
  } finally {
    await events.close();
  }
});

describe('markets', () => {
  test('are told by id or symbol, in any case, each once and in the order in which they were named', async () => {
    for (const [coins, symbols] of [
      ['bitcoin', ['BTC']],
      ['BTC', ['BTC']],
      ['eth,bitcoin,btc', ['ETH', 'BTC']],
    ] as const) {
      const { status, body } = await get(`/market?coins=${coins}`);
      expect(status).toBe(200);
      expect(body.data.map(({ symbol }: { symbol: string }) => symbol)).toEqual(symbols);
    }
    const { body } = await get('/market');
    expect(body).toMatchObject({ simulated: true, data: [{ id: 'bitcoin', symbol: 'BTC' }, { id: 'ethereum' }] });
    for (const { price, change24h } of body.data)
      expect([typeof price, typeof change24h]).toEqual(['number', 'number']);
  });

  test('have charts and, where the source has one, a book', async () => {
    const { body } = await get('/charts?coin=bitcoin&interval=1m&limit=5');
    expect(body.simulated).toBe(true);
    expect(body.data.length).toBeGreaterThan(0);
    for (const candle of body.data)
      expect(Object.keys(candle)).toEqual(['time', 'open', 'high', 'low', 'close', 'volume']);
    expect(errorOf(await get('/orderbook?coin=bitcoin'))).toBe('422 quote_unavailable');
  });

  test.each([
    ['/market?coins=nothing', 'invalid_field', 'coins'],
    ['/market?coins=', 'invalid_field', 'coins'],
    ['/market?coins=BTC,,ETH', 'invalid_field', 'coins'],
    ['/market?coins=BTC&coins=ETH', 'invalid_field', 'coins'],
    ['/charts', 'missing_field', 'coin'],
    ['/charts?coin=BTC&interval=2m', 'invalid_field', 'interval'],
    ['/charts?coin=BTC&limit=0', 'invalid_field', 'limit'],
    ['/orderbook?coin=BTC&depth=101', 'invalid_field', 'depth'],
    ['/sentiment?coins=nothing', 'invalid_field', 'coins'],
    ['/social?cursor=x', 'invalid_field', 'cursor'],
    ['/orders?status=new', 'invalid_field', 'status'],
    ['/orders?limit=201', 'invalid_field', 'limit'],
  ])('%s is refused', async (path, code, field) => {
    const answer = await get(path);
    expect([errorOf(answer), answer.body.error.field]).toEqual([`400 ${code}`, field]);
  });
});

describe('orders on paper', () => {
  let trader: TestAgent;

  beforeAll(async () => {
    trader = await register(server);
  });

  test('at the market are filled in the answer, which names the fill model', async () => {
    const { status, body } = await post('/orders', MARKET_BUY, trader);
    expect(status).toBe(201);
    expect(body).toEqual({
      order: {
        orderId: expect.stringMatching(/^[0-9a-f]{32}$/),
        symbol: 'BTC',
        side: 'buy',
        type: 'market',
        quantity: 0.01,
        price: null,
        status: 'filled',
        filledQuantity: 0.01,
        averagePrice: btc,
        fee: Number((0.01 * btc * 0.001).toFixed(9)),
        slippage: 0,
        signalId: null,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
      fillModel: { name: 'last-price', market: expect.any(String), limit: expect.any(String), fee: 0.001, slippage: 0 },
      simulated: true,
    });
    const read = await get(`/orders/${body.order.orderId}`, trader);
    expect(read.body).toEqual(body);
  });

  test('below the market rest, are changed under the same id, and cancelled once', async () => {
    const { body } = await post('/orders', { ...LIMIT_BUY, symbol: 'bitcoin' }, trader);
    const { orderId: id } = body.order;
    expect(body.order).toMatchObject({ status: 'open', price: 1_000, averagePrice: null, filledQuantity: 0 });
    expect((await get('/portfolio', trader)).body.data).toMatchObject({ freeCash: expect.any(Number) });
    const changed = await patch(id, { quantity: 0.02, price: null }, trader);
    expect([changed.status, changed.body.order]).toMatchObject([200, { orderId: id, quantity: 0.02, price: 1_000 }]);
    expect((await get('/orders?status=open', trader)).body.data).toMatchObject([{ orderId: id, quantity: 0.02 }]);
    const cancelled = await cancel(id, trader);
    expect([cancelled.status, cancelled.body.order.status]).toEqual([200, 'cancelled']);
    expect(errorOf(await cancel(id, trader))).toBe('409 order_finished');
    expect(errorOf(await patch(id, { price: 900 }, trader))).toBe('409 order_finished');
    expect((await get('/orders?status=open', trader)).body.data).toEqual([]);
  });

  test('above the market fill at once, at the price of the market', async () => {
    const { body } = await post('/orders', { ...LIMIT_BUY, price: 10 * btc }, trader);
    expect(body.order).toMatchObject({ status: 'filled', averagePrice: btc, slippage: 0, price: 10 * btc });
  });

  test('are listed newest first, page by page', async () => {
    const first = await get('/orders?limit=2', trader);
    const rest = await get(`/orders?limit=200&cursor=${first.body.next_cursor}`, trader);
    const all = [...first.body.data, ...rest.body.data].map(({ createdAt }: { createdAt: string }) => createdAt);
    expect([first.body.data.length, all.length, rest.body.next_cursor]).toEqual([2, 3, null]);
    expect(all).toEqual([...all].sort().reverse());
  });

  test.each([
    [{ type: 'limit', price: null }, 'missing_field', 'price'],
    [{ type: 'limit', price: undefined }, 'missing_field', 'price'],
    [{ type: 'market', price: 5 }, 'invalid_field', 'price'],
    [{ quantity: 0 }, 'invalid_field', 'quantity'],
    [{ quantity: -1 }, 'invalid_field', 'quantity'],
    [{ quantity: '1' }, 'invalid_field', 'quantity'],
    [{ quantity: undefined }, 'missing_field', 'quantity'],
    [{ quantity: 1e-300 }, 'invalid_field', 'quantity'],
    [{ symbol: undefined }, 'missing_field', 'symbol'],
    [{ symbol: 'NOTHING' }, 'invalid_field', 'symbol'],
    [{ side: 'short' }, 'invalid_field', 'side'],
    [{ type: 'stop' }, 'invalid_field', 'type'],
    [{ signalId: 5 }, 'invalid_field', 'signalId'],
  ])('with %j are refused', async (change, code, field) => {
    const answer = await post('/orders', { ...MARKET_BUY, ...change }, trader);
    expect([errorOf(answer), answer.body.error.field]).toEqual([`400 ${code}`, field]);
  });

  test('need money and what they sell', async () => {
    expect(errorOf(await post('/orders', { ...MARKET_BUY, quantity: 1_000 }, trader))).toBe('422 insufficient_balance');
    expect(errorOf(await post('/orders', { ...MARKET_BUY, side: 'sell', quantity: 5 }, trader))).toBe(
      '422 insufficient_holdings',
    );
  });

  test('of another agent do not exist', async () => {
    const { body } = await post('/orders', LIMIT_BUY, trader);
    const { orderId: id } = body.order;
    for (const [answer, nobodys] of [
      [await get(`/orders/${id}`), await get(`/orders/${'0'.repeat(32)}`)],
      [await patch(id, { price: 5 }), await patch('0'.repeat(32), { price: 5 })],
      [await cancel(id), await cancel('x')],
    ] as const) {
      expect(errorOf(answer)).toBe('404 order_not_found');
      expect(answer.text).toBe(nobodys.text);
    }
    expect((await get(`/orders/${id}`, trader)).body.order.status).toBe('open');
    expect((await cancel(id, trader)).status).toBe(200);
  });

  test('under an Idempotency-Key are placed once, and the first answer is given again', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const first = await post('/orders', LIMIT_BUY, trader, headers);
    await patch(first.body.order.orderId, { price: 500 }, trader);
    const again = await post('/orders', LIMIT_BUY, trader, headers);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(errorOf(await post('/orders', { ...LIMIT_BUY, price: 2 }, trader, headers))).toBe(
      '409 idempotency_key_reused',
    );
    const others = await post('/orders', LIMIT_BUY, agent, headers);
    expect(others.body.order.orderId).not.toBe(first.body.order.orderId);
    expect((await get('/orders?status=open', trader)).body.data).toHaveLength(1);
  });

  test('are all closed at once, with a reason', async () => {
    expect(errorOf(await post('/close-all', {}, trader))).toBe('400 missing_field');
    const resting = (await get('/orders?status=open', trader)).body.data;
    const headers = { 'idempotency-key': 'out' };
    const { status, body, text } = await post('/close-all', { reason: 'over' }, trader, headers);
    expect([status, body.simulated]).toEqual([200, true]);
    expect(body.orders).toMatchObject([{ symbol: 'BTC', side: 'sell', status: 'filled' }]);
    expect(body.cancelled).toEqual([{ ...resting[0], status: 'cancelled' }]);
    expect([resting.length, body.cancelledCount]).toEqual([1, 1]);
    expect((await post('/close-all', { reason: 'over' }, trader, headers)).text).toBe(text);
    const nothing = await post('/close-all', { reason: 'over' }, trader);
    expect(nothing.body).toEqual({ orders: [], cancelled: [], cancelledCount: 0 });
    expect((await get('/portfolio', trader)).body.data).toMatchObject({ positions: [] });
    expect((await get('/orders?status=open', trader)).body.data).toEqual([]);
  });

  test('64 at once never spend the same money twice', async () => {
    const many = await register(server);
    const quantity = Number((100_000 / btc / 10).toFixed(6));
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => post('/orders', { ...MARKET_BUY, quantity }, many)),
    );
    const codes = answers.map((one) => (one.status === 201 ? '201' : errorOf(one)));
    expect(new Set(codes)).toEqual(new Set(['201', '422 insufficient_balance']));
    expect(codes.filter((code) => code === '201')).toHaveLength(9);
    const { cash } = (await get('/portfolio', many)).body.data;
    expect(cash).toBeGreaterThanOrEqual(0);
  });
});

describe('pausing', () => {
  test('keeps from opening, not from what reduces or cancels', async () => {
    const one = await register(server);
    await post('/orders', MARKET_BUY, one);
    const rests = (await post('/orders', LIMIT_BUY, one)).body.order.orderId;
    expect((await post('/pause', { reason: 'training' }, one)).body).toEqual({
      agent: { id: one.id, paused: true, by: 'agent', reason: 'training' },
    });
    expect(errorOf(await post('/orders', MARKET_BUY, one))).toBe('403 paused');
    expect((await post('/orders', { ...MARKET_BUY, side: 'sell' }, one)).status).toBe(201);
    expect((await cancel(rests, one)).status).toBe(200);
    expect((await post('/resume', { reason: 'trained' }, one)).body).toEqual({ agent: { id: one.id, paused: false } });
    expect((await post('/orders', MARKET_BUY, one)).status).toBe(201);
  });

  test('by the operator is ended by the operator alone', async () => {
    const one = await register(server);
    const now = new Date().toISOString();
    await command(world.dataDir, { type: 'PauseAccount', accountId: one.id, now, by: 'operator', reason: 'look' });
    expect(errorOf(await post('/orders', MARKET_BUY, one))).toBe('403 paused');
    expect(errorOf(await post('/resume', { reason: 'please' }, one))).toBe('403 paused');
  });
});

describe('circuit breakers', () => {
  test('the cap counts open orders', async () => {
    const capped = await register(server, { ...SANDBOX, maxPositionSize: 0.025 * btc });
    expect((await post('/orders', MARKET_BUY, capped)).status).toBe(201);
    expect((await post('/orders', LIMIT_BUY, capped)).status).toBe(201);
    const answer = await post('/orders', MARKET_BUY, capped);
    expect([errorOf(answer), answer.body.error.breaker]).toEqual(['422 circuit_breaker', 'position_cap']);
    expect((await post('/orders', { ...MARKET_BUY, side: 'sell' }, capped)).status).toBe(201);
  });

  test("the day's loss, of which fees are a part, ends what opens", async () => {
    const limited = await register(server, { ...SANDBOX, dailyLossLimit: 1 });
    expect((await post('/orders', { ...MARKET_BUY, quantity: 0.1 }, limited)).status).toBe(201);
    const answer = await post('/orders', MARKET_BUY, limited);
    expect([errorOf(answer), answer.body.error.breaker]).toEqual(['422 circuit_breaker', 'daily_loss']);
    expect((await post('/orders', { ...MARKET_BUY, side: 'sell', quantity: 0.1 }, limited)).status).toBe(201);
  });
});

describe('public channels', () => {
  const ids: Record<'sandbox' | 'real' | 'private', string> = { sandbox: '', real: '', private: '' };

  beforeAll(async () => {
    ids.private = (await create(server, world.keys.alpha)).id;
    await publish(world.dataDir, world.channels.beta);
    await sleep(600);
    ids.real = (await create(server, world.keys.beta)).id;
  });

  test('may be followed by an order, others do not exist', async () => {
    const followed = await post('/orders', { ...LIMIT_BUY, signalId: ids.real });
    expect([followed.status, followed.body.order.signalId]).toEqual([201, ids.real]);
    for (const signalId of [ids.private, '0'.repeat(32), 'x', '']) {
      const answer = await post('/orders', { ...LIMIT_BUY, signalId });
      expect([errorOf(answer), answer.body.error.field]).toEqual(['404 signal_not_found', 'signalId']);
    }
  });

  test('tell their signals in order, from a cursor on', async () => {
    const more = [(await create(server, world.keys.beta)).id, (await create(server, world.keys.beta)).id];
    let body: Answer['body'];
    do {
      await sleep(50);
      ({ body } = await get('/social'));
    } while (body.data.length < 3);
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual([ids.real, ...more]);
    expect(body).not.toHaveProperty('simulated');
    const first = (await get('/social?limit=1')).body;
    const rest = (await get(`/social?cursor=${first.next_cursor}`)).body;
    expect([...first.data, ...rest.data]).toEqual(body.data);
    expect((await get(`/social?cursor=${body.data[2].cursor}`)).body).toEqual({ data: [], next_cursor: null });
  });

  test('are counted by base asset', async () => {
    // One count serves for some seconds; that of before knows nothing of them.
    let body: Answer['body'];
    do {
      await sleep(200);
      ({ body } = await get('/sentiment?coins=bitcoin,ETH'));
    } while (body.data[0].long < 3);
    expect(body.data).toEqual([
      { symbol: 'BTC', long: 3, short: 0, balance: 1 },
      { symbol: 'ETH', long: 0, short: 0, balance: 0 },
    ]);
    expect(body.method).toMatch(/counted by base asset/);
  });

  test('are counted of coins that have no price here, too', async () => {
    await create(server, world.keys.beta, { ...SPOT, coin: 'SOL' });
    let all: Answer['body'];
    do {
      await sleep(200);
      all = (await get('/sentiment')).body;
    } while (all.data.length < 2);
    const [, sol] = all.data;
    expect(sol).toEqual({ symbol: 'SOL', long: 1, short: 0, balance: 1 });
    expect((await get('/sentiment?coins=sol,solana,dogecoin')).body.data).toEqual([
      sol,
      { symbol: 'DOGE', long: 0, short: 0, balance: 0 },
    ]);
  });

  test('that are sandboxes are marked, and no live agent is shown them', async () => {
    await publish(world.dataDir, world.channels.alpha);
    await sleep(600);
    const live = await registerLive(server, world.dataDir);
    await sleep(600);
    const seen = (await sendSigned(server, live, 'GET', '/social')).body;
    expect(seen.data.map(({ id }: { id: string }) => id)).not.toContain(ids.private);
    const { body } = await get('/social');
    expect(body.simulated).toBe(true);
    expect(body.data.find(({ id }: { id: string }) => id === ids.private)).toMatchObject({ simulated: true });
    const order = { ...LIMIT_BUY, signalId: ids.private };
    expect((await post('/orders', order)).status).toBe(201);
    expect(errorOf(await sendSigned(server, live, 'POST', '/orders', order))).toBe('404 signal_not_found');
  });
});

describe('a live agent without a broker', () => {
  test('reads, and its orders go nowhere', async () => {
    const live = await registerLive(server, world.dataDir);
    await sleep(600);
    for (const path of ['/market', '/portfolio', '/orders', '/sentiment', '/social'])
      expect((await sendSigned(server, live, 'GET', path)).status).toBe(200);
    expect(errorOf(await sendSigned(server, live, 'POST', '/orders', MARKET_BUY))).toBe('503 broker_unavailable');
    expect(errorOf(await sendSigned(server, live, 'POST', '/close-all', { reason: 'x' }))).toBe(
      '503 broker_unavailable',
    );
    expect((await sendSigned(server, live, 'POST', '/pause', { reason: 'x' })).status).toBe(200);
    expect((await sendSigned(server, live, 'GET', '/orders')).body.data).toEqual([]);
  });
});

describe('limits', () => {
  let strict: TestServer;

  beforeAll(async () => {
    strict = await startServer(world.dataDir, {
      ...WITH_PRICES,
      ROLES: 'api',
      AGENT_RATE_LIMIT: '5',
      REGISTER_LIMIT: '3',
    });
  });

  afterAll(() => strict.stop());

  test('an agent sends no more than its requests in any minute, and is told how many are left', async () => {
    const one = await register(server);
    const left: unknown[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { status, headers } = await send(
        strict,
        one,
        n < 4 ? 'GET' : 'POST',
        n < 4 ? '/portfolio' : '/orders',
        n < 4 ? {} : { raw: '{' },
      );
      expect(status).toBe(n < 4 ? 200 : 400);
      expect(headers['x-ratelimit-limit']).toBe('5');
      left.push(headers['x-ratelimit-remaining']);
    }
    expect(left).toEqual(['4', '3', '2', '1', '0']);
    const answer = await send(strict, one, 'GET', '/nothing');
    expect(errorOf(answer)).toBe('429 rate_limited');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
  });

  test('an address registers no more than its agents an hour; what is wrong costs nothing', async () => {
    const body = { ...SANDBOX };
    // Those that were registered here before count too: they share the window.
    for (let n = 0; n < 5; n += 1)
      expect(errorOf(await strict.call('POST', `${BASE}/register`, { body: { ...body, name: '' } }))).toBe(
        '400 invalid_field',
      );
    const answer = await strict.call('POST', `${BASE}/register`, { body });
    expect(errorOf(answer)).toBe('429 rate_limited');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  test('closed registration is told before the body is read', async () => {
    const closed = await startServer(world.dataDir, { ROLES: 'api', REGISTRATION: 'closed' });
    expect(errorOf(await closed.call('POST', `${BASE}/register`, { raw: '{' }))).toBe('403 registration_closed');
    await closed.stop();
  });
});
