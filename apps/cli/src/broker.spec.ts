import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Broker, BrokerUnavailable, createCcxtBroker, type PairRules } from '#libs/market';
import { buildView, type EventStore, type View, type ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore, openCoordination, openEventStore } from '#libs/stores';
import { ordersView } from '#libs/views';
import { KEYS, startTradingExchange, type TradingExchange } from '../../../test/support/trading-exchange.ts';
import { isProven } from '../../server/src/accounts/engine/broker-proof.ts';
import { LiveAccount } from '../../server/src/accounts/engine/testing/live-account.ts';
import { describeReconciled, describeSettledOrder, type LeftOrder, reconcileOrders, settleOrder } from './broker.ts';
import { checkVenue, describeCheck, tinyOrder } from './broker-check.ts';
import { endingOf } from './broker-commands.ts';
import { type Commands, createCommands } from './testing/commands.ts';
import { describeVenueOrders, venueOrders } from './venue-orders.ts';

let exchange: TradingExchange;
let broker: Broker;

beforeAll(async () => {
  exchange = await startTradingExchange();
  broker = createCcxtBroker({ exchange: 'binance', credentials: KEYS, baseUrl: exchange.url, memoryMb: 96 });
});
afterAll(async () => {
  await broker.close();
  await exchange.stop();
});
beforeEach(() => exchange.set({ forgets: 'nothing', fillsAtOnce: '1' }));

const check = (on: Broker = broker, pair = 'BTC/USDT') =>
  checkVenue({ broker: on, pair, price: async () => '60000', pauseMs: 10 });
const RULES: PairRules = {
  pair: 'X/USDT',
  base: 'X',
  quote: 'USDT',
  quantityStep: '0.01',
  priceStep: '0.5',
  leastQuantity: '0.02',
  mostQuantity: null,
  mostMarketQuantity: null,
  leastPrice: null,
  mostPrice: null,
  leastCost: '10',
  mostCost: null,
};

