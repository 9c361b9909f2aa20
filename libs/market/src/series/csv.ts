/** The lines of a price file, one after the other, on their way to a `Series`. */
import { seriesNameOf } from './name.ts';
import { buildSeries, CANDLE_COLUMNS, type Series, TICK_COLUMNS } from './series.ts';

/** Lines to come. */
export interface SeriesParser {
  /** Takes the next line, without its line feed. @throws Error naming file and line, and what is wrong with it. */
  line(text: string): void;
  /** @throws Error naming the file, where not even a header came. */
  series(): Series;
}

/** Prices of one file, where its reader says nothing else: 19 years of candles of a minute, some 440 MB. */
const MAX_PRICES = 10_000_000;

/** The latest moment a `Date` can tell. */
const MAX_TIME = 8_640_000_000_000_000;

const WHOLE = /^(?:0|[1-9]\d{0,15})$/;

/**
 * Begins to read a file whose name says what is in it (`seriesNameOf`). Its first line names the columns: `time`
 * (milliseconds since 1970; when a candle opened) and `open,high,low,close` or `price`, in any order and among others.
 * Quotes are not read. A byte order mark, empty lines and lines that end in CRLF are fine.
 * @throws Error naming the file, where its name has another form.
 */
export function createSeriesParser(
  file: string,
  { maxPrices = MAX_PRICES }: { readonly maxPrices?: number } = {},
): SeriesParser {
  const name = seriesNameOf(file);
  const builder = buildSeries(file, name);
  let lines = 0;
  let header: Header | null = null;

  const take = (text: string): void => {
    if (header === null) {
      header = headerFrom(text, name.interval === null ? TICK_COLUMNS : CANDLE_COLUMNS);
      return;
    }
    // Many exporters end with one.
    if (text === '') return;
    const fields = text.split(',');
    if (fields.length !== header.width) {
      throw new Error(`has ${fields.length} fields where the header names ${header.width}`);
    }
    if (builder.length === maxPrices) throw new Error(`is one more than the ${maxPrices} prices that can be held`);
    builder.add(
      timeFrom(fields[header.time]!),
      header.prices.map((place) => fields[place]!),
    );
  };
  return {
    line: (text) => {
      lines += 1;
      try {
        take(text.endsWith('\r') ? text.slice(0, -1) : text);
      } catch (error) {
        throw new Error(`${file}, line ${lines}: ${(error as Error).message}`, { cause: error });
      }
    },
    series: () => {
      if (header === null) throw new Error(`${file}: is empty; its first line must name the columns`);
      return builder.series();
    },
  };
}

/** Where the columns stand. */
interface Header {
  readonly width: number;
  readonly time: number;
  readonly prices: readonly number[];
}

const BYTE_ORDER_MARK = '\uFEFF';

function headerFrom(text: string, columns: readonly string[]): Header {
  const names = (text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).split(',').map((field) => field.trim());
  const placeOf = (column: string): number => {
    const place = names.indexOf(column);
    if (place === -1) throw new Error(`the column ${column} is missing; it must be named in this first line`);
    if (names.lastIndexOf(column) !== place) throw new Error(`the column ${column} is named twice`);
    return place;
  };
  return { width: names.length, time: placeOf('time'), prices: columns.map(placeOf) };
}

function timeFrom(text: string): number {
  const time = WHOLE.test(text) ? Number(text) : Number.NaN;
  if (!(time <= MAX_TIME)) {
    throw new Error(`time ${JSON.stringify(text)} is not a whole number of milliseconds since 1970`);
  }
  return time;
}
