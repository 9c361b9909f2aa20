/** Signals that prices move, through the real server: its market role on simulated prices of the test's own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { create, events, expectRefused } from '../support/anny.ts';
import type { AnnyKey } from '../support/directory.ts';
import { eventually, ramp, writeTicks } from '../support/prices.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

/** File time between two ticks, and how fast it is replayed: a price every 5 ms. */
const EVERY_MS = 500;
const SPEED = 100;
const SPACING_MS = EVERY_MS / SPEED;
/** What a file leaves between its last price and its first. */
const LOOP_MS = 1_000 / SPEED;

/** Each price once, so that a price tells its place. */
const COUNTED = ramp(5_000, 5_999);

const PATHS = {
  'RISE/USDT': ['100', '105', '112', '105'],
  'SINK/USDT': ['100', '95', '88', '95'],
  'FLAT/USDT': ['100', '101'],
  'SWING/USDT': [...ramp(100, 120), ...ramp(119, 101)],
  'COUNT/USDT': COUNTED,
  'NEWER/USDT': COUNTED,
};

interface Step {
  readonly type: string;
  readonly time: string;
  readonly data: any; // oxlint-disable-line typescript/no-explicit-any -- judged, not typed
}

const LONG = { trade_market: 'USDT', exchange: 'BINANCE', invest: 10, type: 'long' };