describe('the check of a venue', () => {
  it('makes the smallest order that it takes, far below the price, and leaves nothing behind', async () => {
    const checked = await check();
    expect(checked.steps.map(({ step, ok }) => `${step} ${ok}`)).toEqual([
      'rules true',
      'price true',
      'read true',
      'create true',
      'find true',
      'find_by_venue_id true',
      'open_orders true',
      'cancel true',
      'find_again true',
      'trades true',
    ]);
    expect(checked).toMatchObject({ venue: 'ccxt:binance', pair: 'BTC/USDT', proven: true, left: null });
    const { orders } = await exchange.see();
    expect(orders.at(-1)).toMatchObject({
      type: 'LIMIT_MAKER',
      price: '48000',
      quantity: '0.00014',
      status: 'CANCELED',
    });
  });

  it.each([
    [RULES, '100', '80', '0.16'],
    [{ ...RULES, leastCost: null }, '100.7', '80.5', '0.02'],
    [{ ...RULES, leastCost: null, leastQuantity: null, quantityStep: null }, '1', '0.5', '0.00000001'],
  ])('takes sizes from the rules: %j at %s', (rules, price, limit, quantity) => {
    expect(tinyOrder(rules, price)).toMatchObject({ price: limit, quantity, postOnly: true });
  });

  it('does not prove a venue that does not find the order, and takes the order away', async () => {
    const blind: Broker = {
      ...broker,
      find: async (order) =>
        order.venueOrderId === null ? { outcome: 'missing', unexplained: null } : broker.find(order),
    };
    const checked = await check(blind);
    expect(checked).toMatchObject({ proven: false, left: null });
    expect(checked.steps.at(-1)).toMatchObject({ step: 'find', ok: false });
    expect((await exchange.see()).orders.at(-1)).toMatchObject({ status: 'CANCELED' });
  });

  it('says what may be left where the venue does not answer', async () => {
    await exchange.plan({ on: 'POST order', does: 'cut-after' }, { on: 'DELETE order', does: 'cut-before' });
    const checked = await check();
    expect(checked).toMatchObject({ proven: false, left: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(describeCheck(checked)).toContain(`look for client order id ${checked.left}`);
    await exchange.cancel(checked.left!);
  });

  it('does not prove a venue without the pair, or that refuses the order', async () => {
    expect(await check(broker, 'DOGE/USDT')).toMatchObject({ proven: false, steps: [{ step: 'rules', ok: false }] });
    await exchange.plan({ on: 'POST order', does: 'refuse', body: { code: -2010, msg: 'insufficient balance' } });
    expect((await check()).steps.at(-1)).toMatchObject({ step: 'create', ok: false });
  });
});

describe('orders in doubt', () => {
  let events: EventStore;
  let views: ViewStore;
  let account: LiveAccount;
  const build = (): Promise<unknown> => buildView(ordersView as unknown as View, events, views, { afresh: true });
  const sent = async (named: Parameters<LiveAccount['place']>[0] = {}): Promise<string> => {
    const orderId = await account.place(named);
    await account.handle({ type: 'SendOrder', ...account.now(), orderId });
    return orderId;
  };
  const doubted = async (named: Parameters<LiveAccount['place']>[0] = {}): Promise<string> => {
    const orderId = await sent(named);
    await account.handle({ type: 'ReportUnresolved', ...account.now(), orderId, reason: 'no answer' });
    return orderId;
  };

  beforeEach(async () => {
    events = createMemoryEventStore();
    views = createMemoryViewStore();
    account = new LiveAccount(events);
    await account.open();
  });

  it('are looked at, and settled by what the venue tells', async () => {
    const request = { pair: 'BTC/USDT', side: 'buy', sendBy: Date.now() + 10_000 } as const;
    const [filled, resting, never] = [await doubted({ orderType: 'market' }), await sent(), await doubted()];
    await broker.place({ ...request, clientOrderId: filled, type: 'market', quantity: '0.01', price: null });
    await broker.place({ ...request, clientOrderId: resting, type: 'limit', quantity: '0.01', price: '50000' });
    await build();
    const options = { now: () => Date.now() + 60_000, pauseMs: 10 };
    let clock = 0;
    const jumping = { ...options, now: () => Date.now() + 60_000 + (clock += 3_000) };
    expect(await reconcileOrders(events, views, broker, jumping)).toEqual({ settled: 3, unresolved: 0 });
    expect(await account.order(filled)).toMatchObject({ status: 'filled' });
    expect(await account.order(resting)).toMatchObject({ status: 'open', accepted: true });
    expect(await account.order(never)).toMatchObject({ status: 'rejected' });
    await exchange.cancel(resting);
    await build();
    expect(await reconcileOrders(events, views, broker, jumping)).toEqual({ settled: 1, unresolved: 0 });
    expect(await account.order(resting)).toMatchObject({ status: 'cancelled' });
    for (const orderId of [filled, resting, never]) expect(await exchange.sent(orderId)).toBeLessThan(2);
  });

  it('stay so where nothing can be said', async () => {
    const orderId = await doubted();
    await build();
    const left: LeftOrder[] = [];
    const onLeft = (order: LeftOrder): void => void left.push(order);
    const reconciled = await reconcileOrders(events, views, broker, { pauseMs: 10, onLeft });
    expect(reconciled).toEqual({ settled: 0, unresolved: 1 });
    expect(await account.order(orderId)).toMatchObject({ status: 'unresolved' });
    expect(left).toEqual([{ orderId, agentId: account.id, symbol: 'BTC', reason: expect.stringMatching(/./) }]);
    const told = describeReconciled(reconciled, left);
    for (const part of ['0 settled, 1 unresolved', orderId, account.id, left[0]!.reason, 'broker settle'])
      expect(told).toContain(part);
    expect(describeReconciled({ settled: 1, unresolved: 0 }, [])).toBe('1 settled, 0 unresolved');
  });

  it('are listed with all that are at a venue and not over, whatever the view lacks', async () => {
    const shown = async (unresolved = false) =>
      (await venueOrders(events, views, { unresolved })).orders.map(({ orderId }) => orderId);
    const over = await sent();
    await account.place();
    expect(await shown()).toEqual([over]);
    await build();
    expect(await shown()).toEqual([over]);
    const end = { ...account.now(), orderId: over, by: 'venue', reason: null } as const;
    await account.handle({ type: 'ReportCancelled', ...end });
    expect(await shown()).toEqual([]);
    const [first, rests, second] = [await doubted(), await sent(), await doubted()];
    expect(await shown()).toEqual([second, first, rests]);
    await build();
    expect([await shown(), await shown(true)]).toEqual([
      [second, first, rests],
      [second, first],
    ]);
    const another = new LiveAccount(events);
    await another.open();
    const theirs = await another.place();
    await another.handle({ type: 'SendOrder', ...another.now(), orderId: theirs });
    expect(await shown()).toEqual([second, first, theirs, rests]);
  });

  it('are listed with what was wanted and what is known', async () => {
    const orderId = await doubted();
    const { orders } = await venueOrders(events, views, { unresolved: true });
    expect(orders).toEqual([
      {
        orderId,
        agentId: account.id,
        symbol: 'BTC',
        side: 'buy',
        type: 'limit',
        quantity: '0.01',
        filledQuantity: '0',
        price: '50000',
        status: 'unresolved',
        venueOrderId: null,
        reason: 'no answer',
        createdAt: (await account.document(orderId)).createdAt,
      },
    ]);
    for (const part of [orderId, account.id, 'no answer']) expect(describeVenueOrders({ orders })).toContain(part);
  });

  it('are those too that the venue has not answered in time', async () => {
    const [silent, taken] = [await sent(), await sent()];
    await account.handle({ type: 'ReportAccepted', ...account.now(), orderId: taken, venueOrderId: '7' });
    const at = (seconds: number) => ({ unresolved: true, now: new Date(Date.now() + seconds * 1_000).toISOString() });
    expect((await venueOrders(events, views, at(0))).orders).toEqual([]);
    expect((await venueOrders(events, views, at(11))).orders).toMatchObject([
      { orderId: silent, status: 'open', reason: expect.stringContaining('has not told') },
    ]);
  });

  it('are settled by the word of the operator, which counts once', async () => {
    const orderId = await doubted();
    await build();
    const part = { filled: '0.004', price: '50000', fee: '0.2' };
    const settled = await settleOrder(events, views, orderId, part);
    expect(settled).toEqual({
      order_id: orderId,
      account_id: account.id,
      done: 'filled',
      status: 'partially_filled',
      filled: '0.004',
    });
    const again = await settleOrder(events, views, orderId, part);
    expect(again).toMatchObject({ done: 'unchanged', filled: '0.004' });
    expect(describeSettledOrder(again)).toContain('nothing was added');
    expect(await settleOrder(events, views, orderId, { filled: '0.001', price: '50000', fee: '0' })).toMatchObject({
      done: 'filled',
      filled: '0.005',
    });
    const rest = await settleOrder(events, views, orderId, { cancelled: true, reason: 'its page says so' });
    expect(rest).toMatchObject({ done: 'cancelled', status: 'cancelled', filled: '0.005' });
    expect(await account.state()).toMatchObject({ cash: '99749.8', reservedCash: '0' });
    const told = await account.document(orderId);
    expect(told.cancelled).toMatchObject({ by: 'operator', reason: 'its page says so' });
    expect(told.fills).toMatchObject([{ tradeId: expect.stringMatching(/^operator-/), fee: '0.2' }, { fee: '0' }]);
  });

  it('are not settled by more than is left, nor after their end', async () => {
    const orderId = await doubted();
    await build();
    const settle = (filled: string) => settleOrder(events, views, orderId, { filled, price: '50000', fee: '0' });
    await expect(settle('0.02')).rejects.toMatchObject({ code: 'above_remaining', field: 'quantity' });
    await settle('0.01');
    await expect(settle('0.004')).rejects.toMatchObject({ code: 'order_finished' });
    expect(await account.state()).toMatchObject({ cash: '99500', reservedCash: '0' });
  });

  it('are not settled while the venue is known to have them, unless it is gone for good', async () => {
    const orderId = await doubted();
    const accepted = { type: 'ReportAccepted', ...account.now(), orderId, venueOrderId: 'v-1' } as const;
    await account.handle(accepted);
    await build();
    const ending = { cancelled: true, reason: 'oops' } as const;
    await expect(settleOrder(events, views, orderId, ending)).rejects.toMatchObject({ code: 'order_at_venue' });
    expect((await account.order(orderId)).status).toBe('open');
    expect(await settleOrder(events, views, orderId, ending, { force: true })).toMatchObject({ status: 'cancelled' });
  });

  it('are settled before the view has them', async () => {
    await build();
    const orderId = await doubted();
    expect(await settleOrder(events, views, orderId, { rejected: true, reason: 'support says so' })).toMatchObject({
      status: 'rejected',
    });
  });

  it('are settled as never placed', async () => {
    const orderId = await doubted();
    await build();
    const settled = await settleOrder(events, views, orderId, { rejected: true, reason: 'support says so' });
    expect(settled).toMatchObject({ done: 'rejected', status: 'rejected' });
    expect((await account.state()).reservedCash).toBe('0');
  });

  it.each([
    ['0', '50000', '0', 'filled'],
    ['x', '50000', '0', 'filled'],
    ['1', '-5', '0', 'price'],
    ['1', '5', '1e3', 'fee'],
  ])('are not settled by %s at %s with a fee of %s', async (filled, price, fee, field) => {
    const orderId = await doubted();
    await build();
    await expect(settleOrder(events, views, orderId, { filled, price, fee })).rejects.toMatchObject({
      name: 'CommandError',
      field,
    });
    expect(await account.order(orderId)).toMatchObject({ status: 'unresolved' });
  });

  it('are named', async () => {
    await build();
    for (const none of ['f'.repeat(32), 'x', ''])
      await expect(settleOrder(events, views, none, { cancelled: true, reason: 'x' })).rejects.toMatchObject({
        code: 'order_not_found',
      });
  });

  it('end in one way', () => {
    expect(endingOf({ filled: '1', price: '2', fee: '0' })).toEqual({ filled: '1', price: '2', fee: '0' });
    expect(endingOf({ cancelled: true, reason: 'x', fee: '0' })).toEqual({ cancelled: true, reason: 'x' });
    for (const wrong of [{}, { cancelled: true, rejected: true }, { filled: '1' }, { rejected: true }] as const)
      expect(() => endingOf({ fee: '0', ...wrong })).toThrow(expect.objectContaining({ name: 'CommandError' }));
  });
});

describe('the command', () => {
  let commands: Commands;

  it('needs no exchange where no order is with one', async () => {
    commands = await createCommands();
    try {
      const events = await openEventStore(`sqlite:${commands.data}/events.db`);
      await events.close();
      expect(await commands.json('broker', 'reconcile')).toEqual({ settled: 0, unresolved: 0 });
    } finally {
      await commands.remove();
    }
  });

  it('tells of orders in doubt, and so does the doctor', async () => {
    commands = await createCommands();
    const doctor = async (): Promise<{ readonly code: number | null; readonly line: string | undefined }> => {
      const { code, stdout } = await commands.run(['doctor']);
      return { code, line: stdout.split('\n').find((line) => line.includes('  orders: ')) };
    };
    try {
      const events = await openEventStore(`sqlite:${commands.data}/events.db`, { threads: false });
      const account = new LiveAccount(events);
      await account.open();
      const orderId = await account.place();
      expect(await commands.json('broker', 'orders')).toEqual({ orders: [] });
      expect(await doctor()).toEqual({
        code: 0,
        line: 'ok     orders: 0 at a venue of which nobody knows the outcome',
      });
      await account.handle({ type: 'SendOrder', ...account.now(), orderId });
      await account.handle({ type: 'ReportUnresolved', ...account.now(), orderId, reason: 'no answer' });
      await events.close();
      expect(await commands.json('broker', 'orders', '--unresolved')).toMatchObject({ orders: [{ orderId }] });
      expect((await commands.run(['broker', 'orders'])).stdout).toContain(orderId);
      expect(await doctor()).toEqual({
        code: 0,
        line: expect.stringMatching(/^WARN   orders: 1 at a venue .*signal-ledger broker orders --unresolved/),
      });
      const { checks } = (await commands.json('doctor')) as { checks: { name: string }[] };
      expect(checks.find(({ name }) => name === 'orders')).toMatchObject({ ok: true, warning: true });
      expect(await commands.failure('broker', 'settle', orderId, '--cancelled', '--reason', ' ')).toMatchObject({
        code: 1,
        error: { code: 'reason_invalid', field: 'reason' },
      });
    } finally {
      await commands.remove();
    }
  }, 60_000);

  it('proves an exchange and remembers it, and shows no key', async () => {
    commands = await createCommands({
      BROKER_EXCHANGE: 'binance',
      BROKER_API_KEY: KEYS.apiKey,
      BROKER_API_SECRET: KEYS.secret,
      BROKER_URL: exchange.url,
    });
    const events = await openEventStore(`sqlite:${commands.data}/events.db`);
    await events.close();
    expect(await commands.failure('broker', 'check', 'binance')).toMatchObject({ error: { code: 'no_ledger' } });
    const place = { viewStoreUrl: `sqlite:${commands.data}/views.db`, dataDir: commands.data };
    const coordination = await openCoordination(place);
    try {
      const proven = { exchange: 'BINANCE', credentials: KEYS, baseUrl: exchange.url };
      expect(await isProven(coordination, proven)).toBe(false);
      const { code, stdout, stderr } = await commands.run(['broker', 'check', 'ccxt:BINANCE']);
      expect({ code, stderr, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, stderr: '', lines: 11 });
      expect(stdout).not.toContain(KEYS.apiKey);
      expect(await isProven(coordination, proven)).toBe(true);
      const { baseUrl: _, ...withoutUrl } = proven;
      for (const other of [
        { ...proven, exchange: 'bybit' },
        { ...proven, baseUrl: `${exchange.url}1` },
        { ...proven, credentials: { apiKey: 'another' } },
        withoutUrl,
      ])
        expect(await isProven(coordination, other)).toBe(false);
      expect(await commands.json('broker', 'reconcile')).toEqual({ settled: 0, unresolved: 0 });
    } finally {
      await coordination.close();
      await commands.remove();
    }
  });
});

describe('the check of what every live order is read by', () => {
  const fails = async (): Promise<never> => {
    throw new BrokerUnavailable('this is not told here');
  };

  it.each<[string, (of: Broker) => Partial<Broker>]>([
    [
      'find_by_venue_id',
      (of) => ({
        find: async (order) =>
          order.venueOrderId === null ? of.find(order) : { outcome: 'unknown', reason: 'this is not told here' },
      }),
    ],
    ['open_orders', () => ({ openOrders: async () => [] })],
    ['trades', () => ({ trades: fails })],
  ])('does not prove a venue that fails at %s, and leaves nothing behind', async (step, without) => {
    const checked = await check({ ...broker, ...without(broker) });
    expect(checked.proven).toBe(false);
    expect(checked.steps.at(-1)).toMatchObject({ step, ok: false });
    expect((await exchange.see()).orders.at(-1)).toMatchObject({ status: 'CANCELED' });
  });
});

it('the check places nothing at a venue that can not be read', async () => {
  const before = (await exchange.see()).orders.length;
  const blind: Broker = {
    ...broker,
    openOrders: async () => {
      throw new BrokerUnavailable('this request may change something');
    },
  };
  const checked = await check(blind);
  expect(checked).toMatchObject({ proven: false, left: null });
  expect(checked.steps.at(-1)).toMatchObject({ step: 'read', ok: false });
  expect((await exchange.see()).orders).toHaveLength(before);
});

describe('an order that the venue took', () => {
  it('is unresolved while the venue does not tell what became of it', async () => {
    const events = createMemoryEventStore();
    const views = createMemoryViewStore();
    const account = new LiveAccount(events);
    await account.open();
    const orderId = await account.place();
    await account.handle({ type: 'SendOrder', ...account.now(), orderId });
    await account.handle({ type: 'ReportAccepted', ...account.now(), orderId, venueOrderId: '1' });
    await buildView(ordersView as unknown as View, events, views, { afresh: true });
    const silent: Broker = { ...broker, find: async () => ({ outcome: 'unknown', reason: 'no answer' }) };
    expect(await reconcileOrders(events, views, silent, { pauseMs: 10 })).toEqual({ settled: 0, unresolved: 1 });
    expect(await account.order(orderId)).toMatchObject({ status: 'open' });
  });
});
