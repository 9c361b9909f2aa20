import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type JsonOptions, parseJsonBody } from './json-body.ts';

const parse = (text: string): unknown => parseJsonBody(Buffer.from(text));

describe('a body', () => {
  it('is what JSON says it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/__proto__|constructor|\\u/.test(text) && text !== JSON.stringify(-0));
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['0.1', 0.1],
    ['1.50', 1.5],
    ['123456789012345', 123_456_789_012_345],
    ['9007199254740992', 9_007_199_254_740_992],
    ['12345678901234567000', 12_345_678_901_234_567_000],
    ['1e21', 1e21],
    ['100000000000000000000', 1e20],
    ['0.30000000000000000', 0.3],
  ])('keeps the number %s', (text, number) => {
    expect(parse(`{"x":${text}}`)).toEqual({ x: number });
  });

  it.each(['9007199254740993', '12345678901234567890', '0.1234567890123456789', '12345678901.23456789012'])(
    'is refused where the number %s would lose digits',
    (text) => {
      expect(() => parse(`{"a":{"x":${text}}}`)).toThrow(
        expect.objectContaining({ kind: 'invalid', field: 'x', message: expect.stringContaining('more digits') }),
      );
      expect(parse(`{"x":"${text}"}`)).toEqual({ x: text });
    },
  );

  it('is to have a text in the place of such a number only where texts are taken', () => {
    const refusal = (options?: JsonOptions): string => {
      try {
        return String(parseJsonBody(Buffer.from('{"x":9007199254740993}'), options));
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refusal()).toBe('the number has more digits than can be kept');
    expect(refusal({ decimalTexts: true })).toBe(`${refusal()}; send it as a string where the field takes one`);
  });
});
