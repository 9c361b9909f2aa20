import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AHEAD_MS, judgeCandle, judgeTicker } from './ccxt-prices.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const OPEN = Date.UTC(2026, 0, 2, 3, 3);

describe('a ticker', () => {
  const judge = (last: string | null, time: number | null = NOW) => judgeTicker({ symbol: 'A/B', last, time }, NOW);

  it('keeps the digits of the venue', () => {
    for (const price of ['60740.00000000', '0.1234567890123456789', '7', '0.00000001'])
      expect(judge(price)).toEqual({ price: { kind: 'tick', time: NOW, price } });
  });

  it('takes the time of receipt only where the venue tells none', () => {
    expect(judge('1', NOW - 5)).toMatchObject({ price: { time: NOW - 5 } });
    expect(judge('1', null)).toMatchObject({ price: { time: NOW } });
  });

  it.each(['1e-7', '1E5', 'NaN', 'Infinity', '-1', '+1', '', ' 1', '1,5', '1.', '.5', '01', '0x10', '9'.repeat(41)])(
    'refuses the price %j',
    (last) => expect(judge(last)).toEqual({ refused: expect.stringContaining('not a plain decimal') }),
  );

  it('has no price before the first trade, for which venues say null or 0', () => {
    for (const last of [null, '0', '0.00000000']) expect(judge(last)).toEqual({ price: null });
  });

  it.each([NOW + AHEAD_MS + 1, NOW / 1000, 0, -1, NaN, Infinity, Number.MAX_SAFE_INTEGER, NOW + 0.5])(
    'refuses the time %d',
    (time) => expect(judge('1', time)).toEqual({ refused: expect.stringContaining('its time') }),
  );

  it('allows a clock that is a little ahead', () => {
    expect(judge('1', NOW + AHEAD_MS)).toMatchObject({ price: { time: NOW + AHEAD_MS } });
  });
});

describe('a candle', () => {
  it('is taken when its prices lie within its low and high', () => {
    const row = [OPEN, '2.0', '3.00', '1', '2.5', '1e-9'];
    const candle = { kind: 'candle', time: OPEN, interval: 60_000, open: '2.0', high: '3.00', low: '1', close: '2.5' };
    expect(judgeCandle(row, NOW)).toEqual({ price: candle });
  });

  it.each([
    ['high below low', [OPEN, '2', '1', '3', '2']],
    ['an open above its high', [OPEN, '4', '3', '1', '2']],
    ['a close below its low', [OPEN, '2', '3', '1', '0.5']],
    ['null', [OPEN, null, '3', '1', '2']],
    ['a double', [OPEN, 2, '3', '1', '2']],
    ['an exponent', [OPEN, '2', '3', '1e-7', '2']],
    ['zero', [OPEN, '2', '3', '0', '2']],
    ['NaN', [OPEN, '2', 'NaN', '1', '2']],
    ['a missing close', [OPEN, '2', '3', '1']],
    ['a time within a minute', [OPEN + 1, '2', '3', '1', '2']],
    ['a time in the future', [OPEN + 600_000, '2', '3', '1', '2']],
    ['a time in seconds', [OPEN / 1000, '2', '3', '1', '2']],
    ['a time as text', [String(OPEN), '2', '3', '1', '2']],
    ['nothing', []],
  ])('is refused with %s', (_what, row) => {
    expect(judgeCandle(row, NOW)).toEqual({ refused: expect.any(String) });
  });

  it('is taken or refused, whatever it is made of', () => {
    const value = fc.oneof(fc.anything(), fc.constantFrom('1', '2', '3', '0.1'), fc.constant(OPEN));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), (row) => {
        const judged = judgeCandle(row, NOW);
        if ('refused' in judged) return;
        const [low, open, close, high] = (['low', 'open', 'close', 'high'] as const).map((n) =>
          Number(judged.price[n]),
        );
        expect(low).toBeGreaterThan(0);
        expect(Math.min(open!, close!)).toBeGreaterThanOrEqual(low!);
        expect(Math.max(open!, close!)).toBeLessThanOrEqual(high!);
      }),
    );
  });
});
