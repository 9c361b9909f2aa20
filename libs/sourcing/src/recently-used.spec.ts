import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecentlyUsed } from './recently-used.ts';

describe('what was used recently', () => {
  it('is remembered as it was last set, at most so much of it, and never after it was deleted', () => {
    const step = fc.tuple(fc.constantFrom('get', 'set', 'delete'), fc.nat(9), fc.nat(99));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 0, max: 8 }), (steps, capacity) => {
        const remembered = new RecentlyUsed<number>(capacity);
        const truth = new Map<string, number>();
        for (const [what, n, value] of steps) {
          const key = `k${n}`;
          if (what === 'set') {
            remembered.set(key, value);
            truth.set(key, value);
          } else if (what === 'delete') {
            remembered.delete(key);
            truth.delete(key);
          }
          const got = remembered.get(key);
          if (got !== undefined) expect(got).toBe(truth.get(key));
        }
        const kept = [...truth.keys()].filter((key) => remembered.get(key) !== undefined).length;
        expect(kept).toBeLessThanOrEqual(capacity + 1);
      }),
    );
  });

  it('keeps what is used again and lets go of what is not', () => {
    const remembered = new RecentlyUsed<number>(10);
    for (let n = 0; n < 1_000; n += 1) {
      remembered.set(`k${n}`, n);
      expect(remembered.get('k0')).toBe(0);
    }
    const kept = Array.from({ length: 1_000 }, (_, n) => n).filter((n) => remembered.get(`k${n}`) !== undefined);
    expect(kept).toContain(999);
    expect(kept.length).toBeLessThanOrEqual(10);
  });
});
