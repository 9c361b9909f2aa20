import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KNOWN_COINS, VenueUnavailable } from '#libs/market';
import type { Coordination } from '#libs/sourcing';
import { createMemoryCoordination } from '#libs/stores';
import { scratchFile } from '../../../../libs/stores/src/testing/scratch.ts';
import { candle, type LocalExchange, startExchange, ticker } from '../../../../test/support/exchange.ts';
import { openVenues, type VenueSettings } from '../market/venues.ts';
import { openQuotes, type Quotes } from './quotes.ts';

const MINUTE = 60_000;
const SETTINGS: VenueSettings = { venues: [], simPrices: null, simSpeed: 1, markets: [], pollMs: 2_000, urls: {} };

const scratch = scratchFile('');

function priceFiles(): string {
  const folder = mkdtempSync(join(scratch, 'prices-'));
  for (const [pair, open] of [
    ['BTC-USDT', 50_000],
    ['NEWCOIN-USD', 3],
    ['ETH-EUR', 9],
  ] as const) {
    const rows = [0, 1, 2].map((n) => [n * MINUTE, open + n, open + 9, 1, open + 5].join(','));
    writeFileSync(join(folder, `${pair}_1m.csv`), ['time,open,high,low,close', ...rows].join('\n'));
  }
  return folder;
}

describe('quotes of the simulation', () => {
  const settings = { ...SETTINGS, venues: ['kalshi'], simPrices: priceFiles(), simSpeed: 0 };
  let coordination: Coordination;
  let quotes: Quotes;
  let time = Date.now();
  let close: () => Promise<void>;

  beforeAll(async () => {
    coordination = createMemoryCoordination();
    quotes = await openQuotes(settings, coordination, { now: () => time });
  });
  afterAll(async () => {
    await quotes.close();
    await coordination.close();
  });

  it('are none while no process has run it', async () => {
    expect(await quotes.quote('BTC')).toBeNull();
    expect(await quotes.marks(['BTC'])).toEqual({});
    expect(await quotes.candles('BTC', '1m')).toEqual([]);
  });

  it('are there once the market role runs, and say that they are simulated', async () => {
    const venues = await openVenues(settings, coordination, (what, reason) => expect([what, reason]).toEqual([]));
    close = async () => {
      for (const venue of venues.values()) await venue.close();
    };
    while ((await coordination.kept('simulation')) === null) await turn();
    time += 1_000;
    expect(await quotes.quote('btc')).toEqual({
      symbol: 'BTC',
      id: 'bitcoin',
      price: '50000',
      at: time,
      source: 'simulated',
      simulated: true,
      pair: 'BTC/USDT',
      change24h: '0',
    });
    const at = new Date(time).toISOString();
    expect(await quotes.marks(new Set(['BTC', 'NEWCOIN', 'ETH', 'NONE', '__proto__', 'BTC']))).toEqual({
      BTC: { price: '50000', at, source: 'simulated' },
      NEWCOIN: { price: '3', at, source: 'simulated' },
    });
    const [only, ...more] = await quotes.candles('BTC', '5m', 1_000);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ open: '50000', close: '50000', volume: null });
    expect(await quotes.book('BTC', 20)).toBeNull();
    await close();
  });

  it('are of the coins that it has files of, and name others that are known', async () => {
    const bitcoin = { id: 'bitcoin', symbol: 'BTC', name: 'Bitcoin', pair: 'BTC/USDT' };
    const newcoin = { id: 'newcoin', symbol: 'NEWCOIN', name: 'NEWCOIN', pair: 'NEWCOIN/USD' };
    expect(quotes.coins()).toEqual([bitcoin, newcoin]);
    for (const text of ['bitcoin', 'BTC', 'btc', ' Bitcoin']) expect(quotes.coin(text)).toEqual(bitcoin);
    expect(quotes.coin('newcoin')).toEqual(newcoin);
    expect(quotes.coin('ethereum')).toMatchObject({ symbol: 'ETH', pair: 'ETH/USDT' });
    for (const text of ['NONE', '', 'BTC/USDT', '__proto__', 'x'.repeat(100)]) expect(quotes.coin(text)).toBeNull();
    expect(await quotes.find('newcoin')).toEqual(newcoin);
    expect(await quotes.find('ethereum')).toBeNull();
    expect(await quotes.quote('ETH')).toBeNull();
  });

  it('refuse what is no interval, or beyond their bounds', async () => {
    await expect(quotes.candles('BTC', '2m')).rejects.toThrow('interval: "2m" is none of charts');
    await expect(quotes.candles('BTC', 'toString')).rejects.toThrow(RangeError);
    for (const limit of [0, 1_001, 1.5]) await expect(quotes.candles('BTC', '1m', limit)).rejects.toThrow(RangeError);
    for (const depth of [0, 101]) await expect(quotes.book('BTC', depth)).rejects.toThrow(RangeError);
  });

  it('name the setting whose files can not be read', async () => {
    const wrong = { ...SETTINGS, simPrices: join(scratch, 'none') };
    await expect(openQuotes(wrong, coordination)).rejects.toThrow(/^SIM_PRICES: .*none/);
  });
});

