import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { candle, type LocalExchange, type Reply, startExchange, ticker } from '../../../../test/support/exchange.ts';
import { type Quoted, type Venue, type VenueTrouble, VenueUnavailable } from '../venue.ts';
import { checkCcxtExchange, createCcxtVenue, UnknownExchange } from './ccxt.ts';

const PAIRS = ['BTC', 'ETH', 'XRP'].map((base) => ({ id: `${base}USDT`, base, quote: 'USDT' }));
const MINUTE = 60_000;
const RECORDINGS = new URL('../../../../../shared/data/api-recordings/binance/', import.meta.url);
const recording = (name: string): string => readFileSync(new URL(`http_spot_market_${name}.json`, RECORDINGS), 'utf8');

let exchange: LocalExchange;
let venue: Venue;
let troubles: VenueTrouble[];
const open = (more: object = {}): Venue =>
  createCcxtVenue({
    exchange: 'BINANCE',
    baseUrl: exchange.url,
    pollMs: 20,
    backoffMs: 20,
    memoryMb: 96,
    onTrouble: (trouble) => troubles.push(trouble),
    ...more,
  });
const set = (base: string, last: string, time = Date.now()): void =>
  void exchange.tickers.set(`${base}USDT`, ticker(`${base}USDT`, last, time));
/** JSON of 24 MB that takes many times as much when it is parsed. */
const bomb = (): Reply => ({ body: `[${'[],'.repeat(8_000_000)}1]` });
const quote = (symbol = 'BTC/USDT') => venue.quote(symbol);
/** The venue is left alone after a failure: until it may be asked again. */
const untilWell = async (on = venue): Promise<Quoted | null> => {
  for (;;) {
    const quoted = await on.quote('BTC/USDT').catch(() => undefined);
    if (quoted !== undefined) return quoted;
    await sleep(10);
  }
};
const past = async (from: number, to: number, symbol = 'BTC/USDT', on = venue): Promise<Quoted[]> => {
  const found: Quoted[] = [];
  for await (const one of on.history!(symbol, from, to, new AbortController().signal)) found.push(one);
  return found;
};

beforeAll(async () => {
  exchange = await startExchange(PAIRS);
  venue = open();
});
afterAll(async () => {
  await venue.close();
  await exchange.stop();
});
beforeEach(() => {
  exchange.instead = null;
  exchange.time = Date.now;
  exchange.tickers.clear();
  exchange.candles = [];
  troubles = [];
  set('BTC', '"60740.00000000"');
});

describe('an exchange by ccxt', () => {
  it('is real, and named for evidence', () => {
    expect(venue).toMatchObject({ name: 'ccxt:binance', simulated: false });
    expect(venue.settlement).toBeUndefined();
  });

  it('finds an instrument by its name, and null where there is none', async () => {
    expect(await venue.resolve('BTC/USDT')).toEqual({ symbol: 'BTC/USDT', name: 'BTC/USDT on Binance' });
    expect(await venue.resolve(' eth/usdt ')).toMatchObject({ symbol: 'ETH/USDT' });
    for (const name of ['DOGE/USDT', 'BTCUSDT', '', '__proto__', 'constructor'])
      expect(await venue.resolve(name)).toBeNull();
    expect(exchange.requests.filter((path) => path === '/api/v3/exchangeInfo')).toHaveLength(1);
  });

  it('quotes the digits and the time of the venue', async () => {
    const time = Date.now() - 1_234;
    for (const price of ['"60740.00000000"', '0.1234567890123456789', '7', '60740.10']) {
      set('BTC', price, time);
      const tick = { kind: 'tick', time, price: price.replaceAll('"', '') };
      expect(await quote()).toEqual({ symbol: 'BTC/USDT', price: tick, receivedAt: expect.any(Number) });
    }
  });

  it('has no price where the venue tells none, and refuses what is none', async () => {
    for (const price of ['null', '0', '"0.00000000"', '{}', '[]']) {
      set('BTC', price);
      expect(await quote()).toBeNull();
    }
    for (const price of ['1e-7', '"1e-7"', '"NaN"', '-5', '"x"', '"0x1"']) {
      set('BTC', price);
      await expect(quote()).rejects.toThrow('not a plain decimal above 0');
    }
    set('BTC', '"1.0"', Date.now() + 3_600_000);
    await expect(quote()).rejects.toThrow('lies in the future');
    exchange.tickers.clear();
    await expect(quote()).rejects.toThrow(VenueUnavailable);
    await expect(quote('DOGE/USDT')).rejects.toThrow('no market of this name');
  });

  it('is checked against the list of ccxt', async () => {
    await expect(checkCcxtExchange('KRAKEN')).resolves.toBeUndefined();
    const error = await checkCcxtExchange('BINANSE').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnknownExchange);
    expect((error as Error).message).toContain('ccxt knows no exchange "binanse"; near it: binance');
    const none = open({ exchange: 'NASDAQ' });
    await expect(none.resolve('BTC/USDT')).rejects.toThrow('ccxt knows no exchange "nasdaq"');
    await none.close();
  });
});

