/** What prices do to the accounts of agents: through the real server, its market role on simulated prices. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, ramp, writeTicks } from '../support/prices.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

/** A price every 5 ms. */
const EVERY_MS = 500;
const SPEED = 100;

/** BTC falls and rises again, ETH stands still. */
const PATHS = {
  'BTC/USDT': [...ramp(1_000, 800, 2), ...ramp(802, 998, 2)],
  'ETH/USDT': ['50'],
};

interface Order {
  readonly orderId: string;
  readonly status: string;
  readonly averagePrice: number | null;
  readonly filledQuantity: number;
}

describe('accounts and prices', () => {
  let world: World;
  let server: TestServer;
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    world = await createWorld();
    const prices = join(world.dataDir, 'prices');
    mkdirSync(prices);
    writeTicks(prices, EVERY_MS, PATHS);
    environment = {
      ROLES: 'api,projector,market',
      SIM_PRICES: prices,
      SIM_SPEED: String(SPEED),
      AGENT_RATE_LIMIT: '1000',
      REGISTER_LIMIT: '1000',
      PAPER_FEE: '0',
    };
    server = await startServer(world.dataDir, environment);
    await eventually('the market role', () => server.log.find(({ msg }) => msg === 'the market watches') ?? null);
  }, 60_000);

  afterAll(async () => {
    await server.stop();
    await world.remove();
  });

  async function register(limits: object = {}): Promise<string> {
    const { status, body } = await server.call('POST', '/v1/agent/register', {
      body: {
        name: 'tester',
        permissions: ['read:market', 'read:portfolio', 'write:orders'],
        mode: 'sandbox',
        ...limits,
      },
    });
    expect(status).toBe(201);
    return (body as { agent: { apiKey: string } }).agent.apiKey;
  }

  const call = (key: string, method: string, path: string, body?: object) =>
    server.call(method, `/v1/agent${path}`, { headers: { 'x-nx-key': key }, ...(body !== undefined && { body }) });

  async function place(key: string, order: object): Promise<Order> {
    const { status, body } = await call(key, 'POST', '/orders', order);
    expect({ status, body }).toMatchObject({ status: 201 });
    return (body as { order: Order }).order;
  }

  const read = async (key: string, orderId: string): Promise<Order> =>
    ((await call(key, 'GET', `/orders/${orderId}`)).body as { order: Order }).order;

  const filled = (key: string, orderId: string): Promise<Order> =>
    eventually('the fill', async () => {
      const order = await read(key, orderId);
      return order.status === 'filled' ? order : null;
    });

  it('fills a resting buy when the price comes down to it, and a resting sell when it goes up', async () => {
    const key = await register();
    const buy = await place(key, { symbol: 'BTC', side: 'buy', type: 'limit', quantity: 1, price: 801 });
    const bought = await filled(key, buy.orderId);
    expect(bought.filledQuantity).toBe(1);
    expect(bought.averagePrice).toBeLessThanOrEqual(801);
    const sell = await place(key, { symbol: 'BTC', side: 'sell', type: 'limit', quantity: 1, price: 999 });
    const sold = await filled(key, sell.orderId);
    expect(sold.averagePrice).toBeGreaterThanOrEqual(999);
    const { body } = await call(key, 'GET', '/portfolio');
    const { cash, positions, realizedPnl } = (body as { data: { cash: number; positions: []; realizedPnl: number } })
      .data;
    expect(positions).toEqual([]);
    expect(cash).toBe(100_000 + realizedPnl);
    expect(realizedPnl).toBeCloseTo(sold.averagePrice! - bought.averagePrice!, 8);
  }, 60_000);

  it('fills by the limit that an order was changed to, and not one that was cancelled', async () => {
    const key = await register();
    const far = { symbol: 'BTC', side: 'buy', type: 'limit', quantity: 1, price: 100 };
    const [moved, cancelled, left] = [await place(key, far), await place(key, far), await place(key, far)];
    expect((await call(key, 'DELETE', `/orders/${cancelled.orderId}`)).status).toBe(200);
    expect((await call(key, 'PATCH', `/orders/${moved.orderId}`, { price: 803 })).status).toBe(200);
    expect((await filled(key, moved.orderId)).averagePrice).toBeLessThanOrEqual(803);
    expect((await read(key, cancelled.orderId)).status).toBe('cancelled');
    expect((await read(key, left.orderId)).status).toBe('open');
  }, 60_000);

  it('trips the breaker by a price alone, spares the order that reduces, and says so to what comes then', async () => {
    const key = await register({ dailyLossLimit: 50, maxPositionSize: 1_000_000 });
    await eventually('a price from which it can fall', async () => {
      const { data } = (await call(key, 'GET', '/market?coins=BTC')).body as { data: readonly [{ price: number }] };
      return data[0].price > 950 ? true : null;
    });
    // Before there is anything to lose: the price falls fast.
    const opening = await place(key, { symbol: 'BTC', side: 'buy', type: 'limit', quantity: 1, price: 10 });
    await place(key, { symbol: 'BTC', side: 'buy', type: 'market', quantity: 2 });
    const reducing = await place(key, { symbol: 'BTC', side: 'sell', type: 'limit', quantity: 1, price: 5_000 });
    await eventually('the trip', async () => ((await read(key, opening.orderId)).status === 'cancelled' ? true : null));
    expect((await read(key, reducing.orderId)).status).toBe('open');
    const refused = await call(key, 'POST', '/orders', { symbol: 'ETH', side: 'buy', type: 'market', quantity: 1 });
    expect(refused).toMatchObject({ status: 422, body: { error: { code: 'circuit_breaker', breaker: 'daily_loss' } } });
    expect((await place(key, { symbol: 'BTC', side: 'sell', type: 'market', quantity: 1 })).status).toBe('filled');
    const told = (await call(key, 'GET', '/equity')).body as { data: readonly { equity: number; why: string }[] };
    const [day, trip] = told.data;
    expect(told.data.map(({ why }) => why)).toEqual(['day', 'trip']);
    expect(day!.equity).toBe(100_000);
    expect(trip!.equity).toBeLessThanOrEqual(99_950);
  }, 60_000);

  it('goes on with what rested when the server starts again', async () => {
    const key = await register();
    const resting = await place(key, { symbol: 'BTC', side: 'buy', type: 'limit', quantity: 1, price: 150 });
    const next = await place(key, { symbol: 'ETH', side: 'buy', type: 'limit', quantity: 1, price: 49 });
    await server.stop();
    server = await startServer(world.dataDir, environment);
    expect((await read(key, resting.orderId)).status).toBe('open');
    expect((await call(key, 'PATCH', `/orders/${resting.orderId}`, { price: 820 })).status).toBe(200);
    expect((await filled(key, resting.orderId)).averagePrice).toBeLessThanOrEqual(820);
    expect((await read(key, next.orderId)).status).toBe('open');
  }, 60_000);
});