describe('a signal and its prices', () => {
  let world: World;
  let server: TestServer;
  let key: AnnyKey;

  beforeAll(async () => {
    world = await createWorld();
    key = world.keys.alpha;
    const prices = join(world.dataDir, 'prices');
    mkdirSync(prices);
    writeTicks(prices, EVERY_MS, PATHS);
    const environment = { ROLES: 'api,projector,market', SIM_PRICES: prices, SIM_SPEED: String(SPEED) };
    server = await startServer(world.dataDir, environment);
    // What comes before that is late.
    await eventually('the market role', () => server.log.find(({ msg }) => msg === 'the market watches') ?? null);
  }, 60_000);

  afterAll(async () => {
    await server.stop();
    await world.remove();
  });

  const open = async (body: object): Promise<string> => (await create(server, key, { ...LONG, ...body })).id;
  const history = (id: string, whose = key): Promise<readonly Step[]> =>
    events(server, whose, id) as Promise<readonly Step[]>;
  const shown = async (id: string, whose = key) =>
    (await server.call('GET', `/v1/signal/${id}`, { key: whose })).body.payload;
  const step = (id: string, type: string): Promise<Step> =>
    eventually(`${type} of ${id}`, async () => (await history(id)).find((one) => one.type === type) ?? null);
  const call = (id: string, name: string, body: object) =>
    server.call('POST', `/v1/signal/${id}/call/${name}`, { key, body: { parent_signal_id: id, ...body } });
  const update = (id: string, body: object) =>
    server.call('PUT', `/v1/signal/${id}/updateprice`, { key, body: { parent_signal_id: id, ...body } });
  const matched = async (coin: string, body: object = {}): Promise<string> => {
    const id = await open({ coin, entry_price_max: '9000', exit_price_1: '9500', stop_loss: '1', ...body });
    await step(id, 'SignalMatched');
    return id;
  };

  it('goes from registered over matched to win, each step in the history with its evidence', async () => {
    const id = await open({ coin: 'RISE', entry_price_max: '100', exit_price_1: '110', stop_loss: '90' });
    await step(id, 'SignalSettled');
    const steps = await history(id);
    expect(steps.map(({ type }) => type)).toEqual(['SignalCreated', 'SignalMatched', 'TakeProfitHit', 'SignalSettled']);
    const [created, match, target, settled] = steps as [Step, Step, Step, Step];
    expect(match.data).toMatchObject({ part: null, price: '100', share: '100', stop: '90' });
    expect(target.data).toMatchObject({ kind: 'target', place: 1, price: '110', share: '100' });
    expect(settled.data).toMatchObject({ result: 'win', by: 'exits', entryPrice: '100' });
    expect(Number(settled.data.resultPct)).toBe(10);
    expect(Number(settled.data.resultR)).toBe(1);
    for (const { data } of [match, target, settled]) {
      expect(data.evidence).toEqual({
        decidedBy: 'tick',
        source: 'simulated',
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    }
    expect(match.data.at >= created.time && target.data.at > match.data.at).toBe(true);
    expect(await shown(id)).toMatchObject({
      status: 'win',
      tracking: 'simulated',
      entry_price: expect.stringMatching(/^100(\.0+)?$/),
      open_share: 0,
      settlement: { result: 'win', simulated: true, decided_by: 'tick', source: 'simulated' },
    });
  });

  it('is a loss where the stop comes first, at the price that jumps it', async () => {
    // One whose first price is the very jump is stopped where it entered: a push, and no loss.
    const id = await eventually('a match above the stop', async () => {
      const one = await open({ coin: 'SINK', entry_price_max: '100', exit_price_1: '110', stop_loss: '90' });
      return (await step(one, 'SignalMatched')).data.price === '88' ? null : one;
    });
    const entered = (await step(id, 'SignalMatched')).data.price as string;
    const settled = await step(id, 'SignalSettled');
    expect((await step(id, 'StopHit')).data).toMatchObject({ kind: 'stop', price: '88', share: '100' });
    expect(settled.data).toMatchObject({ result: 'loss', by: 'exits', entryPrice: entered });
    expect(Number(settled.data.resultPct)).toBeCloseTo((88 / Number(entered) - 1) * 100, 6);
  });

  it('mirrors all of it for a short', async () => {
    const id = await open({
      coin: 'SINK',
      type: 'short',
      entry_price_min: '95',
      entry_price_max: '95',
      exit_price_1: '90',
      stop_loss: '120',
    });
    expect((await step(id, 'SignalSettled')).data).toMatchObject({ result: 'win', by: 'exits' });
  });

  it('expires where its entry was not met in its time, at the end of it', async () => {
    const id = await open({ coin: 'RISE', entry_price_max: '50', exit_price_1: '110', ttl_buy_order: 100 });
    const expired = await step(id, 'SignalExpired');
    const { expires_at, status, expired_at } = await shown(id);
    expect(expired.data.at).toBe(expires_at);
    expect({ status, expired_at }).toEqual({ status: 'expired', expired_at: expires_at });
  });

  it('ends as cancelled before the match, and at the next price after it', async () => {
    const waiting = await open({ coin: 'FLAT', entry_price_max: '90', exit_price_1: '110' });
    const holding = await matched('FLAT');
    for (const id of [waiting, holding]) {
      const answer = await server.call('DELETE', `/v1/signal/${id}/cancel`, { key, body: { parent_signal_id: id } });
      expect(answer.status).toBe(200);
    }
    expect((await shown(waiting)).status).toBe('cancelled');
    const settled = await step(holding, 'SignalSettled');
    const cancelled = await step(holding, 'Cancelled');
    expect(settled.data).toMatchObject({
      by: 'cancelled',
      share: '100',
      result: expect.stringMatching(/win|loss|push/),
    });
    expect(settled.data.at >= cancelled.time).toBe(true);
    expect((await history(waiting)).map(({ type }) => type)).toEqual(['SignalCreated', 'Cancelled']);
  });

  it('refuses a market take profit before the match, and fills it at the next price after', async () => {
    const body = {
      order_type: 'market',
      sell_amount_relative: 50,
      trailing_stop_price: '50',
      trailing_stop_limit_price: '49',
    };
    const waiting = await open({ coin: 'COUNT', entry_price_max: '90', exit_price_1: '9500' });
    expectRefused(await call(waiting, 'takeprofit', body), 400, 'INVALID_INPUT_CONTENT', 'order_type');
    const holding = await matched('COUNT');
    expect((await call(holding, 'takeprofit', body)).status).toBe(200);
    const hit = await step(holding, 'TakeProfitHit');
    const added = await step(holding, 'TakeProfitAdded');
    expect(hit.data).toMatchObject({ kind: 'take_profit', place: 1, share: '50' });
    expectFirstAfter(hit, added.time);
    expect(await shown(holding)).toMatchObject({ status: 'matched', open_share: 50 });
  });

  it("measures a trailing stop's distance by the last price, and moves it with the best one", async () => {
    const id = await matched('SWING', { exit_price_1: '9500' });
    // The last price is told to readers five times a second.
    const added = await eventually('a reference price', async () => {
      const one = await matched('SWING');
      await call(one, 'trailingstop', { trailing_stop_price: '95', trailing_stop_limit_price: '94' });
      const { data } = await step(one, 'TrailingStopAdded');
      return data.reference === null ? null : { one, reference: Number(data.reference) };
    });
    expect(PATHS['SWING/USDT']).toContain(String(added.reference));
    await call(id, 'trailingstop', { trailing_stop_price: '100', trailing_stop_limit_price: '99' });
    const reference = Number((await step(id, 'TrailingStopAdded')).data.reference);
    const hit = await step(id, 'StopHit');
    expect(hit.data.kind).toBe('trailing');
    // It fell from the best price since the call by the distance.
    const best = Number(hit.data.price) + (reference - 100);
    expect(best).toBeGreaterThanOrEqual(reference);
    expect(best).toBeLessThanOrEqual(120);
  });

  it('obeys an update of its stop: one beyond the market closes at the next price', async () => {
    const id = await matched('FLAT');
    expect((await update(id, { stop_loss: '100.5' })).status).toBe(200);
    expect((await step(id, 'StopHit')).data).toMatchObject({
      kind: expect.stringMatching(/stop|break-even/),
      // Whichever comes: it need not lie beyond the stop any more (outcome rules, rule 19).
      price: expect.stringMatching(/^10[01]$/),
    });
    expect((await step(id, 'StopHit')).data.at >= (await step(id, 'PricesUpdated')).time).toBe(true);
  });

  it('is judged from the first price after its receipt, as are its calls, while prices keep coming', async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      const id = await matched('COUNT');
      expectFirstAfter(await step(id, 'SignalMatched'), (await step(id, 'SignalCreated')).time);
      await call(id, 'takeprofit', { order_type: 'market', sell_amount_relative: 100 });
      expectFirstAfter(await step(id, 'TakeProfitHit'), (await step(id, 'TakeProfitAdded')).time);
    }
  });

  it('is judged from the first price after its receipt where it is the first on its instrument', async () => {
    const id = await matched('NEWER');
    expectFirstAfter(await step(id, 'SignalMatched'), (await step(id, 'SignalCreated')).time);
  });

  it('never meets simulated prices on a real channel', async () => {
    const whose = world.keys.beta;
    const { id } = await create(server, whose, { ...LONG, coin: 'RISE', entry_price_max: '100', exit_price_1: '110' });
    // A sandbox signal that was created after it has met the same prices to its end.
    await step(await open({ coin: 'RISE', entry_price_max: '100', exit_price_1: '110' }), 'SignalSettled');
    expect((await history(id, whose)).map(({ type }) => type)).toEqual(['SignalCreated']);
    expect(await shown(id, whose)).toMatchObject({ status: 'registered', tracking: 'no_venue', sandbox: false });
  });

  /** That the step's price is the first one at or after a moment. */
  function expectFirstAfter({ data }: Step, moment: string): void {
    const before = data.price === COUNTED[0] ? LOOP_MS : SPACING_MS;
    const behind = Date.parse(data.at) - Date.parse(moment);
    expect({ behind, first: behind >= 0 && behind <= before }).toEqual({ behind, first: true });
  }
});