describe('quotes of a simulation that stands', () => {
  it('are none once they are a minute old', async () => {
    const settings = { ...SETTINGS, simPrices: priceFiles() };
    const coordination = createMemoryCoordination();
    const venues = await openVenues(settings, coordination, () => undefined);
    while ((await coordination.kept('simulation')) === null) await turn();
    for (const venue of venues.values()) await venue.close();
    const stopped = Date.now();
    let time = stopped;
    const quotes = await openQuotes(settings, coordination, { now: () => time });
    expect((await quotes.quote('BTC'))!.price).toBe('50000');
    time = stopped + 50_000;
    expect((await quotes.quote('BTC'))!.at).toBeLessThanOrEqual(stopped + 1);
    time = stopped + 62_000;
    expect(await quotes.quote('BTC')).toBeNull();
    expect(await quotes.marks(['BTC'])).toEqual({});
    await quotes.close();
  });
});

describe('quotes of no source at all', () => {
  it('are none', async () => {
    const quotes = await openQuotes(SETTINGS, createMemoryCoordination());
    expect(quotes.coins()).toEqual([]);
    expect(quotes.coin('bitcoin')).toMatchObject({ symbol: 'BTC' });
    expect(await quotes.find('bitcoin')).toBeNull();
    expect(await quotes.quote('BTC')).toBeNull();
    expect(await quotes.marks(['BTC'])).toEqual({});
    expect(await quotes.candles('BTC', '1d')).toEqual([]);
    expect(await quotes.book('BTC', 5)).toBeNull();
    await quotes.close();
  });
});

