import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KEYS, startTradingExchange, type TradingExchange } from '../../../../test/support/trading-exchange.ts';
import { type Broker, BrokerUnavailable, type OrderName, type OrderRequest } from '../broker.ts';
import { createCcxtBroker } from './ccxt-broker.ts';

let exchange: TradingExchange;
let broker: Broker;
const others: Broker[] = [];

const open = (more: object = {}): Broker =>
  createCcxtBroker({ exchange: 'BINANCE', credentials: KEYS, baseUrl: exchange.url, memoryMb: 96, ...more });

beforeAll(async () => {
  exchange = await startTradingExchange();
  broker = open();
});
afterAll(async () => {
  await Promise.all([broker, ...others].map((one) => one.close()));
  await exchange.stop();
});
beforeEach(async () => {
  await exchange.set({ feeKind: 'quote', feeRate: '0.001', forgets: 'nothing', fillsAtOnce: '1' }, 0);
  await exchange.move('BTCUSDT', '60000');
});

const newId = (): string => randomUUID().replaceAll('-', '');
const order = (more: Partial<OrderRequest> = {}): OrderRequest => ({
  clientOrderId: newId(),
  pair: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  quantity: '0.001',
  price: '50000',
  sendBy: Date.now() + 10_000,
  ...more,
});
const nameOf = (request: OrderRequest, venueOrderId: string | null = null): OrderName => {
  const { clientOrderId, pair, side } = request;
  return { clientOrderId, venueOrderId, pair, side, since: Date.now() - 1_000, until: Date.now() + 20_000 };
};
const named = (request: OrderRequest, venueOrderId: string) => ({ ...nameOf(request), venueOrderId });
const requestsOf = async (): Promise<number> => (await exchange.see()).requests.length;

describe('a broker by ccxt', () => {
  it('is named as orders name it, and knows the rules of a pair in the digits of the venue', async () => {
    expect(broker).toMatchObject({ name: 'ccxt:binance', fenceMs: 5_000 });
    expect(await broker.rules('BTC/USDT')).toEqual({
      pair: 'BTC/USDT',
      base: 'BTC',
      quote: 'USDT',
      quantityStep: '0.00001',
      priceStep: '0.01',
      leastQuantity: '0.00001',
      mostQuantity: '9000',
      mostMarketQuantity: '100',
      leastPrice: '0.01',
      mostPrice: '1000000',
      leastCost: '5',
      mostCost: '9000000',
    });
    expect(await broker.rules('DOGE/USDT')).toBeNull();
  });

  it('places an order that rests, finds it by both ids and in the list, cancels it and finds that too', async () => {
    const request = order();
    const placed = await broker.place(request);
    expect(placed).toEqual({ outcome: 'accepted', venueOrderId: expect.any(String) });
    const { venueOrderId } = placed as { venueOrderId: string };
    const { clientOrderId } = request;
    const resting = { venueOrderId, clientOrderId, side: 'buy', status: 'open', filled: '0' };
    expect(await broker.find(nameOf(request))).toEqual({ outcome: 'found', order: resting });
    expect(await broker.find(nameOf(request, venueOrderId))).toEqual({ outcome: 'found', order: resting });
    expect(await broker.openOrders('BTC/USDT')).toContainEqual(resting);
    expect(await broker.cancel(nameOf(request))).toEqual({ outcome: 'asked' });
    const found = await broker.find(nameOf(request));
    expect(found).toMatchObject({ outcome: 'found', order: { status: 'cancelled', filled: '0' } });
    expect(await broker.cancel(nameOf(request, venueOrderId))).toMatchObject({ outcome: 'missing' });
    expect(await exchange.sent(clientOrderId)).toBe(1);
  });

  it('tells trades with the digits, the fee and its currency', async () => {
    await exchange.set({ feeKind: 'base' });
    const request = order({ type: 'market', price: null, quantity: '0.00123' });
    const placed = await broker.place(request);
    const { venueOrderId } = placed as { venueOrderId: string };
    expect(await broker.trades(named(request, venueOrderId))).toEqual([
      {
        tradeId: expect.any(String),
        venueOrderId,
        side: 'buy',
        quantity: '0.00123',
        price: '60000',
        fee: '0.00000123',
        feeCurrency: 'BTC',
        at: expect.any(Number),
      },
    ]);
  });

  it('tells all trades of an order, however many pages they take', async () => {
    const request = order({ quantity: '0.02' });
    const { venueOrderId } = (await broker.place(request)) as { venueOrderId: string };
    const fills = 1_003;
    for (let n = 0; n < fills; n += 50)
      await Promise.all(
        Array.from({ length: Math.min(50, fills - n) }, () => exchange.fill(request.clientOrderId, '0.00001', '50000')),
      );
    const trades = await broker.trades(named(request, venueOrderId));
    expect(new Set(trades.map(({ tradeId }) => tradeId)).size).toBe(fills);
    await broker.cancel(nameOf(request));
  });
});

