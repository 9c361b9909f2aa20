import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { candle, type LocalExchange, startExchange, ticker } from '../../../../test/support/exchange.ts';
import { CHART_INTERVALS, type ChartInterval } from '../charts.ts';
import type { QuoteSource } from '../quote-source.ts';
import { type Venue, VenueUnavailable } from '../venue.ts';
import { createCcxtVenue } from './ccxt.ts';

const PAIRS = [
  ...['BTC', 'ETH', 'XRP'].map((base) => ({ id: `${base}USDT`, base, quote: 'USDT' })),
  { id: 'BTCUSD', base: 'BTC', quote: 'USD' },
];
const HOUR = CHART_INTERVALS['1h'];

let exchange: LocalExchange;
let venue: Venue & QuoteSource;

beforeAll(async () => {
  exchange = await startExchange(PAIRS);
  venue = createCcxtVenue({ exchange: 'binance', baseUrl: exchange.url, backoffMs: 1, memoryMb: 96 });
});
afterAll(async () => {
  await venue.close();
  await exchange.stop();
});
beforeEach(() => {
  exchange.instead = null;
  exchange.tickers.clear();
  exchange.candles = [];
  exchange.klines.clear();
  exchange.books.clear();
});

const set = (id: string, last: string, more = '', time = Date.now()): void =>
  void exchange.tickers.set(id, ticker(id, last, time, more));
const asked = async (task: () => Promise<unknown>): Promise<string[]> => {
  const before = exchange.requests.length;
  await task();
  return exchange.requests.slice(before).map((path) => path.split('?')[0]!);
};

describe('what coins cost at an exchange', () => {
  it('is asked of the pairs that it lists', async () => {
    const pairs = ['BTC/USDT', 'BTC/USD', 'DOGE/USDT', 'btc/usdt', '__proto__', 'constructor', ''];
    expect(await venue.listed(pairs)).toEqual(new Set(['BTC/USDT', 'BTC/USD']));
    expect(await asked(() => venue.listed(['DOGE/USDT']))).toEqual([]);
  });

  it('is told with the digits, the time and the change of the venue, all in one request', async () => {
    const time = Date.now() - 1_234;
    set('BTCUSDT', '"60740.00000000"', ',"openPrice":"61000.0","priceChangePercent":"-0.426"', time);
    set('ETHUSDT', '"0.1234567890123456789"', ',"openPrice":"0.1","priceChangePercent":"23.5"', time);
    const told = new Map<string, unknown>();
    expect(
      await asked(async () => {
        for (const entry of await venue.quotes(['ETH/USDT', 'BTC/USDT'])) told.set(...entry);
      }),
    ).toEqual(['/api/v3/ticker/24hr']);
    expect([...told]).toEqual([
      ['ETH/USDT', { quote: { price: '0.1234567890123456789', at: time, change24h: '23.5' } }],
      ['BTC/USDT', { quote: { price: '60740.00000000', at: time, change24h: '-0.426' } }],
    ]);
  });

  it.each([
    ['none is told', '', null],
    ['only the price before is', ',"openPrice":"80"', '25'],
    ['it is no number', ',"priceChangePercent":"n/a","openPrice":"80"', '25'],
    ['it has an exponent', ',"priceChangePercent":1.5E-1', '0.15'],
    ['the price before is 0', ',"openPrice":"0.00"', null],
    ['it is endless', ',"openPrice":"60"', '66.6667'],
  ])('has its change where %s', async (_what, more, change24h) => {
    set('BTCUSDT', '"100"', more);
    expect((await venue.quotes(['BTC/USDT'])).get('BTC/USDT')).toMatchObject({ quote: { price: '100', change24h } });
  });

  it('is none before the first trade, and refused for each by itself where it can be none', async () => {
    set('BTCUSDT', '"0.00"');
    set('ETHUSDT', '"NaN"');
    const told = await venue.quotes(['BTC/USDT', 'ETH/USDT', 'XRP/USDT', 'DOGE/USDT']);
    expect(Object.fromEntries(told)).toEqual({
      'BTC/USDT': { quote: null },
      'ETH/USDT': { refused: 'ccxt:binance ETH/USDT: its price is not a plain decimal above 0: "NaN"' },
      'XRP/USDT': { refused: 'ccxt:binance XRP/USDT: it was asked for and not told' },
      'DOGE/USDT': { refused: 'ccxt:binance DOGE/USDT: binance has no market of this name' },
    });
  });

  it('can not be told where the exchange is out of order', async () => {
    exchange.instead = () => ({ status: 500, body: '{}' });
    await expect(venue.quotes(['BTC/USDT'])).rejects.toThrow(VenueUnavailable);
  });
});

