import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseExactly, pauseOf } from './ccxt-instance.ts';
import { ccxtIdOf } from './ccxt-names.ts';

describe('JSON of a venue', () => {
  it('keeps each number that a double might change as its own text', () => {
    const text = '{"a":[1,0.10,1e-7,12345678901234567890,-0.5],"b":"0.1","c":{"d":1634943780000,"e":null,"f":true}}';
    expect(parseExactly(text)).toEqual({
      a: [1, '0.10', '1e-7', '12345678901234567890', '-0.5'],
      b: '0.1',
      c: { d: 1634943780000, e: null, f: true },
    });
  });

  it('keeps any decimal digit for digit, wherever it stands', () => {
    const digits = fc.stringMatching(/^(0|[1-9]\d{0,25})\.\d{1,25}$/);
    fc.assert(
      fc.property(digits, (number) => {
        expect(parseExactly(`[${number}]`)).toEqual([number]);
        expect(parseExactly(`{"p": ${number},"q":[1 ,${number} ]}`)).toEqual({ p: number, q: [1, number] });
      }),
    );
  });

  it.each(['', '<html>', 'null', '1.5', '"text"', '{"a":', '{"a":NaN}', '[1,2'])('is none in %j', (text) =>
    expect(parseExactly(text)).toBeUndefined(),
  );
});

describe('Retry-After', () => {
  it('is seconds or a date, and at most three days', () => {
    expect(pauseOf('2')).toBe(2_000);
    expect(pauseOf('99999999999999')).toBe(3 * 86_400_000);
    expect(pauseOf(new Date(Date.now() + 3_600_000).toUTCString())).toBeGreaterThan(3_000_000);
    for (const header of [undefined, '', 'soon', '-5', new Date(0).toUTCString()]) expect(pauseOf(header)).toBe(0);
  });
});

describe('the name of an exchange', () => {
  it.each([
    ['BINANCE', 'binance'],
    ['BYBIT', 'bybit'],
    ['OKX', 'okx'],
    ['OKEx', 'okx'],
    ['COINBASE', 'coinbase'],
    ['Coinbase Pro', 'coinbaseexchange'],
    ['Crypto.com', 'cryptocom'],
    ['Gate.io', 'gate'],
    ['HUOBI', 'htx'],
    ['BINANCE_US', 'binanceus'],
  ])('%s is %s to ccxt', (name, id) => expect(ccxtIdOf(name)).toBe(id));
});