describe('quotes of an exchange', () => {
  const PAIRS = [
    { id: 'BTCUSDT', base: 'BTC', quote: 'USDT' },
    { id: 'BTCUSD', base: 'BTC', quote: 'USD' },
    { id: 'ETHUSD', base: 'ETH', quote: 'USD' },
    { id: 'NEWCOINUSDT', base: 'NEWCOIN', quote: 'USDT' },
  ];
  const settings = { ...SETTINGS, venues: ['kalshi', 'binance', 'kraken'] };
  const coordination = createMemoryCoordination();
  let exchange: LocalExchange;
  let quotes: Quotes;
  const set = (id: string, last: string, at = Date.now()): void =>
    void exchange.tickers.set(id, ticker(id, last, at, ',"priceChangePercent":"2.10"'));
  const asked = async (task: () => Promise<unknown>): Promise<string[]> => {
    const before = exchange.requests.length;
    await task();
    return exchange.requests.slice(before).map((path) => path.split('?')[0]!);
  };

  beforeAll(async () => {
    exchange = await startExchange(PAIRS);
  });
  beforeEach(async () => {
    exchange.instead = null;
    exchange.tickers.clear();
    set('BTCUSDT', '"60740.00"');
    set('ETHUSD', '"3000.1"');
    set('NEWCOINUSDT', '"0.001"');
    await quotes?.close();
    quotes = await openQuotes(
      { ...settings, urls: { exchange: { name: 'binance', url: exchange.url } } },
      coordination,
    );
    // The first question starts ccxt, for which no caller waits long enough on a busy machine.
    while (!(await quotes.find('BTC').catch(() => null))) await turn();
  });
  afterAll(async () => {
    await quotes.close();
    await exchange.stop();
  });

  it('ask nothing before the first question', async () => {
    const unasked = await asked(async () => {
      const others = await openQuotes(
        { ...settings, urls: { exchange: { name: 'binance', url: exchange.url } } },
        coordination,
      );
      expect(others.coins()).toHaveLength(KNOWN_COINS.length);
      expect(others.coin('bitcoin')).toMatchObject({ pair: 'BTC/USDT' });
      await others.close();
    });
    expect(unasked).toEqual([]);
  });

  it('are of the first exchange, in dollars that it has', async () => {
    const at = Date.now() - 500;
    set('BTCUSDT', '"60740.00"', at);
    expect(await quotes.quote('BTC')).toEqual({
      symbol: 'BTC',
      id: 'bitcoin',
      price: '60740.00',
      at,
      source: 'ccxt:binance',
      simulated: false,
      pair: 'BTC/USDT',
      change24h: '2.1',
    });
    expect(await quotes.quote('ETH')).toMatchObject({ pair: 'ETH/USD', price: '3000.1' });
    expect(quotes.coin('ethereum')!.pair).toBe('ETH/USD');
  });

  it('know a coin that no table has by what the exchange lists', async () => {
    expect(await quotes.find('newcoin')).toEqual({
      id: 'newcoin',
      symbol: 'NEWCOIN',
      name: 'NEWCOIN',
      pair: 'NEWCOIN/USDT',
    });
    expect(quotes.coin('nosuchcoin')).not.toBeNull();
    expect(await quotes.find('nosuchcoin')).toBeNull();
    expect(quotes.coin('nosuchcoin')).toBeNull();
    expect(await quotes.quote('nosuchcoin')).toBeNull();
    for (const text of ['', 'BTC/USDT', '__proto__', 'a b']) expect(await quotes.find(text)).toBeNull();
    expect(await quotes.find('solana')).toBeNull();
    expect(quotes.coin('solana')).not.toBeNull();
  });

  it('are asked for once by all who ask at once, and for many coins at once', async () => {
    await Promise.all([...KNOWN_COINS.map(({ symbol }) => symbol), 'NEWCOIN'].map(quotes.find));
    expect(quotes.coins().map(({ symbol }) => symbol)).toEqual(['BTC', 'ETH']);
    const paths = await asked(async () => {
      const wanted = Array.from({ length: 50 }, () => ['BTC', 'ETH', 'NEWCOIN', 'SOL'].map((one) => quotes.quote(one)));
      const [told, marks] = await Promise.all([Promise.all(wanted.flat()), quotes.marks(['BTC', 'ETH'])]);
      expect(told.filter((one) => one === null)).toHaveLength(50);
      expect(Object.keys(marks)).toEqual(['BTC', 'ETH']);
    });
    expect(paths).toEqual(['/api/v3/ticker/24hr']);
  });

  it('are none when they are older than a minute', async () => {
    set('BTCUSDT', '"1.0"', Date.now() - 61_000);
    expect(await quotes.quote('BTC')).toBeNull();
    expect(Object.keys(await quotes.marks(['BTC', 'ETH']))).toEqual(['ETH']);
  });

  it('can not be told where the exchange is out of order, which marks leave out', async () => {
    exchange.instead = (path) => (path.includes('ticker') ? { status: 500, body: '{}' } : null);
    await expect(quotes.quote('ETH')).rejects.toThrow(VenueUnavailable);
    expect(await quotes.marks(['BTC', 'ETH'])).toEqual({});
  });

  it('are not waited for long where the exchange says nothing', async () => {
    exchange.instead = (path) => (path.includes('ticker') ? 'hang' : null);
    await expect(quotes.quote('BTC')).rejects.toThrow('ccxt:binance: no answer within 2500 ms');
    expect(await quotes.marks(['BTC', 'ETH'])).toEqual({});
  });

  it('have charts and books of a few sizes, whatever is asked for', async () => {
    const start = Math.floor(Date.now() / MINUTE) * MINUTE - 199 * MINUTE;
    exchange.candles = Array.from({ length: 200 }, (_, n) => candle(start + n * MINUTE, 100 + n));
    const levels = Array.from({ length: 60 }, (_, n) => [`${100 - n}`, '1'] as const);
    exchange.books.set('BTCUSDT', { bids: levels, asks: [['101', '2']] });
    const paths = await asked(async () => {
      const charts = await Promise.all([1, 7, 100, 150].map((limit) => quotes.candles('BTC', '1m', limit)));
      expect(charts.map((chart) => chart.length)).toEqual([1, 7, 100, 150]);
      expect(charts.every((chart) => chart.at(-1)!.time === start + 199 * MINUTE)).toBe(true);
      const books = await Promise.all([1, 20, 50].map((depth) => quotes.book('bitcoin', depth)));
      expect(books.map((book) => [book!.bids.length, book!.asks.length])).toEqual([
        [1, 1],
        [20, 1],
        [50, 1],
      ]);
    });
    expect(paths.filter((path) => path.endsWith('depth'))).toHaveLength(2);
    expect(paths.filter((path) => path.endsWith('klines')).length).toBeLessThanOrEqual(3);
    expect(await quotes.candles('NOSUCHCOIN', '1m')).toEqual([]);
    expect(await quotes.book('NOSUCHCOIN', 1)).toBeNull();
  });
});