describe('the history', () => {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE - 700 * MINUTE;

  it('is read page by page, each candle once, within what was asked for', async () => {
    exchange.candles = Array.from({ length: 650 }, (_, n) => candle(start + n * MINUTE, 100 + n));
    const before = exchange.requests.length;
    const found = await past(start + 1, start + 600 * MINUTE + 1);
    expect(found.map(({ price }) => price.time)).toEqual(
      Array.from({ length: 599 }, (_, n) => start + (n + 1) * MINUTE),
    );
    const first = { open: '101.00', high: '103.00', low: '99.00', close: '102.00' };
    const time = start + MINUTE;
    expect(found[0]).toMatchObject({ symbol: 'BTC/USDT', price: { kind: 'candle', time, interval: MINUTE, ...first } });
    expect(exchange.requests.slice(before).filter((path) => path.includes('klines'))).toHaveLength(2);
  });

  it('leaves out a candle that is not closed by the clock of the venue, however late it is here', async () => {
    exchange.candles = Array.from({ length: 5 }, (_, n) => candle(start + n * MINUTE, 100));
    exchange.time = () => start + 4 * MINUTE + 59_999;
    expect(await past(start, Date.now())).toHaveLength(4);
    exchange.time = () => start + 5 * MINUTE;
    expect(await past(start, Date.now())).toHaveLength(5);
  });

  it('goes on past a hole, and leaves out and tells what can not be a candle', async () => {
    const bad = (n: number, ...prices: unknown[]): unknown[] => [start + n * MINUTE, ...prices, '1'];
    exchange.candles = [
      candle(start, 100),
      bad(1, '100', '90', '110', '100'),
      bad(2, null, '110', '90', '100'),
      `[${start + 3 * MINUTE},1.0,2.0,1e-7,1.5,1]`,
      candle(start + 4 * MINUTE, 100),
      candle(start + 4 * MINUTE, 200),
      candle(start + 4 * MINUTE + 7, 100),
      `[${start + 5 * MINUTE},1.10,2.20,1.00,1.5,1]`,
      candle(start + 650 * MINUTE, 100),
    ];
    const found = await past(start, Date.now());
    expect(found.map(({ price }) => (price.time - start) / MINUTE)).toEqual([0, 4, 5, 650]);
    expect(found[1]!.price).toMatchObject({ open: '100.00' });
    expect(found[2]!.price).toMatchObject({ open: '1.10', high: '2.20', low: '1.00', close: '1.5' });
    expect(troubles).toEqual([
      {
        venue: 'ccxt:binance',
        symbol: 'BTC/USDT',
        reason: expect.stringMatching(/^5 candles were refused; the first: .* high 90 below its low 110/),
        retryIn: 0,
      },
    ]);
  });

  it('is empty before its beginning, of nothing, and ends when it is told to', async () => {
    expect(await past(Date.now() + MINUTE, Date.now())).toEqual([]);
    expect(await past(start, Date.now())).toEqual([]);
    await expect(past(start, Date.now(), 'DOGE/USDT')).rejects.toThrow('no market DOGE/USDT');
    exchange.candles = [candle(start, 100), candle(start + MINUTE, 100)];
    const stop = new AbortController();
    const found: Quoted[] = [];
    for await (const one of venue.history!('BTC/USDT', start, Date.now(), stop.signal)) {
      found.push(one);
      exchange.instead = () => 'hang';
      stop.abort();
    }
    expect(found).toHaveLength(1);
    exchange.instead = null;
    await untilWell();
  });

  const missing = existsSync(RECORDINGS) ? null : 'the recordings of Binance are not here';
  (missing === null ? it : it.skip)(
    `reads what Binance answered${missing === null ? '' : `: skipped, ${missing}`}`,
    async () => {
      const rows = JSON.parse(recording('klines')) as (readonly [number, string, string, string, string])[];
      const recorded: Readonly<Record<string, string>> = {
        '/api/v3/exchangeInfo': recording('exchange_info'),
        '/api/v3/klines': recording('klines'),
      };
      exchange.instead = (path) => (recorded[path] === undefined ? null : { body: recorded[path] });
      const real = open();
      expect(await real.resolve('BTC/USDT')).toMatchObject({ symbol: 'BTC/USDT' });
      const found = await past(rows[0]![0], rows.at(-1)![0] + MINUTE, 'BTC/USDT', real);
      expect(found.map(({ price }) => price)).toEqual(
        rows.map(([time, open, high, low, close]) => ({
          kind: 'candle',
          interval: MINUTE,
          time,
          open,
          high,
          low,
          close,
        })),
      );
      await real.close();
    },
  );
});

