import { describe, expect, it } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { compare, decimalFrom, isDecimal, isPercent, multiply, splitEvenly, subtract, sum } from './decimal.ts';

const decimals = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.stringMatching(/^\d{0,18}$/))
  .map(([whole, places]) => (places === '' ? String(whole) : `${whole}.${places}`))
  .filter(isDecimal);

describe('isDecimal', () => {
  it.each(['1', '0.1', '65000', '65000.00', '0.00001234', '9'.repeat(40)])('takes %s', (text) => {
    expect(isDecimal(text)).toBe(true);
  });

  it.each([
    '',
    '0',
    '0.0',
    '-1',
    '+1',
    '1e5',
    '1E5',
    '.5',
    '5.',
    '1.2.3',
    '1,5',
    ' 1',
    '1 ',
    '007',
    '00.5',
    '0x10',
    'NaN',
    'Infinity',
    '١',
    '1\u0000',
    '9'.repeat(41),
  ])('refuses %j', (text) => {
    expect(isDecimal(text)).toBe(false);
  });

  it.each([null, undefined, 5, {}, ['1']])('refuses %p, which is no text', (value) => {
    expect(isDecimal(value)).toBe(false);
  });
});

describe('isPercent', () => {
  it('is above 0 and at most 100', () => {
    expect(['0.01', '100', '100.0'].every(isPercent)).toBe(true);
    expect(['0', '100.01', '-1', '1000'].some(isPercent)).toBe(false);
  });
});

describe('compare', () => {
  it('goes by value, not by spelling', () => {
    expect(compare('1.5', '1.50')).toBe(0);
    expect(compare('9', '10')).toBe(-1);
    expect(compare('0.2', '0.1')).toBe(1);
  });

  it('tells apart what doubles can not', () => {
    expect(compare('9007199254740993', '9007199254740992')).toBe(1);
    expect(compare('0.1234567890123456789', '0.1234567890123456788')).toBe(1);
    expect(compare('1', '1.0000000000000000000')).toBe(0);
  });

  it('agrees with big numbers on both of its ways', () => {
    fc.assert(fc.property(decimals, decimals, (a, b) => compare(a, b) === new Big(a).cmp(b)));
    const short = decimals.filter((text) => text.length <= 15);
    fc.assert(fc.property(short, short, (a, b) => compare(a, b) === new Big(a).cmp(b)));
  });
});

describe('arithmetic', () => {
  it('loses no digit and writes no needless one', () => {
    expect(sum('0.1', '0.2')).toBe('0.3');
    expect(sum('33.3', '66.70')).toBe('100');
    expect(sum()).toBe('0');
    expect(multiply('10', '1.5')).toBe('15');
    expect(subtract('100', '33.30')).toBe('66.7');
    expect(subtract('1', '1')).toBe('0');
  });

  it('never writes an exponent', () => {
    const results = fc.tuple(decimals, decimals).map(([a, b]) => [sum(a, b), multiply(a, b), subtract(a, b)]);
    fc.assert(fc.property(results, (texts) => texts.every((text) => /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/.test(text))));
    expect(multiply('0.00000000000000000001', '0.00000000000000000001')).toBe(`0.${'0'.repeat(39)}1`);
  });
});

describe('splitEvenly', () => {
  it('rounds to 8 decimals and lets the last share take the remainder', () => {
    expect(splitEvenly('100', 3)).toEqual(['33.33333333', '33.33333333', '33.33333334']);
    expect(splitEvenly('100', 6)).toEqual([...Array.from({ length: 5 }, () => '16.66666667'), '16.66666665']);
    expect(splitEvenly('50', 2)).toEqual(['25', '25']);
    expect(splitEvenly('50', 0)).toEqual([]);
  });

  it('leaves no share below nothing', () => {
    expect(splitEvenly('0.00000003', 5)).toEqual(['0', '0', '0', '0', '0.00000003']);
    expect(splitEvenly('0.00000001', 2)).toEqual(['0.00000001', '0']);
  });

  it('sums to the amount', () => {
    const parts = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(decimals, parts, (amount, count) => compare(sum(...splitEvenly(amount, count)), amount) === 0),
    );
  });
});

describe('decimalFrom', () => {
  it('writes a number as a hand would', () => {
    expect([10, 1.5, 1e-7, 1e21, 0, -2].map(decimalFrom)).toEqual([
      '10',
      '1.5',
      '0.0000001',
      '1000000000000000000000',
      '0',
      '-2',
    ]);
  });
});