describe('a chart', () => {
  /** When the candle that is being made began. */
  const current = Math.floor(Date.now() / HOUR) * HOUR;
  const hours = (count: number): readonly (readonly unknown[])[] =>
    Array.from({ length: count }, (_, n) => candle(current - (count - 1 - n) * HOUR, 100 + n, HOUR));

  it('has the newest candles of its interval, the last one still being made', async () => {
    exchange.klines.set('1h', hours(50));
    exchange.candles = [candle(current, 7)];
    const chart = await venue.chart('BTC/USDT', '1h', 3);
    expect(chart.map(({ time }) => time)).toEqual([current - 2 * HOUR, current - HOUR, current]);
    const last = { open: '149.00', high: '151.00', low: '147.00', close: '150.00', volume: '21.63272000' };
    expect(chart[2]).toEqual({ time: current, ...last });
  });

  it('is read page by page, each candle once', async () => {
    // The exchange gives fewer at once than it says.
    exchange.klines.set('1h', hours(1_500));
    let most = 400;
    exchange.instead = null;
    const requests = await asked(async () => {
      const rows = exchange.klines.get('1h')!;
      exchange.instead = (path) => {
        if (path !== '/api/v3/klines') return null;
        const query = new URL(exchange.requests.at(-1)!, exchange.url).searchParams;
        const from = query.get('startTime');
        const found = rows.filter(([time]) => Number(time) >= Number(from));
        most = Math.min(400, Number(query.get('limit')));
        return { body: JSON.stringify(from === null ? found.slice(-most) : found.slice(0, most)) };
      };
      const chart = await venue.chart('BTC/USDT', '1h', 700);
      expect(chart.map(({ time }) => time)).toEqual(Array.from({ length: 700 }, (_, n) => current - (699 - n) * HOUR));
    });
    expect(requests).toHaveLength(2);
  });

  it('is as long as what the exchange has', async () => {
    exchange.klines.set('1d', [candle(current - (current % 86_400_000), 5, 86_400_000)]);
    expect(await venue.chart('BTC/USDT', '1d', 1_000)).toHaveLength(1);
    for (const interval of Object.keys(CHART_INTERVALS) as ChartInterval[])
      expect(await venue.chart('ETH/USDT', interval, 5)).toHaveLength(interval === '1d' ? 1 : 0);
  });

  it('leaves out what can not be a candle, and is none where all are', async () => {
    const bad = [current - 2 * HOUR, '100', '90', '110', '100', '1'];
    exchange.klines.set('1h', [bad, candle(current - HOUR, 100, HOUR), [current, '1', '2', '1', '2', 'many']]);
    const chart = await venue.chart('BTC/USDT', '1h', 10);
    expect(chart.map(({ time, volume }) => [time, volume])).toEqual([
      [current - HOUR, '21.63272000'],
      [current, null],
    ]);
    exchange.klines.set('1h', [bad]);
    await expect(venue.chart('BTC/USDT', '1h', 10)).rejects.toThrow('ccxt:binance BTC/USDT: the candle of');
    await expect(venue.chart('DOGE/USDT', '1h', 10)).rejects.toThrow('binance has no market DOGE/USDT');
  });
});

describe('a book', () => {
  it('has the best levels in the order of their prices as numbers', async () => {
    exchange.books.set('BTCUSDT', {
      bids: [
        ['100.5', '1.50000000'],
        ['99', '2'],
        ['9.5', '3'],
        ['0.0000001', '4'],
      ],
      asks: [
        ['101', '1'],
        ['1000', '2'],
        ['110', '0.00'],
        ['102.10', '0.000000000000000001'],
      ],
    });
    expect(await venue.book('BTC/USDT', 3)).toEqual({
      bids: [
        ['100.5', '1.50000000'],
        ['99', '2'],
        ['9.5', '3'],
      ],
      asks: [
        ['101', '1'],
        ['102.10', '0.000000000000000001'],
        ['1000', '2'],
      ],
    });
    exchange.books.set('BTCUSDT', { bids: [], asks: [['101', '1']] });
    expect(await venue.book('BTC/USDT', 100)).toEqual({ bids: [], asks: [['101', '1']] });
  });

  it('is refused where a level can be none, or the exchange has no such pair', async () => {
    for (const level of [
      ['x', '1'],
      ['1', '-1'],
      ['0', '1'],
      ['1', 'many'],
      ['1e-7', '1'],
    ]) {
      exchange.books.set('BTCUSDT', { bids: [level], asks: [] });
      await expect(venue.book('BTC/USDT', 5)).rejects.toThrow(VenueUnavailable);
    }
    await expect(venue.book('DOGE/USDT', 5)).rejects.toThrow('binance has no market DOGE/USDT');
  });
});
