/** The two figures that have a method of their own. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Figure, figure, told } from '../figures.ts';
import { createEquityCurve, type EquityPoint } from './drawdown.ts';
import { inOneGo } from './recorder.ts';
import { wilsonInterval } from './wilson.ts';

describe('the Wilson interval', () => {
  it.each([
    // By a calculation of its own, with 50 digits.
    [0, 1, '0.00000000', '0.79345069'],
    [1, 1, '0.20654931', '1.00000000'],
    [3, 5, '0.23072428', '0.88237923'],
    [5, 10, '0.23659309', '0.76340691'],
    [42, 100, '0.32798383', '0.51793513'],
  ])('of %i in %i', (wins, trials, low, high) => {
    expect(wilsonInterval(wins, trials).map(told)).toEqual([low, high]);
  });

  it('holds the share between its bounds, and these between 0 and 1', () => {
    const tallies = fc
      .integer({ min: 1, max: 1_000_000 })
      .chain((trials) => fc.tuple(fc.integer({ min: 0, max: trials }), fc.constant(trials)));
    fc.assert(
      fc.property(tallies, ([wins, trials]) => {
        const [low, high] = wilsonInterval(wins, trials).map((bound) => figure(told(bound)));
        const share = told(figure(wins).div(trials));
        expect(low!.gte(0) && low!.lte(share) && high!.gte(share) && high!.lte(1)).toBe(true);
      }),
    );
  });

  it('of losses mirrors that of wins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 50 }), (wins, losses) => {
        const [low, high] = wilsonInterval(wins, wins + losses);
        const [otherLow, otherHigh] = wilsonInterval(losses, wins + losses);
        expect([told(otherLow), told(otherHigh)]).toEqual([told(figure(1).minus(high)), told(figure(1).minus(low))]);
      }),
    );
  });
});

describe('the drawdown', () => {
  const points: fc.Arbitrary<EquityPoint[]> = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: -300_000_000, max: 300_000_000 })))
    .map((all) =>
      all.map(([day, hundredMillionths], index) => ({
        at: `2026-04-0${day}T12:00:00.000Z`,
        id: `id${(index * 7) % 11}-${index}`,
        r: told(figure(hundredMillionths).div(100_000_000)),
      })),
    );

  function maxDrawdown(all: readonly EquityPoint[], run?: number): Figure {
    const curve = createEquityCurve(run);
    for (const point of all) curve.add(point);
    expect(curve.length()).toBe(all.length);
    return inOneGo(curve.maxDrawdown());
  }

  /** Every fall from any point to any later one. */
  function naive(all: readonly EquityPoint[]): bigint {
    const sorted = all.toSorted((one, other) => (`${one.at} ${one.id}` < `${other.at} ${other.id}` ? -1 : 1));
    const curve = [0n];
    for (const { r } of sorted) curve.push(curve.at(-1)! + BigInt(r.replace('.', '')));
    let deepest = 0n;
    curve.forEach((high, from) => {
      for (const low of curve.slice(from)) if (high - low > deepest) deepest = high - low;
    });
    return deepest;
  }

  it('is the deepest fall from any peak to any later point', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 12 }), (all, run) => {
        const drawdown = maxDrawdown(all, run);
        expect(drawdown.gte(0)).toBe(true);
        expect(BigInt(told(drawdown).replace('.', ''))).toBe(naive(all));
      }),
    );
  });

  it('begins at nothing: a first loss is one', () => {
    expect(told(maxDrawdown([{ at: '2026-04-01T00:00:00.000Z', id: 'a', r: '-1.00000000' }]))).toBe('1.00000000');
  });

  it('goes by the time of settlement, and by the id at one time', () => {
    const at = '2026-04-01T00:00:00.000Z';
    const later = '2026-04-02T00:00:00.000Z';
    const curve = [
      { at: later, id: 'a', r: '-1.00000000' },
      { at, id: 'c', r: '3.00000000' },
      { at, id: 'b', r: '-2.00000000' },
    ];
    expect(told(maxDrawdown(curve))).toBe('2.00000000');
  });
});
