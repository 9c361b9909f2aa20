/** Prices of one instrument as one file holds them: candles of one interval, or ticks. */
import Big from 'big.js';
import type { Candle, Price, Tick } from '../price.ts';
import { createDecimals, isPrice, resized } from './decimals.ts';
import type { SeriesName } from './name.ts';

/** Prices in order of time, kept compactly (44 bytes a candle, 17 a tick) and made into objects when asked for. */
export interface Series extends SeriesName {
  /** Where the prices come from, for messages. */
  readonly file: string;
  readonly length: number;
  /** Milliseconds since 1970: a candle's opening, a tick's own time. Undefined beyond the end is a bug of the caller. */
  timeAt(index: number): number;
  priceAt(index: number): Price;
}

/** Prices to come, on their way to a `Series`. */
export interface SeriesBuilder {
  /**
   * @param prices open, high, low, close of a candle; the one price of a tick.
   * @throws Error saying what is wrong with them: a price that is no decimal above 0, a high below the low, a candle
   * that opens before the last one closed, a tick before the last one.
   */
  add(time: number, prices: readonly string[]): void;
  readonly length: number;
  series(): Series;
}

/** The columns of a candle and of a tick, beside `time`. */
export const CANDLE_COLUMNS = ['open', 'high', 'low', 'close'] as const;
export const TICK_COLUMNS = ['price'] as const;

const FIRST_CAPACITY = 1_024;

/** Begins a series without prices. */
export function buildSeries(file: string, name: SeriesName): SeriesBuilder {
  const { instrument, interval } = name;
  const columns = (interval === null ? TICK_COLUMNS : CANDLE_COLUMNS).map(() => createDecimals());
  let times = new Float64Array(FIRST_CAPACITY);
  let length = 0;

  const tickAt = (index: number): Tick => ({ kind: 'tick', time: times[index]!, price: columns[0]!.at(index) });
  const candleAt = (index: number, covers: number): Candle => {
    const [open, high, low, close] = columns.map((column) => column.at(index)) as [string, string, string, string];
    return { kind: 'candle', time: times[index]!, interval: covers, open, high, low, close };
  };
  return {
    get length() {
      return length;
    },
    add: (time, prices) => {
      if (length > 0) refuseDisorder(time, times[length - 1]!, interval);
      refuseImpossible(prices);
      if (length === times.length) times = resized(times, new Float64Array(length * 2));
      times[length] = time;
      for (const [place, column] of columns.entries()) column.push(prices[place]!);
      length += 1;
    },
    series: () => {
      times = resized(times, new Float64Array(length));
      for (const column of columns) column.trim();
      return {
        file,
        instrument,
        interval,
        length,
        timeAt: (index) => times[index]!,
        priceAt: interval === null ? tickAt : (index) => candleAt(index, interval),
      };
    },
  };
}

/** The first place whose time is at or after `time`; the length where there is none. */
export function indexFrom(series: Series, time: number): number {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (series.timeAt(middle) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function refuseDisorder(time: number, last: number, interval: number | null): void {
  if (interval === null) {
    if (time < last) throw new Error(`time ${time} goes back: the tick before it is of ${last}`);
  } else if (time <= last) {
    const wrong = time === last ? 'stands there twice' : `goes back: the candle before it opened at ${last}`;
    throw new Error(`time ${time} ${wrong}`);
  } else if (time < last + interval) {
    throw new Error(`time ${time} lies inside the candle before it, which opened at ${last} and covers ${interval} ms`);
  }
}

function refuseImpossible(prices: readonly string[]): void {
  const names = prices.length === 1 ? TICK_COLUMNS : CANDLE_COLUMNS;
  for (const [place, text] of prices.entries()) {
    if (!isPrice(text)) throw new Error(`${names[place]} ${JSON.stringify(text)} is not a decimal above 0`);
  }
  if (prices.length === 1) return;
  const [open, high, low, close] = prices as readonly [string, string, string, string];
  if (isBelow(high, low)) throw new Error(`high ${high} is below low ${low}`);
  for (const [name, price] of [
    ['open', open],
    ['close', close],
  ] as const) {
    if (isBelow(high, price) || isBelow(price, low)) {
      throw new Error(`${name} ${price} lies outside low ${low} and high ${high}`);
    }
  }
}

/** Up to this many characters, decimals that differ also differ as doubles. */
const EXACT_AS_DOUBLE = 15;

/** Whether one decimal is below another. */
export function isBelow(left: string, right: string): boolean {
  if (left.length <= EXACT_AS_DOUBLE && right.length <= EXACT_AS_DOUBLE) return Number(left) < Number(right);
  return new Big(left).lt(right);
}