describe('a venue in trouble', () => {
  const wait = { 'Retry-After': '1' };
  it.each<[string, Reply, RegExp]>([
    ['429', { status: 429, headers: wait, body: '{}' }, /429 Too Many/],
    ['418', { status: 418, headers: wait, body: 'banned' }, /418/],
    ['500', { status: 500, body: 'oh' }, /ExchangeNotAvailable/],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' }, /redirect/],
    ['silence', 'hang', /timed out \(300 ms\)/],
    ['an answer without end', 'drip', /not whole within 300 ms/],
    ['an answer cut off', 'cut', /ccxt:binance: /],
    ['a page', { body: '<html>' }, /not JSON/],
    ['half an answer', { body: '{"symbol":"BTCUSDT","lastPrice":"1' }, /not JSON/],
    ['nothing', { body: '' }, /not JSON/],
  ])('is unavailable on %s, left alone, and asked again', async (_what, reply, reason) => {
    const patient = reply !== 'hang' && reply !== 'drip';
    const asked = patient ? venue : open({ timeoutMs: 300 });
    await untilWell(asked);
    exchange.instead = () => reply;
    const error = await asked.quote('BTC/USDT').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(VenueUnavailable);
    expect((error as Error).message).toMatch(reason);
    exchange.instead = null;
    if (typeof reply === 'object' && reply.headers === wait) {
      const before = exchange.requests.length;
      await expect(asked.quote('BTC/USDT')).rejects.toThrow('is left alone for');
      expect(exchange.requests).toHaveLength(before);
    }
    expect(await untilWell(asked)).toMatchObject({ price: { price: '60740.00000000' } });
    if (!patient) await asked.close();
  });

  it('does not find an instrument missing that it could not be asked for', async () => {
    const fresh = open();
    for (const reply of [{ status: 500, body: '' }, { body: '<html>' }, { body: '{}' }] as const) {
      exchange.instead = () => reply;
      for (let n = 0; n < 2; n += 1) await expect(fresh.resolve('BTC/USDT')).rejects.toThrow(VenueUnavailable);
    }
    exchange.instead = null;
    let found = null;
    while (found === null) found = await fresh.resolve('BTC/USDT').catch(() => sleep(10, null));
    expect(found).toMatchObject({ symbol: 'BTC/USDT' });
    await fresh.close();
  });

  it('loses at most the process of ccxt to an answer that takes all memory', async () => {
    await untilWell();
    exchange.instead = bomb;
    await expect(quote()).rejects.toThrow(/process was lost: .*memory/);
    exchange.instead = null;
    expect(await untilWell()).toMatchObject({ price: { price: '60740.00000000' } });
  });
});

