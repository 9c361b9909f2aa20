import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Broker, BrokerUnavailable, createCcxtBroker } from '#libs/market';
import { createHandle, type EventStore } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { KEYS, startTradingExchange, type TradingExchange } from '../../../../../test/support/trading-exchange.ts';
import { handledAccount } from '../handled-account.ts';
import { LiveRunner, type LiveRunnerOptions } from './live-runner.ts';
import { BROKER, LiveAccount } from './testing/live-account.ts';

let exchange: TradingExchange;
let broker: Broker;
let events: EventStore;
let account: LiveAccount;
let troubles: string[];
let running: { readonly stop: () => Promise<void>; readonly runner: LiveRunner } | null = null;
/** By how much the runner's clock is ahead. */
let ahead = 0;

const PACE = { pollMs: 100, doubtMs: 50, lateMs: 500 };

beforeAll(async () => {
  exchange = await startTradingExchange();
  broker = createCcxtBroker({
    exchange: 'binance',
    credentials: KEYS,
    baseUrl: exchange.url,
    memoryMb: 96,
    timeoutMs: 2_000,
  });
});
afterAll(async () => {
  await broker.close();
  await exchange.stop();
});
beforeEach(async () => {
  await exchange.set({ feeKind: 'quote', feeRate: '0.001', forgets: 'nothing', fillsAtOnce: '1' }, 0);
  await exchange.move('BTCUSDT', '60000');
  events = createMemoryEventStore();
  troubles = [];
  ahead = 0;
  account = new LiveAccount(events);
  await account.open();
});
afterEach(async () => {
  await running?.stop();
  running = null;
});

/** A runner on the log, as it would run beside the market; `unsettled` are the orders that it finds there. */
async function start(unsettled: readonly string[] = [], more: Partial<LiveRunnerOptions> = {}): Promise<LiveRunner> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const runner = new LiveRunner({
    broker,
    handle: createHandle(handledAccount, events),
    signal,
    onTrouble: (what, reason) => troubles.push(`${what}: ${reason}`),
    now: () => Date.now() + ahead,
    ...PACE,
    ...more,
  });
  const documents = await Promise.all(unsettled.map((orderId) => account.document(orderId)));
  const head = await events.head();
  const following = (async () => {
    for await (const { events: heard } of events.subscribe(head, { signal }))
      runner.heard(
        account.id,
        heard.filter(({ stream }) => stream === `account-${account.id}`),
      );
  })();
  const ran = runner.start(documents).then(() => runner.run());
  running = {
    runner,
    stop: async () => {
      stopping.abort();
      await Promise.all([following, ran]);
    },
  };
  return runner;
}

async function until<Value>(read: () => Promise<Value>, isIt: (value: Value) => boolean): Promise<Value> {
  for (let n = 0; n < 1_000; n += 1) {
    const value = await read();
    if (isIt(value)) return value;
    await sleep(20);
  }
  throw new Error(`it did not come to that: ${JSON.stringify(await read())}; ${troubles.join('; ')}`);
}
const untilStatus = (orderId: string, status: string) =>
  until(
    () => account.order(orderId),
    (order) => order.status === status,
  );
const untilResting = (orderId: string) =>
  until(
    () => account.order(orderId),
    (order) => order.accepted,
  );

