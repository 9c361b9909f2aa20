/** A price file repeated for ever, placed on the positions of a simulation and told in times of the wall clock. */
import type { Price } from '../price.ts';
import type { Series } from '../series/series.ts';
import { knownWall, openWall, positionBy, type Segment } from './simulated-segments.ts';

/** After the last tick of a file the first comes again so many milliseconds of file time later. */
const AFTER_LAST_TICK = 1_000;

/** The prices of a file are numbered on through its repetitions, from 0. */
export interface Track {
  /** The instrument in capital letters. */
  readonly symbol: string;
  /** The price of this number, its time and interval those of the wall clock; null where they are not remembered. */
  priceAt(number: number, segments: readonly Segment[]): Price | null;
  /** When it is told, milliseconds since 1970; infinite where that is not remembered, or time stands still. */
  knownAt(number: number, segments: readonly Segment[]): number;
  /** The number of the first price that begins at or after a moment, were it known. */
  firstFrom(moment: number, segments: readonly Segment[]): number;
  /** How many prices are known by a moment: the number of the next one. */
  countBy(moment: number, segments: readonly Segment[]): number;
  /** The price of this number as the file has it, its time the file's. */
  fileAt(number: number): Price;
  /** How many prices begin at or before a position. */
  begunBy(position: number): number;
  /** How many prices are known in full by a position. */
  knownBy(position: number): number;
}

/** Every file begins with the simulation and, where it ends, begins again at once: its first price follows its last. */
export function createTrack(series: Series): Track {
  const { instrument, interval, length } = series;
  const start = series.timeAt(0);
  const span = series.timeAt(length - 1) + (interval ?? AFTER_LAST_TICK) - start;

  const openPosition = (number: number): number =>
    Math.floor(number / length) * span + series.timeAt(number % length) - start;
  const knownPosition = (number: number): number => openPosition(number) + (interval ?? 0);
  const known = (number: number, segments: readonly Segment[]): number => knownWall(segments, knownPosition(number));
  const begun = (number: number, segments: readonly Segment[]): number =>
    interval === null ? known(number, segments) : openWall(segments, openPosition(number));
  /** More than the numbers of all prices that begin by a position. */
  const beyondPosition = (position: number): number => (Math.floor(position / span) + 2) * length;
  const beyond = (moment: number, segments: readonly Segment[]): number => beyondPosition(positionBy(segments, moment));

  return {
    symbol: instrument.toUpperCase(),
    priceAt: (number, segments) => {
      const price = series.priceAt(number % length);
      const time = begun(number, segments);
      const end = known(number, segments);
      if (!Number.isFinite(time) || !Number.isFinite(end)) return null;
      return price.kind === 'tick' ? { ...price, time } : { ...price, time, interval: end - time };
    },
    knownAt: known,
    firstFrom: (moment, segments) =>
      firstWhere(beyond(moment, segments), (number) => begun(number, segments) >= moment),
    countBy: (moment, segments) => firstWhere(beyond(moment, segments), (number) => known(number, segments) > moment),
    fileAt: (number) => series.priceAt(number % length),
    begunBy: (position) => firstWhere(beyondPosition(position), (number) => openPosition(number) > position),
    knownBy: (position) => firstWhere(beyondPosition(position), (number) => knownPosition(number) > position),
  };
}

/** Which candles of a file would last too short a time at a speed: less than this many milliseconds have no room for rounding. */
const SHORTEST_CANDLE = 3;

/** @throws Error naming the file whose candles would last less than 3 ms, and the greatest speed it allows. */
export function refuseTooFast(series: Series, speed: number): void {
  if (series.interval === null || series.interval / speed >= SHORTEST_CANDLE) return;
  throw new Error(
    `a speed of ${speed} is too fast for ${series.file}: its candles allow up to ${series.interval / SHORTEST_CANDLE}`,
  );
}

/** The first number below `end` that a condition holds for, which then holds for all after it; `end` where there is none. */
function firstWhere(end: number, holds: (number: number) => boolean): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