describe('what is denied here', () => {
  it.each<[Partial<OrderRequest>, string, string]>([
    [{ quantity: '0.000011' }, 'denied_precision', '0.00001 is'],
    [{ price: '50000.005' }, 'denied_precision', '50000 is'],
    [{ side: 'sell', price: '70000.005' }, 'denied_precision', '70000.01 is'],
    [{ quantity: '0.00009' }, 'denied_limits', '4.5 is below 5'],
    [{ quantity: '9001' }, 'denied_limits', 'above 9000'],
    [{ type: 'market', price: null, quantity: '101' }, 'denied_limits', 'above 100'],
    [{ price: '2000000' }, 'denied_limits', 'above 1000000'],
    [{ price: null }, 'denied_order', 'price'],
    [{ type: 'market', price: '1' }, 'denied_order', 'price'],
    [{ quantity: '0' }, 'denied_order', 'quantity'],
    [{ quantity: '1e-3' }, 'denied_order', 'quantity'],
    [{ pair: 'DOGE/USDT' }, 'denied_pair', 'DOGE/USDT'],
    [{ pair: '__proto__' }, 'denied_pair', 'no spot market'],
    [{ sendBy: Date.now() - 1 }, 'too_late', 'after its last moment'],
  ])('%j, and the venue hears nothing of it', async (more, code, reason) => {
    await broker.rules('BTC/USDT');
    const before = await requestsOf();
    const placed = await broker.place(order(more));
    expect(placed).toMatchObject({ outcome: 'refused', code });
    expect((placed as { reason: string }).reason).toContain(reason);
    expect(await requestsOf()).toBe(before);
  });

  it('an order that waited in the queue past its last moment', async () => {
    await broker.rules('BTC/USDT');
    // Each look takes its turn before, and ccxt lets one through each 50 ms or slower.
    const looks = Array.from({ length: 20 }, () => broker.openOrders('BTC/USDT'));
    const request = order({ sendBy: Date.now() + 50 });
    expect(await broker.place(request)).toMatchObject({ outcome: 'refused', code: 'too_late' });
    await Promise.all(looks);
    expect(await exchange.sent(request.clientOrderId)).toBe(0);
  });

  it('all, where the markets can not be read or the venue is closed', async () => {
    const down = open({ baseUrl: 'http://127.0.0.1:1' });
    expect(await down.place(order())).toMatchObject({ outcome: 'refused', code: 'denied_unavailable' });
    await down.close();
    expect(await down.place(order())).toMatchObject({ outcome: 'refused', code: 'denied_unavailable' });
  });
});

