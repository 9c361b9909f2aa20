import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Price } from '../price.ts';
import { type Hole, mergeSeries } from './merge.ts';
import { buildSeries, type Series } from './series.ts';

/** Candles that open at these times, all at a price that tells them apart. */
function candles(interval: number, times: readonly number[]): Series {
  const builder = buildSeries(`X_${interval}`, { instrument: 'X', interval });
  for (const time of times) builder.add(time, Array<string>(4).fill(String(interval)));
  return builder.series();
}

function ticks(times: readonly number[]): Series {
  const builder = buildSeries('X_ticks', { instrument: 'X', interval: null });
  for (const time of times) builder.add(time, ['1']);
  return builder.series();
}

/** `5m@0` for a candle, `@3` for a tick, `hole 2-5` for a hole. */
function told(series: readonly Series[]): string[] {
  const all: string[] = [];
  const onHole = ({ from, to }: Hole): void => void all.push(`hole ${from}-${to}`);
  for (const price of mergeSeries(series, { onHole })) {
    all.push(price.kind === 'tick' ? `@${price.time}` : `${price.interval}@${price.time}`);
  }
  return all;
}

describe('merging price files of one instrument', () => {
  it('puts finer candles in the place of a coarse one that they cover wholly', () => {
    expect(told([candles(4, [0, 4]), candles(2, [0, 2, 4, 6])])).toEqual(['2@0', '2@2', '2@4', '2@6']);
  });

  it('uses a coarse candle where a finer one is missing, and none of the finer ones inside it', () => {
    expect(told([candles(2, [0, 2, 4]), candles(4, [0, 4])])).toEqual(['2@0', '2@2', '4@4']);
  });

  it('covers a candle with candles of several files and ticks together', () => {
    expect(told([candles(8, [0]), candles(4, [4]), candles(2, [0]), ticks([2, 3, 3, 4])])).toEqual([
      '2@0',
      '@2',
      '@3',
      '@3',
      '4@4',
    ]);
  });

  it('lets ticks replace a candle only from its open to its close', () => {
    expect(told([candles(4, [0, 4, 8]), ticks([1, 4, 5, 8, 9])])).toEqual(['4@0', '@4', '@5', '4@8']);
    expect(told([candles(4, [4]), ticks([4, 7])])).toEqual(['4@4']);
    expect(told([candles(4, [4]), ticks([4, 8])])).toEqual(['@4', '@8']);
  });

  it('uses neither a finer candle across the end of a coarse one, nor the time it covered', () => {
    expect(told([candles(4, [0, 4]), candles(2, [1, 3, 5])])).toEqual(['4@0', '4@4']);
  });

  it('tells holes between candles, and those that ticks cover are none', () => {
    expect(told([candles(2, [0, 6, 8])])).toEqual(['2@0', 'hole 2-6', '2@6', '2@8']);
    expect(told([candles(2, [0, 6]), ticks([1, 3, 6])])).toEqual(['2@0', '@3', '2@6']);
    expect(told([candles(2, [0, 6]), ticks([3, 4])])).toEqual(['2@0', 'hole 2-3', '@3', '@4', 'hole 4-6', '2@6']);
    expect(told([candles(2, [0]), ticks([9, 12])])).toEqual(['2@0', 'hole 2-9', '@9', '@12']);
    expect(told([ticks([1, 500])])).toEqual(['@1', '@500']);
  });

  it('gives nothing for files without prices', () => {
    expect(told([])).toEqual([]);
    expect(told([candles(4, []), ticks([])])).toEqual([]);
    expect(told([candles(4, [4]), candles(2, []), ticks([])])).toEqual(['4@4']);
  });

  it('can be told twice', () => {
    const merged = mergeSeries([candles(4, [0, 4])]);
    expect([...merged]).toEqual([...merged]);
    expect([...merged]).toHaveLength(2);
  });

  it('looks no further than it is asked', () => {
    let last = -1;
    const coarse = candles(4, [0, 4, 8, 12, 16, 20]);
    const fine = candles(2, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    const watched = { ...fine, timeAt: (index: number) => fine.timeAt((last = Math.max(last, index))) };
    const merged = mergeSeries([coarse, watched])[Symbol.iterator]();
    merged.next();
    expect(last).toBeLessThanOrEqual(3);
  });

  it('refuses two files of the same fineness, and files of different instruments', () => {
    expect(() => mergeSeries([candles(4, []), candles(4, [])])).toThrow(/X_4 and X_4 both hold candles/);
    expect(() => mergeSeries([ticks([]), ticks([])])).toThrow(/both hold ticks of X/);
    expect(() => mergeSeries([candles(4, []), { ...ticks([]), instrument: 'Y' }])).toThrow(/is of Y and X_4 of X/);
  });

  it('agrees with the rule written out moment by moment', () => {
    fc.assert(
      fc.property(seriesOfAnyFineness, (series) => {
        const expected = slowly(series);
        const holes: Hole[] = [];
        const prices = [...mergeSeries(series, { onHole: (hole) => holes.push(hole) })];
        expect(prices).toEqual(expected.prices);
        expect(holes).toEqual(expected.holes);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Until here the times of the generated files reach. */
const END = 48;

const someTimes = (interval: number): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      // Mostly whole days of candles, as files are; some begin at an odd moment.
      fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(interval) }),
      fc.array(fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(9) }), {
        maxLength: END / interval,
      }),
    )
    .map(([start, gaps]) => {
      let time = start;
      return gaps.map((gap) => {
        const at = time + gap;
        time = at + interval;
        return at;
      });
    });

const seriesOfAnyFineness: fc.Arbitrary<Series[]> = fc
  .subarray([0, 1, 2, 4, 12], { minLength: 1 })
  .chain((intervals) =>
    fc.tuple(
      ...intervals.map((interval) =>
        interval === 0
          ? fc.array(fc.nat(END), { maxLength: 20 }).map((times) => ticks(times.sort((a, b) => a - b)))
          : someTimes(interval).map((times) => candles(interval, times)),
      ),
    ),
  );

/**
 * The same, slowly: a candle is used where one of its moments lies in no used finer candle inside it and in no stretch
 * of used ticks; whatever it overlaps is then dropped for good.
 */
function slowly(all: readonly Series[]): { prices: Price[]; holes: Hole[] } {
  const finest = all.toSorted((a, b) => (a.interval ?? 0) - (b.interval ?? 0));
  const tickSeries = finest.find(({ interval }) => interval === null);
  let usedTicks = tickSeries === undefined ? [] : pricesIn(tickSeries);
  let tickMoments = moments(usedTicks[0]?.time ?? 0, usedTicks.at(-1)?.time ?? 0);

  let used: Used[] = [];
  for (const series of finest) {
    const { interval } = series;
    if (interval === null) continue;
    const finer = used;
    for (const price of pricesIn(series)) {
      const candle: Used = { from: price.time, to: price.time + interval, price };
      const isCovered = moments(candle.from, candle.to).every((time) => {
        const over = finer.find((each) => liesIn(each, time));
        return over === undefined ? tickMoments.includes(time) : over.from >= candle.from && over.to <= candle.to;
      });
      if (isCovered) continue;
      used = used.filter(({ from, to }) => to <= candle.from || from >= candle.to);
      used.push(candle);
      usedTicks = usedTicks.filter(({ time }) => !liesIn(candle, time));
      tickMoments = tickMoments.filter((time) => !liesIn(candle, time));
    }
  }
  const prices = [...used.map(({ price }) => price), ...usedTicks].sort((a, b) => a.time - b.time);

  const holes: Hole[] = [];
  const last = Math.max(...used.map(({ to }) => to), ...usedTicks.map(({ time }) => time));
  for (const time of moments(prices[0]?.time ?? 0, last)) {
    if (tickMoments.includes(time) || used.some((candle) => liesIn(candle, time))) continue;
    const open = holes.at(-1);
    // A hole ends where a price stands, even a lone tick.
    if (open?.to === time && !usedTicks.some((tick) => tick.time === time)) {
      holes[holes.length - 1] = { from: open.from, to: time + 1 };
    } else {
      holes.push({ from: time, to: time + 1 });
    }
  }
  return { prices, holes };
}

interface Used {
  readonly from: number;
  readonly to: number;
  readonly price: Price;
}

function liesIn({ from, to }: Used, time: number): boolean {
  return from <= time && time < to;
}

function moments(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, step) => from + step);
}

function pricesIn(series: Series): Price[] {
  return Array.from({ length: series.length }, (_, index) => series.priceAt(index));
}