describe('orders at a venue', () => {
  it('are written down as sent, sent once, and filled by the trades of the venue', async () => {
    await start();
    const orderId = await account.place({ orderType: 'market', quantity: '0.01' });
    const order = await untilStatus(orderId, 'filled');
    expect(order).toMatchObject({ filled: '0.01', filledValue: '600', fees: '0.6', venueOrderId: expect.any(String) });
    expect(await account.history(orderId)).toEqual(['OrderPlaced', 'OrderSent', 'OrderAccepted', 'OrderFilled']);
    expect(await exchange.sent(orderId)).toBe(1);
    const { cash, holdings, reservedCash } = await account.state();
    expect({ cash, reservedCash }).toEqual({ cash: '99399.4', reservedCash: '0' });
    expect(holdings.get('BTC')).toMatchObject({ quantity: '0.01', cost: '600' });
  });

  it('that sell what is held ask for as much as fits the steps of the pair', async () => {
    await exchange.set({ feeKind: 'base' });
    await start();
    await untilStatus(await account.place({ orderType: 'market', quantity: '0.00123' }), 'filled');
    // The fee was taken in bitcoin.
    expect((await account.state()).holdings.get('BTC')).toMatchObject({ quantity: '0.00122877' });
    await exchange.set({ feeKind: 'quote' });
    const orderId = await account.closeAll();
    expect(await untilStatus(orderId, 'filled')).toMatchObject({ quantity: '0.00122', filled: '0.00122' });
    expect(await account.history(orderId)).toEqual([
      'OrderPlaced',
      'OrderModified',
      'OrderSent',
      'OrderAccepted',
      'OrderFilled',
    ]);
    expect((await account.state()).holdings.get('BTC')).toMatchObject({ quantity: '0.00000877', reserved: '0' });

    const rest = await account.closeAll();
    await untilStatus(rest, 'rejected');
    expect((await account.document(rest)).rejected).toMatchObject({ code: 'denied_precision' });
    expect(await account.history(rest)).toEqual(['OrderPlaced', 'OrderRejected']);
    expect((await account.state()).holdings.get('BTC')).toMatchObject({ quantity: '0.00000877', reserved: '0' });
  });

  it('that want what fits no step of the pair are refused, unless all is to be sold', async () => {
    await start();
    await untilStatus(await account.place({ orderType: 'market', quantity: '0.01' }), 'filled');
    const orderId = await account.place({ orderType: 'market', side: 'sell', quantity: '0.001234567' });
    await untilStatus(orderId, 'rejected');
    const { rejected, quantity } = await account.document(orderId);
    expect({ ...rejected, quantity }).toMatchObject({ code: 'denied_precision', quantity: '0.001234567' });
    expect(await exchange.sent(orderId)).toBe(0);
  });

  it('of one account go in the order in which they were wanted', async () => {
    const ids: string[] = [];
    await start();
    for (let n = 0; n < 6; n += 1) ids.push(await account.place());
    for (const id of ids) await untilResting(id);
    const placed = (await exchange.see()).orders.map(({ clientOrderId }) => clientOrderId);
    expect(placed.filter((id) => ids.includes(id))).toEqual(ids);
    for (const id of ids) await exchange.cancel(id);
  });

  it('that rest are filled in parts as the venue tells, and cancelled with what is left', async () => {
    await start();
    const orderId = await account.place();
    await untilResting(orderId);
    await exchange.fill(orderId, '0.002', '50000');
    await until(
      () => account.order(orderId),
      ({ filled }) => filled === '0.002',
    );
    await exchange.fill(orderId, '0.003', '49999.99');
    await until(
      () => account.order(orderId),
      ({ filled }) => filled === '0.005',
    );
    await account.cancel(orderId);
    const order = await untilStatus(orderId, 'cancelled');
    expect(order).toMatchObject({ filled: '0.005', filledValue: '249.99997', reserved: '0' });
    const [document] = [await account.document(orderId)];
    expect(document).toMatchObject({ fillCount: 2, cancelled: { by: 'agent', reason: 'no longer wanted' } });
    expect((await account.state()).reservedCash).toBe('0');
  });

  it('that the venue refuses are rejected with its reason, and set free what they kept back', async () => {
    await start();
    await exchange.plan({
      on: 'POST order',
      does: 'refuse',
      body: { code: -2010, msg: 'Account has insufficient balance for requested action.' },
    });
    const orderId = await account.place();
    await untilStatus(orderId, 'rejected');
    expect(await account.document(orderId)).toMatchObject({
      rejected: { code: 'insufficient_funds', reason: expect.stringContaining('insufficient balance') },
    });
    expect(await account.state()).toMatchObject({ reservedCash: '0', cash: '100000' });
  });

  it('that no venue would take are denied, and the venue hears nothing', async () => {
    await start();
    const orderId = await account.place({ quantity: '0.0100001' });
    await untilStatus(orderId, 'rejected');
    expect((await account.document(orderId)).rejected).toMatchObject({ code: 'denied_precision' });
    expect(await exchange.sent(orderId)).toBe(0);
  });

  it('that are too old are not sent', async () => {
    const orderId = await account.place({ within: 0 });
    await sleep(2);
    await start([orderId]);
    await untilStatus(orderId, 'rejected');
    expect(await account.history(orderId)).toEqual(['OrderPlaced', 'OrderRejected']);
    expect(await exchange.sent(orderId)).toBe(0);
  });

  it('pay their fee in what was bought, or in another coin', async () => {
    await start();
    await exchange.set({ feeKind: 'base' });
    const base = await account.place({ orderType: 'market', quantity: '0.01' });
    await untilStatus(base, 'filled');
    expect((await account.state()).holdings.get('BTC')).toMatchObject({ quantity: '0.00999' });
    expect((await account.document(base)).flags).toEqual(['fee_in_base']);
    await exchange.set({ feeKind: 'BNB' });
    const other = await account.place({ orderType: 'market', quantity: '0.01' });
    await untilStatus(other, 'filled');
    expect((await account.document(other)).fills).toMatchObject([{ fee: '0.001', feeCurrency: 'BNB' }]);
    expect((await account.document(other)).flags).toEqual(['fee_elsewhere']);
  });

  it('are booked as the venue filled them, also beyond what was wanted and after their end', async () => {
    await start();
    const orderId = await account.place();
    await untilResting(orderId);
    await account.cancel(orderId);
    await untilStatus(orderId, 'cancelled');
    await exchange.fill(orderId, '0.011', '50000');
    const { fills } = await until(
      () => account.document(orderId),
      ({ fillCount }) => fillCount > 0,
    );
    expect(fills[0]).toMatchObject({ quantity: '0.011', flags: expect.arrayContaining(['after_finish', 'overfill']) });
    expect((await account.state()).holdings.get('BTC')).toMatchObject({ quantity: '0.011' });
  });

  it('that somebody cancelled at the venue are cancelled', async () => {
    await start();
    const orderId = await account.place();
    await untilResting(orderId);
    await exchange.cancel(orderId);
    await untilStatus(orderId, 'cancelled');
    expect((await account.document(orderId)).cancelled).toMatchObject({ by: 'venue' });
  });

  it('whose cancel met their fill are filled', async () => {
    await start();
    const orderId = await account.place();
    await untilResting(orderId);
    await exchange.plan({ on: 'DELETE order', does: 'delay-before', ms: 300 });
    await account.cancel(orderId);
    await exchange.fill(orderId, '0.01', '50000');
    await untilStatus(orderId, 'filled');
  });

  it('are asked to be cancelled again where the venue did not hear it', async () => {
    await start();
    const orderId = await account.place();
    await untilResting(orderId);
    await exchange.plan({ on: 'DELETE order', does: 'cut-before' });
    await account.cancel(orderId);
    await until(
      async () => troubles,
      (told) => told.some((one) => one.includes('to cancel it')),
    );
    ahead = 6_000;
    await untilStatus(orderId, 'cancelled');
  });
});

