import { describe, expect, it } from '@jest/globals';
import { compare, divide, isDecimal, isSigned, multiply, negate, shareOf, subtract, sum } from './decimal.ts';

describe('decimals', () => {
  it('are told from what is none', () => {
    expect(['1', '0.1', '65000.00', '0.00000001', '1'.repeat(40)].filter(isDecimal)).toHaveLength(5);
    expect(['0', '0.00', '-1', '1e2', '01', '1.', '.1', ' 1', '1'.repeat(41)].filter(isDecimal)).toEqual([]);
  });

  it('of a fee may be zero or below', () => {
    expect(['0', '-0', '-1.5', '1.5', `-${'1'.repeat(40)}`].filter(isSigned)).toHaveLength(5);
    expect(['', '-', '--1', '+1', '1e-7', '1'.repeat(41)].filter(isSigned)).toEqual([]);
  });

  it('lose no digit and get no exponent', () => {
    expect(sum('0.1', '0.2')).toBe('0.3');
    expect(sum()).toBe('0');
    expect(subtract('0.00000000000000000001', '1')).toBe('-0.99999999999999999999');
    expect(multiply('0.00000000000000000001', '0.00000000000000000001')).toBe(`0.${'0'.repeat(39)}1`);
    expect(multiply('1000000000000000000000000', '10')).toBe('10000000000000000000000000');
    expect(compare('1.50', '1.5')).toBe(0);
  });

  it('have one zero', () => {
    expect([subtract('1.0', '1'), multiply('-1', '0'), negate('0'), negate('0.00'), sum('-0')]).toEqual(
      Array.from({ length: 5 }, () => '0'),
    );
  });
});

describe('quotients', () => {
  it('are rounded once, to 18 places, half to even', () => {
    expect(divide('1', '3')).toBe('0.333333333333333333');
    expect(divide('2', '3')).toBe('0.666666666666666667');
    expect(shareOf('0.000000000000000001', '1', '2')).toBe('0');
    expect(shareOf('0.000000000000000003', '1', '2')).toBe('0.000000000000000002');
    // To 20 places first, this would be rounded twice and come out even less.
    expect(divide('0.000000000000000004999', '10')).toBe('0');
  });

  it('of the whole are the whole', () => {
    expect(shareOf('0.0000000000000000000001', '3', '3.0')).toBe('0.0000000000000000000001');
  });
});
