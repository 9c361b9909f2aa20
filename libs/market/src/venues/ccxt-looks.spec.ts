import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OrderName } from '../broker.ts';
import { createCcxtInstance } from './ccxt-instance.ts';
import { createLooks, type Looks } from './ccxt-looks.ts';
import { startVenue, type TestVenue } from './testing/http-server.ts';

const SINCE = 1_780_000_000_000;
const ORDER: OrderName = {
  clientOrderId: 'c'.repeat(32),
  venueOrderId: '77',
  pair: 'BTC/USDT',
  side: 'buy',
  since: SINCE,
  until: null,
};

type Told = Readonly<Record<string, unknown>>;

let venue: TestVenue;
/** What Bybit tells at a path, of a question. */
let lists: Readonly<Record<string, (asked: URLSearchParams) => readonly Told[]>>;

beforeEach(async () => {
  lists = {};
  venue = await startVenue(({ url }, response) => {
    const { pathname, searchParams } = new URL(url!, 'http://x');
    const list = lists[pathname]?.(searchParams) ?? [];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ retCode: 0, retMsg: 'OK', result: { category: 'spot', list }, time: SINCE }));
  });
});
afterEach(() => venue.stop());

function looksAtBybit(isUnified: boolean): Looks {
  const { exchange } = createCcxtInstance({ exchange: 'bybit', baseUrl: venue.url, timeoutMs: 5_000 });
  Object.assign(exchange, { apiKey: 'key', secret: 'secret', rateLimit: 1 });
  Object.assign(exchange.options, { enableUnifiedMargin: false, enableUnifiedAccount: isUnified });
  const names = { id: 'BTCUSDT', symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT', baseId: 'BTC', quoteId: 'USDT' };
  exchange.setMarkets([{ ...names, type: 'spot', spot: true, active: true, precision: {}, limits: {} }]);
  return createLooks(exchange);
}

const order = (more: Told = {}): Told => ({
  symbol: 'BTCUSDT',
  orderId: '77',
  orderLinkId: ORDER.clientOrderId,
  side: 'Buy',
  orderType: 'Limit',
  orderStatus: 'Filled',
  qty: '1',
  price: '50000',
  cumExecQty: '1',
  createdTime: String(SINCE + 5),
  ...more,
});

describe('an order whose id at the venue is known', () => {
  it('is found by it at Bybit, whose unified accounts tell it of the last 500 orders alone', async () => {
    lists = { '/v5/order/realtime': (asked) => (asked.get('orderId') === '77' ? [order()] : []) };
    const found = await looksAtBybit(true).find(ORDER);
    expect(found).toMatchObject({ outcome: 'found', order: { venueOrderId: '77', status: 'closed', filled: '1' } });
    expect(venue.asked).toHaveLength(1);
  });

  it('is looked for elsewhere where the venue does not tell one by its id', async () => {
    lists = { '/v5/order/history': () => [order()] };
    const found = await looksAtBybit(false).find(ORDER);
    expect(found).toMatchObject({ outcome: 'found', order: { venueOrderId: '77', status: 'closed', filled: '1' } });
  });
});

const trade = (n: number, more: Told = {}): Told => ({
  symbol: 'BTCUSDT',
  execId: `e${n}`,
  orderId: '77',
  side: 'Buy',
  execQty: '0.01',
  execPrice: '50000',
  execTime: String(SINCE + n),
  ...more,
});

/** As Bybit pages: the newest of what was asked for, the newest first, and never more than its most. */
function newestOf(rows: readonly Told[], time: string, most: number, asked: URLSearchParams): readonly Told[] {
  const of = (name: string, otherwise: number): number => Number(asked.get(name) ?? otherwise);
  return rows
    .filter((row) => Number(row[time]) >= of('startTime', 0) && Number(row[time]) <= of('endTime', Infinity))
    .sort((one, other) => Number(other[time]) - Number(one[time]))
    .slice(0, Math.min(of('limit', 50), most));
}

/** As most venues page: the oldest of what was asked for. */
function oldestOf(rows: readonly Told[], time: string, most: number, asked: URLSearchParams): readonly Told[] {
  return rows.filter((row) => Number(row[time]) >= Number(asked.get('startTime') ?? 0)).slice(0, most);
}

describe('what a venue tells in pages shorter than they were asked for', () => {
  it.each([
    ['the oldest', oldestOf],
    ['the newest', newestOf],
  ])('is read to its end, where a page has %s: orders', async (_which, pageOf) => {
    const strangers = Array.from({ length: 130 }, (_, n) =>
      order({ orderId: String(1_000 + n), orderLinkId: `other-${n}`, createdTime: String(SINCE + n) }),
    );
    for (const at of [3, 64, 128]) {
      const orders = strangers.map((one, n) => (n === at ? order({ createdTime: String(SINCE + n) }) : one));
      lists = {
        '/v5/order/history': (asked) => (asked.has('orderLinkId') ? [] : pageOf(orders, 'createdTime', 50, asked)),
      };
      const found = await looksAtBybit(false).find(ORDER);
      expect(found).toMatchObject({ outcome: 'found', order: { venueOrderId: '77' } });
    }
  });

  it.each([
    ['the oldest', oldestOf],
    ['the newest', newestOf],
  ])('is read to its end, where a page has %s: trades', async (_which, pageOf) => {
    const trades = Array.from({ length: 250 }, (_, n) => trade(n));
    lists = { '/v5/execution/list': (asked) => pageOf(trades, 'execTime', 100, asked) };
    const told = await looksAtBybit(false).trades({ ...ORDER, venueOrderId: '77' });
    expect(new Set(told.map((one) => (one as { id: string }).id)).size).toBe(250);
  });
});