describe('answers that are lost', () => {
  it('of an order that rests: it is found, and not sent again', async () => {
    await start();
    await exchange.plan({ on: 'POST order', does: 'cut-after' });
    const orderId = await account.place();
    await untilResting(orderId);
    expect(await exchange.sent(orderId)).toBe(1);
    await exchange.cancel(orderId);
  });

  it('of an order that was filled and whose id the venue has forgotten: its trades are booked', async () => {
    await start();
    await exchange.set({ forgets: 'lookup' });
    await exchange.plan({ on: 'POST order', does: 'cut-after' });
    const orderId = await account.place({ orderType: 'market', quantity: '0.01' });
    await untilStatus(orderId, 'filled');
    expect(await exchange.sent(orderId)).toBe(1);
  });

  it('that come late count as lost, and the order is found', async () => {
    await start();
    await exchange.plan({ on: 'POST order', does: 'delay-after', ms: 3_000 });
    const orderId = await account.place({ orderType: 'market', quantity: '0.01' });
    await untilStatus(orderId, 'filled');
    expect(await exchange.sent(orderId)).toBe(1);
  });

  it('of an order that never arrived: nobody knows at first, and it is over once it can no longer arrive', async () => {
    await start();
    await exchange.plan({ on: 'POST order', does: 'cut-before' });
    const orderId = await account.place();
    const doubted = await untilStatus(orderId, 'unresolved');
    expect(doubted.reserved).not.toBe('0');
    await expect(account.cancel(orderId)).rejects.toThrow('not known whether the venue has this order');
    await until(
      () => account.order(orderId),
      ({ status }) => {
        ahead += 5_000;
        return status === 'rejected';
      },
    );
    expect((await account.document(orderId)).rejected).toMatchObject({ code: 'never_placed' });
    expect(await exchange.sent(orderId)).toBe(1);
  });

  it('of an order that the operator ended, and the venue has: what it fills afterwards is booked', async () => {
    await start([], { lateMs: 200 });
    const orderId = await account.place();
    await untilResting(orderId);
    await account.ends(orderId);
    await until(
      async () => troubles,
      (told) =>
        told.some((one) => one.startsWith(`${orderId}: it was ended by the operator, and the venue has it open`)),
    );
    await exchange.fill(orderId, '0.01', '50000');
    const { filled } = await until(
      () => account.order(orderId),
      (order) => order.filled !== '0',
    );
    expect(filled).toBe('0.01');
    expect((await account.state()).holdings.get('BTC')).toMatchObject({ quantity: '0.01' });
    const flags = (await account.document(orderId)).fills.map((fill) => fill.flags);
    expect(flags).toEqual([['after_finish']]);
  });

  it('stay in doubt while the venue has what could be the order', async () => {
    await start();
    await exchange.set({ forgets: 'name' });
    await exchange.plan({ on: 'POST order', does: 'cut-after' });
    const orderId = await account.place({ orderType: 'market', quantity: '0.01' });
    await untilStatus(orderId, 'unresolved');
    const before = (await exchange.see()).requests.length;
    ahead = 120_000;
    await until(
      async () => (await exchange.see()).requests.length,
      (requests) => {
        ahead += 1_000;
        return requests > before + 15;
      },
    );
    expect(await account.order(orderId)).toMatchObject({ status: 'unresolved' });
    await exchange.set({ forgets: 'nothing' });
    await until(
      () => account.order(orderId),
      ({ status }) => {
        ahead += 1_000;
        return status === 'filled';
      },
    );
  });
});

