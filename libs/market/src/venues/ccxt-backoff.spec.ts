import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBackoff } from './ccxt-backoff.ts';

const at = (time: { now: number }, random = 1) =>
  createBackoff({ firstMs: 100, mostMs: 1_000, now: () => time.now, random: () => random });

describe('backoff', () => {
  it('doubles up to its bound, and begins again when something worked', () => {
    const time = { now: 5_000 };
    const backoff = at(time);
    const waits: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      expect(backoff.enter()).toBe(0);
      waits.push(backoff.failed());
      time.now += waits.at(-1)!;
    }
    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(backoff.enter()).toBe(0);
    backoff.worked();
    expect(backoff.failed()).toBe(100);
  });

  it('lets one try at a time', () => {
    const time = { now: 0 };
    const backoff = at(time);
    expect(backoff.enter()).toBe(0);
    expect(backoff.enter()).toBe(0);
    backoff.failed();
    expect(backoff.enter()).toBe(100);
    time.now = 100;
    expect(backoff.enter()).toBe(0);
    expect(backoff.enter()).toBe(100);
    backoff.worked();
    expect(backoff.enter()).toBe(0);
    expect(backoff.enter()).toBe(0);
  });

  it('counts what failed together once, and no late success shortens a wait that was asked for', () => {
    const time = { now: 0 };
    const backoff = at(time);
    expect([backoff.failed(), backoff.failed(), backoff.failed(30_000)]).toEqual([100, 100, 30_000]);
    backoff.worked();
    expect(backoff.enter()).toBe(30_000);
    time.now = 30_000;
    expect(backoff.enter()).toBe(0);
    expect(backoff.failed()).toBe(200);
  });

  it('waits from half of a wait to all of it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 2_000 }),
        (random, failures) => {
          const time = { now: 0 };
          const backoff = at(time, random);
          let wait = 0;
          for (let n = 0; n < failures; n += 1) time.now += wait = backoff.failed();
          const full = Math.min(1_000, 100 * 2 ** (failures - 1));
          expect(wait).toBeGreaterThanOrEqual(full / 2);
          expect(wait).toBeLessThanOrEqual(full + 1);
        },
      ),
      { numRuns: 50 },
    );
  });
});
