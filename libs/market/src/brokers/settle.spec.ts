import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Found } from '../broker.ts';
import { deadAtOf, FENCE_MARGIN_MS, type Look, settle } from './settle.ts';

const DEAD = 10_000;
const policy = { deadAt: DEAD, apartMs: 5_000 };
const empty: Found = { outcome: 'missing', unexplained: null };
const stray: Found = { outcome: 'missing', unexplained: 'trade 7' };
const blind: Found = { outcome: 'unknown', reason: 'down' };
const found: Found = {
  outcome: 'found',
  order: { venueOrderId: '1', clientOrderId: null, side: null, status: 'open', filled: '0' },
};
const looks = (...told: readonly (readonly [number, Found])[]): Look[] => told.map(([at, one]) => ({ at, found: one }));

describe('an order of which nobody knows', () => {
  it.each<[string, Look[], object]>([
    ['is found', looks([1, blind], [2, found]), { outcome: 'found' }],
    ['was found before', looks([1, found], [2, empty]), { outcome: 'found' }],
    ['may still arrive', looks([1, empty], [9_999, empty]), { outcome: 'open', at: 14_999 }],
    ['is looked for again where the venue was silent', looks([20_000, blind]), { outcome: 'open', at: 25_000 }],
    [
      'needs two empty looks after it could arrive',
      looks([9_000, empty], [10_000, empty]),
      { outcome: 'open', at: 15_000 },
    ],
    ['needs them apart', looks([10_000, empty], [14_999, empty]), { outcome: 'open', at: 15_000 }],
    ['was never placed', looks([10_000, empty], [15_000, empty]), { outcome: 'never_placed' }],
    [
      'was never placed, whatever was silent between',
      looks([10_000, empty], [12_000, blind], [15_000, empty]),
      { outcome: 'never_placed' },
    ],
    ['may be what is there unexplained', looks([10_000, empty], [15_000, stray]), { outcome: 'open' }],
    [
      'does not count looks that left something unexplained',
      looks([10_000, stray], [15_000, empty]),
      { outcome: 'open', at: 20_000 },
    ],
  ])('%s', (_what, told, expected) => {
    expect(settle(told, policy)).toMatchObject(expected);
  });

  it('is never called so where the venue promises no end', () => {
    const many = looks(...Array.from({ length: 100 }, (_, n) => [n * 1e6, empty] as const));
    expect(settle(many, { deadAt: null, apartMs: 1 })).toMatchObject({ outcome: 'open' });
    expect(deadAtOf(5, null)).toBeNull();
    expect(deadAtOf(5, 1_000)).toBe(1_005 + FENCE_MARGIN_MS);
  });

  it('is called so only after two empty looks that began after its end, apart', () => {
    const one = fc.record({ at: fc.integer({ min: 0, max: 40_000 }), found: fc.constantFrom(empty, stray, blind) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), (told) => {
        const sorted = told.toSorted((left, right) => left.at - right.at);
        if (settle(sorted, policy).outcome !== 'never_placed') return;
        const counted = sorted.filter((look) => look.found === empty && look.at >= DEAD);
        expect(counted.at(-1)!.at - counted[0]!.at).toBeGreaterThanOrEqual(5_000);
        expect(sorted.at(-1)).toBe(counted.at(-1));
      }),
    );
  });
});
