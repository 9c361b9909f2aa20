import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSeriesParser } from './csv.ts';
import { seriesNameOf } from './name.ts';
import type { Series } from './series.ts';

const CANDLES = 'prices/BTC-USDT_5m.csv';
const TICKS = 'prices/BTC-USDT_ticks.csv';
const HEADER = 'time,open,high,low,close';

function parse(file: string, ...lines: readonly string[]): Series {
  const parser = createSeriesParser(file);
  for (const line of lines) parser.line(line);
  return parser.series();
}

describe('the name of a price file', () => {
  it.each([
    ['BTC-USDT_5m.csv', 'BTC/USDT', 300_000],
    ['/some/folder/ETH-BTC_1s.csv.gz', 'ETH/BTC', 1_000],
    ['C:\\prices\\BTC-USD_4h.csv', 'BTC/USD', 14_400_000],
    ['SPY_1d.csv', 'SPY', 86_400_000],
    ['BTC-USDT_1w.csv', 'BTC/USDT', 604_800_000],
    ['BTC-USDT_ticks.csv.gz', 'BTC/USDT', null],
  ])('%s', (file, instrument, interval) => {
    expect(seriesNameOf(file)).toEqual({ instrument, interval });
  });

  it.each([
    'BTCUSDT.csv',
    'BTC-USDT_5m.txt',
    'BTC-USDT_0m.csv',
    'BTC-USDT_5M.csv',
    'BTC-USDT_5.csv',
    'BTC_USDT_5m.csv',
    '-_5m.csv',
    'BTC--USDT_5m.csv',
    '_5m.csv',
    'BTC-USDT_tick.csv',
    'BTC-USDT_5m.csv.zip',
    'BTC-USDT_5m.csv/x',
  ])('refuses %s', (file) => {
    expect(() => seriesNameOf(file)).toThrow(`${file}: a price file is named like BTC-USDT_5m.csv`);
  });
});

describe('reading the lines of a price file', () => {
  it('reads candles, their columns in any order and among others', () => {
    const series = parse(
      CANDLES,
      '\uFEFFvolume,close,low,high,open,time,note\r',
      '9.5,10.50,9,11,10,600000,\r',
      ',10,10,10,10,900000,x\r',
    );
    expect(series).toMatchObject({ file: CANDLES, instrument: 'BTC/USDT', interval: 300_000, length: 2 });
    expect([series.priceAt(0), series.priceAt(1)]).toEqual([
      { kind: 'candle', time: 600_000, interval: 300_000, open: '10', high: '11', low: '9', close: '10.50' },
      { kind: 'candle', time: 900_000, interval: 300_000, open: '10', high: '10', low: '10', close: '10' },
    ]);
  });

  it('reads ticks, some of the same moment', () => {
    const series = parse(TICKS, 'price,time', '1.10,5', '1.2,5', '1.1,6');
    expect([0, 1, 2].map((index) => series.priceAt(index))).toEqual([
      { kind: 'tick', time: 5, price: '1.10' },
      { kind: 'tick', time: 5, price: '1.2' },
      { kind: 'tick', time: 6, price: '1.1' },
    ]);
  });

  it('finds a header without prices fine, and no header not', () => {
    expect(parse(CANDLES, HEADER).length).toBe(0);
    expect(() => parse(CANDLES)).toThrow(`${CANDLES}: is empty`);
  });

  it.each([
    ['a missing column', CANDLES, ['time,open,high,low'], /line 1: the column close is missing/],
    ['ticks where candles should be', CANDLES, ['time,price'], /line 1: the column open is missing/],
    ['candles where ticks should be', TICKS, [HEADER], /line 1: the column price is missing/],
    ['a column named twice', TICKS, ['time,price,price'], /line 1: the column price is named twice/],
    ['a field too few', CANDLES, [HEADER, '0,1,1,1'], /line 2: has 4 fields where the header names 5/],
    ['a field too many', CANDLES, [HEADER, '0,1,1,1,1,1'], /line 2: has 6 fields/],
    ['a high below the low', CANDLES, [HEADER, '0,1,1,2,1'], /line 2: high 1 is below low 2/],
    ['an open above the high', CANDLES, [HEADER, '0,3,2,1,1'], /line 2: open 3 lies outside low 1 and high 2/],
    ['a close below the low', CANDLES, [HEADER, '0,2,2,2,1.9'], /line 2: close 1.9 lies outside/],
    [
      'a difference beyond what a double tells',
      CANDLES,
      [HEADER, '0,1.00000000000000001,1,1,1'],
      /line 2: open 1.00000000000000001 lies outside/,
    ],
    ['a candle twice', CANDLES, [HEADER, '0,1,1,1,1', '0,1,1,1,1'], /line 3: time 0 stands there twice/],
    ['a candle that goes back', CANDLES, [HEADER, '300000,1,1,1,1', '0,1,1,1,1'], /line 3: time 0 goes back/],
    ['a candle inside another', CANDLES, [HEADER, '0,1,1,1,1', '60000,1,1,1,1'], /line 3: time 60000 lies inside/],
    ['a tick that goes back', TICKS, ['time,price', '5,1', '4,1'], /line 3: time 4 goes back/],
  ])('refuses %s, and names file and line', (_, file, lines, message) => {
    expect(() => parse(file, ...lines)).toThrow(message);
    expect(() => parse(file, ...lines)).toThrow(file);
  });

  it.each(['-1', '1.5', '', ' 1', '1e3', '2020-01-01', '01', '0x1', '8640000000000001', '99999999999999999'])(
    'refuses the time %j',
    (time) => {
      expect(() => parse(TICKS, 'time,price', `${time},1`)).toThrow(/line 2: time .* is not a whole number/);
    },
  );

  it.each(['0', '0.00', '-1', '', ' 1', '1 ', '1e-7', '.5', '5.', '01', '+1', 'NaN', '"1"', '1'.repeat(41)])(
    'refuses the price %j',
    (price) => {
      expect(() => parse(TICKS, 'time,price', `0,${price}`)).toThrow(/line 2: price .* is not a decimal above 0/);
    },
  );

  it('refuses more prices than it was told to hold', () => {
    const parser = createSeriesParser(TICKS, { maxPrices: 2 });
    for (const line of ['time,price', '1,1', '2,1']) parser.line(line);
    expect(() => parser.line('3,1')).toThrow(`${TICKS}, line 4: is one more than the 2 prices that can be held`);
  });

  it('gives back every price digit for digit, however many there are', () => {
    const decimal = fc
      .tuple(fc.bigInt(0n, 10n ** 20n), fc.stringMatching(/^\d{0,19}$/))
      .map(([whole, behind]) => (behind === '' ? `${whole}` : `${whole}.${behind}`))
      .filter((text) => /[1-9]/.test(text));
    fc.assert(
      fc.property(
        fc.array(decimal, { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 60 }),
        (some, times) => {
          const prices = Array.from({ length: times }, () => some).flat();
          const series = parse(TICKS, 'time,price', ...prices.map((price, time) => `${time},${price}`));
          expect(prices.map((_, index) => series.priceAt(index))).toEqual(
            prices.map((price, time) => ({ kind: 'tick', time, price })),
          );
        },
      ),
    );
  });
});