describe('an answer that is no plain yes', () => {
  const plan = (does: object): Promise<void> => exchange.plan({ on: 'POST order', ...does } as never);

  it.each([
    ['the connection is cut before it is done', { does: 'cut-before' }, 0],
    ['the connection is cut after it was done', { does: 'cut-after' }, 1],
    ['503 without a word', { does: 'refuse', status: 503, body: '' }, 0],
    ['503 after it was done', { does: 'answer-instead', status: 503, body: 'busy' }, 1],
    ['429', { does: 'refuse', status: 429, body: 'slow' }, 0],
    ['418', { does: 'refuse', status: 418, body: 'banned' }, 0],
    ['502 as a page', { does: 'refuse', status: 502, body: '<html>' }, 0],
    ['200 that is no JSON', { does: 'answer-instead', body: '<html>' }, 1],
    ['200 that is nothing', { does: 'answer-instead', body: 'null' }, 1],
    ['a code of a time-out', { does: 'refuse', body: { code: -1007, msg: 'Timeout waiting for response' } }, 0],
    ['-1006', { does: 'refuse', body: { code: -1006, msg: 'An unexpected response was received' } }, 0],
    ['-1000', { does: 'refuse', body: { code: -1000, msg: 'An unknown error occurred' } }, 0],
    ['a code that nobody knows', { does: 'refuse', body: { code: -987_654, msg: 'strange' } }, 0],
    ['an id that is there already', { does: 'refuse', body: { code: -2010, msg: 'Duplicate order sent.' } }, 0],
  ])('is unknown and not sent again: %s', async (_what, does, there) => {
    const request = order();
    await plan(does);
    expect(await broker.place(request)).toMatchObject({ outcome: 'unknown', reason: expect.any(String) });
    expect(await exchange.sent(request.clientOrderId)).toBe(1);
    expect(await broker.find(nameOf(request))).toMatchObject(
      there === 1 ? { outcome: 'found' } : { outcome: 'missing', unexplained: null },
    );
    if (there === 1) await broker.cancel(nameOf(request));
  });

  it('is unknown and not sent again: none in time, and it was done', async () => {
    const impatient = open({ timeoutMs: 300 });
    others.push(impatient);
    await impatient.rules('BTC/USDT');
    const request = order();
    await plan({ does: 'delay-after', ms: 1_000 });
    expect(await impatient.place(request)).toMatchObject({ outcome: 'unknown' });
    expect(await exchange.sent(request.clientOrderId)).toBe(1);
    expect(await broker.find(nameOf(request))).toMatchObject({ outcome: 'found' });
    await broker.cancel(nameOf(request));
  });

  it.each([
    [{ code: -2010, msg: 'Account has insufficient balance for requested action.' }, 'insufficient_funds'],
    [{ code: -1013, msg: 'Filter failure: NOTIONAL' }, 'bad_request'],
    [{ code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' }, 'clock_differs'],
    [{ code: -1100, msg: 'Illegal characters found in a parameter.' }, 'bad_request'],
    [{ code: -2014, msg: 'API-key format invalid.' }, 'not_permitted'],
    [{ code: -1121, msg: 'Invalid symbol.' }, 'unknown_pair'],
  ])('is a refusal with its reason: %j', async (body, code) => {
    const request = order();
    await plan({ does: 'refuse', body });
    const placed = await broker.place(request);
    expect(placed).toEqual({ outcome: 'refused', code, reason: expect.stringContaining(body.msg) });
    expect(await exchange.sent(request.clientOrderId)).toBe(1);
  });

  it('is a refusal where the order should rest and would trade at once', async () => {
    const placed = await broker.place(order({ price: '61000', postOnly: true }));
    expect(placed).toMatchObject({ outcome: 'refused' });
  });

  it('shows no key, no secret and no signature', async () => {
    const request = order();
    await plan({ does: 'refuse', body: { code: -1100, msg: `bad ${KEYS.apiKey} ${KEYS.secret} /x?signature=abc` } });
    const text = JSON.stringify(await broker.place(request));
    for (const secret of [KEYS.apiKey, KEYS.secret, 'abc']) expect(text).not.toContain(secret);
  });

  it('keys that are wrong are a refusal', async () => {
    const stranger = open({ credentials: { apiKey: KEYS.apiKey, secret: 'another' } });
    others.push(stranger);
    expect(await stranger.place(order())).toMatchObject({ outcome: 'refused' });
    await expect(stranger.openOrders('BTC/USDT')).rejects.toThrow(BrokerUnavailable);
  });
});

describe('a venue that forgets', () => {
  it('is asked in lists for what it no longer finds by id', async () => {
    await exchange.set({ forgets: 'lookup' });
    const request = order({ type: 'market', price: null });
    await exchange.plan({ on: 'POST order', does: 'cut-after' });
    expect(await broker.place(request)).toMatchObject({ outcome: 'unknown' });
    const found = await broker.find(nameOf(request));
    expect(found).toMatchObject({ outcome: 'found', order: { status: 'closed', filled: '0.001' } });
  });

  it('leaves unexplained what it no longer names', async () => {
    await exchange.set({ forgets: 'name' });
    const request = order({ type: 'market', price: null });
    await exchange.plan({ on: 'POST order', does: 'cut-after' });
    await broker.place(request);
    const found = await broker.find(nameOf(request));
    expect(found).toMatchObject({ outcome: 'missing', unexplained: expect.stringContaining('no client order id') });
  });

  it('says so where a list can not be read', async () => {
    await exchange.plan({ on: 'GET myTrades', does: 'refuse', status: 503, body: '' });
    expect(await broker.find(nameOf(order()))).toMatchObject({ outcome: 'unknown' });
  });
});

describe('a venue whose reads are POSTs', () => {
  it.each(['kraken', 'Bitstamp', 'Crypto.com', 'gemini', 'whitebit', 'bitfinex'])(
    'is refused before anything is sent, and named: %s',
    async (name) => {
      const unsupported = open({ exchange: name });
      others.push(unsupported);
      const before = await requestsOf();
      const request = order();
      const reason = expect.stringContaining(`${unsupported.name.slice(5)} is not supported yet`);
      await expect(unsupported.rules('BTC/USDT')).rejects.toThrow(BrokerUnavailable);
      await expect(unsupported.openOrders('BTC/USDT')).rejects.toMatchObject({ message: reason });
      expect(await unsupported.place(request)).toEqual({ outcome: 'refused', code: 'denied_unavailable', reason });
      expect(await unsupported.cancel(nameOf(request))).toMatchObject({ outcome: 'refused', reason });
      expect(await unsupported.find(nameOf(request))).toEqual({ outcome: 'unknown', reason });
      expect(await requestsOf()).toBe(before);
    },
  );
});
