import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refuseRollingRule, type RollingRule, takeRolling } from './rolling.ts';

/** Takes at each of these moments; answers those that were allowed. */
function allowedOf(rule: RollingRule, moments: readonly number[]): number[] {
  let taken: readonly number[] = [];
  const allowed: number[] = [];
  for (const now of moments) {
    const { state, taken: after } = takeRolling(taken, rule, now);
    if (state.allowed) allowed.push(now);
    taken = after ?? taken;
  }
  return allowed;
}

describe('a rolling window', () => {
  it('never lets more than its limit pass in any stretch, and refuses none that fits', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 100 }), (gaps, limit, windowMs) => {
        let now = 1_000;
        const moments = gaps.map((gap) => (now += gap));
        const allowed: number[] = [];
        let taken: readonly number[] = [];
        for (const moment of moments) {
          const fits = allowed.filter((one) => one > moment - windowMs).length < limit;
          const { state, taken: after } = takeRolling(taken, { limit, windowMs }, moment);
          expect(state.allowed).toBe(fits);
          if (fits) allowed.push(moment);
          else expect(takeRolling(taken, { limit, windowMs }, state.resetAt).state.allowed).toBe(true);
          if (!fits) expect(takeRolling(taken, { limit, windowMs }, state.resetAt - 1).state.allowed).toBe(false);
          taken = after ?? taken;
          expect(taken.length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('lets no clock that is behind get more', () => {
    const rule = { limit: 2, windowMs: 100 };
    expect(allowedOf(rule, [1_000, 1_001, 950, 1_099, 1_100, 1_101, 1_102])).toEqual([1_000, 1_001, 1_100, 1_101]);
    expect(allowedOf(rule, [1_000, 990, 1_099, 1_100])).toEqual([1_000, 990, 1_100]);
  });

  it('goes by a smaller limit at once', () => {
    const { state } = takeRolling([10, 20, 30, 40], { limit: 2, windowMs: 100 }, 50);
    expect(state).toEqual({ allowed: false, remaining: 0, resetAt: 130 });
  });

  it.each([
    [0, 1],
    [1_001, 1],
    [1.5, 1],
    [1, 0],
    [1, Number.NaN],
  ])('is none with a limit of %p in %p ms', (limit, windowMs) => {
    expect(() => refuseRollingRule('agent x', { limit, windowMs })).toThrow('agent x: a rolling window');
  });
});