describe('a start', () => {
  it('looks at what was sent before it sends anything', async () => {
    const left = await account.place({ orderType: 'market', quantity: '0.01' });
    await account.handle({ type: 'SendOrder', ...account.now(), orderId: left });
    const wanted = await account.place();
    await start([left, wanted]);
    await untilResting(wanted);
    const { requests } = await exchange.see();
    const looked = requests.findIndex(({ method, clientOrderId }) => method === 'GET' && clientOrderId === left);
    const sent = requests.findIndex(({ method, clientOrderId }) => method === 'POST' && clientOrderId === wanted);
    expect(looked).toBeGreaterThan(-1);
    expect(sent).toBeGreaterThan(looked);
    expect(await exchange.sent(left)).toBe(0);
    await exchange.cancel(wanted);
  });

  it('books what happened at the venue meanwhile', async () => {
    const first = await start();
    const orderId = await account.place();
    await untilResting(orderId);
    await running!.stop();
    running = null;
    expect(first.size).toBe(1);
    await exchange.move('BTCUSDT', '49000');
    await start([orderId]);
    await untilStatus(orderId, 'filled');
  });

  it('cancels what was to be cancelled, for whom it was wanted', async () => {
    await start();
    const orderId = await account.place();
    await untilResting(orderId);
    await running!.stop();
    running = null;
    await account.cancel(orderId);
    await start([orderId]);
    await untilStatus(orderId, 'cancelled');
  });

  describe('at a venue that can not be read', () => {
    let isReadable: boolean;
    const silent = (): Broker => ({
      ...broker,
      find: async (order) => (isReadable ? broker.find(order) : { outcome: 'unknown', reason: 'no answer' }),
      openOrders: async (pair) => {
        if (!isReadable) throw new BrokerUnavailable('no answer');
        return broker.openOrders(pair);
      },
    });
    beforeEach(() => {
      isReadable = false;
    });

    async function startsWith(left: string, wanted: readonly string[]): Promise<void> {
      await account.handle({ type: 'SendOrder', ...account.now(), orderId: left });
      await start([left, ...wanted], { broker: silent(), startWaitMs: 10 });
    }
    const isToldOf = (orderId: string) =>
      until(
        async () => troubles,
        (told) => told.includes(`${orderId}: it waits until the venue tells of the orders of BTC/USDT that were left`),
      );

    it('buys nothing of a pair with orders that were left, before it is', async () => {
      const left = await account.place();
      const wanted = await account.place();
      await startsWith(left, [wanted]);
      await isToldOf(wanted);
      expect(await exchange.sent(wanted)).toBe(0);
      isReadable = true;
      await untilResting(wanted);
      expect(await exchange.sent(wanted)).toBe(1);
      await account.cancel(wanted);
    });

    it('sells of it', async () => {
      const bought = await account.place({ orderType: 'market' });
      await start([bought]);
      await untilStatus(bought, 'filled');
      await running!.stop();
      const left = await account.place();
      const sell = await account.place({ side: 'sell', orderType: 'market', quantity: '0.01' });
      await startsWith(left, [sell]);
      await until(
        () => exchange.sent(sell),
        (times) => times === 1,
      );
      isReadable = true;
      await untilStatus(sell, 'filled');
    });

    it('refuses a buy that waited too long', async () => {
      const left = await account.place();
      const wanted = await account.place({ within: 2_000 });
      await startsWith(left, [wanted]);
      await isToldOf(wanted);
      await untilStatus(wanted, 'rejected');
      expect((await account.document(wanted)).rejected).toMatchObject({ code: 'too_late' });
      expect(await exchange.sent(wanted)).toBe(0);
    });
  });

  it('does not touch what another broker has', async () => {
    const orderId = await account.place();
    const elsewhere: Broker = { ...broker, name: 'ccxt:kraken' };
    await start([orderId], { broker: elsewhere });
    await until(
      async () => troubles,
      (told) => told.some((one) => one.includes(`it is with ${BROKER}`)),
    );
    expect(await account.history(orderId)).toEqual(['OrderPlaced']);
  });
});

describe('two runners at once', () => {
  it('send an order once', async () => {
    const handle = createHandle(handledAccount, events);
    const stopping = new AbortController();
    const { signal } = stopping;
    const runners = [1, 2].map(() => new LiveRunner({ broker, handle, signal, onTrouble: () => undefined, ...PACE }));
    const orderId = await account.place();
    const document = await account.document(orderId);
    const ran = runners.map((runner) => runner.start([document]).then(() => runner.run()));
    await untilResting(orderId);
    stopping.abort();
    await Promise.all(ran);
    expect(await exchange.sent(orderId)).toBe(1);
    await exchange.cancel(orderId);
  });
});