describe('a stream', () => {
  /** Reads on in the background, until `stop`. */
  const follow = (symbols: () => ReadonlySet<string>) => {
    const stop = new AbortController();
    const told: Quoted[] = [];
    const seen: VenueTrouble[] = [];
    const ended = (async () => {
      const options = { signal: stop.signal, onTrouble: (trouble: VenueTrouble) => void seen.push(trouble) };
      for await (const one of venue.stream(symbols, options)) told.push(one);
    })();
    const end = (): Promise<void> => {
      stop.abort();
      return ended;
    };
    return { told, seen, end, reasons: () => seen.map(({ symbol, reason }) => `${symbol}: ${reason}`) };
  };
  const until = async (met: () => boolean): Promise<void> => {
    while (!met()) await sleep(5);
  };
  const prices = (told: readonly Quoted[], symbol: string): readonly unknown[] =>
    told.filter((one) => one.symbol === symbol).map(({ price }) => (price as { price: string }).price);

  it('tells each new price once, in order, of whatever is watched by then', async () => {
    const time = Date.now() - 10_000;
    const watched = new Set(['BTC/USDT']);
    set('BTC', '"1.0"', time);
    const { told, seen, end } = follow(() => watched);
    await until(() => told.length === 1);
    set('BTC', '"2.0"', time + 1);
    await until(() => told.length === 2);
    set('BTC', '"9.0"', time - 1);
    await until(() => seen.length === 1);
    set('BTC', '"3.0"', time + 1);
    await until(() => told.length === 3);
    set('ETH', '"5.0"', time);
    watched.add('ETH/USDT');
    await until(() => told.length === 4);
    await end();
    expect(prices(told, 'BTC/USDT')).toEqual(['1.0', '2.0', '3.0']);
    expect(prices(told, 'ETH/USDT')).toEqual(['5.0']);
    expect(seen).toEqual([{ venue: 'ccxt:binance', symbol: 'BTC/USDT', reason: 'its time went back', retryIn: 20 }]);
    expect(exchange.requests.at(-1)).toContain(encodeURIComponent('["BTCUSDT","ETHUSDT"]'));
  });

  it('refuses what is wrong with one symbol, tells it once, and goes on with the others', async () => {
    set('ETH', '"NaN"');
    exchange.tickers.set('XRPUSDT', ticker('DOGEUSDT', '"1.0"', Date.now()));
    const { told, seen, end, reasons } = follow(() => new Set(['BTC/USDT', 'ETH/USDT', 'XRP/USDT', 'DOGE/USDT']));
    await until(() => told.length === 1);
    set('BTC', '"2.0"', Date.now() + 1);
    await until(() => told.length === 2);
    await end();
    expect(prices(told, 'BTC/USDT')).toEqual(['60740.00000000', '2.0']);
    expect(told).toHaveLength(2);
    expect(
      reasons()
        .filter((reason) => !reason.startsWith('null'))
        .sort(),
    ).toEqual([
      'DOGE/USDT: binance has no market of this name',
      'ETH/USDT: its price is not a plain decimal above 0: "NaN"',
      'XRP/USDT: it was asked for and not told',
    ]);
    expect(seen.find(({ symbol }) => symbol === 'DOGE/USDT')!.retryIn).toBe(300_000);
  });

  it('asks one by one where one spoils the request for all', async () => {
    set('ETH', '"5.0"');
    const spoilt = { status: 400, body: '{"code":-1121,"msg":"Invalid symbol."}' };
    let requests = 0;
    exchange.instead = (path) => (path === '/api/v3/ticker/24hr' && (requests += 1) === 1 ? spoilt : null);
    const { told, seen, end } = follow(() => new Set(['BTC/USDT', 'ETH/USDT']));
    await until(() => told.length >= 2);
    await end();
    expect(told.slice(0, 2).map(({ symbol }) => symbol)).toEqual(['BTC/USDT', 'ETH/USDT']);
    expect(seen).toEqual([]);
  });

  it('waits while the venue is gone, and goes on when it is back', async () => {
    const { told, seen, end } = follow(() => new Set(['BTC/USDT']));
    await until(() => told.length === 1);
    await exchange.goDown();
    await until(() => seen.length >= 3);
    await exchange.comeBack();
    set('BTC', '"2.0"', Date.now() + 1);
    await until(() => told.length === 2);
    await end();
    for (const { symbol, retryIn } of seen) {
      expect(symbol).toBeNull();
      expect(retryIn).toBeGreaterThanOrEqual(20);
    }
  });

  it('goes on with a new process when that of ccxt died', async () => {
    const { told, seen, end } = follow(() => new Set(['BTC/USDT']));
    await until(() => told.length === 1);
    exchange.instead = bomb;
    await until(() => seen.length >= 1);
    exchange.instead = null;
    set('BTC', '"2.0"', Date.now() + 1);
    await until(() => told.length === 2);
    await end();
    expect(seen[0]!.reason).toContain('process was lost');
  });

  it('ends with its signal, asked or not, and watches nothing without asking', async () => {
    await follow(() => new Set()).end();
    const before = exchange.requests.length;
    const idle = follow(() => new Set());
    await sleep(60);
    await idle.end();
    expect(exchange.requests).toHaveLength(before);
    exchange.instead = () => 'hang';
    const { end, told } = follow(() => new Set(['BTC/USDT']));
    await until(() => exchange.requests.length > before);
    await end();
    expect(told).toEqual([]);
  });
});
