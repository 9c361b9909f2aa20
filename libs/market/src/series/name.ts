/** What the name of a price file says of what is in it. */

/** `BTC-USDT_5m.csv` is `BTC/USDT` in candles of 300,000 ms. */
export interface SeriesName {
  /** As signals write it: `BTC/USDT`. */
  readonly instrument: string;
  /** Milliseconds that one candle covers; null for a file of ticks. */
  readonly interval: number | null;
}

const NAME = /^([^_/\\-]+(?:-[^_/\\-]+)*)_(?:(ticks)|([1-9]\d{0,4})([smhdw]))\.csv(?:\.gz)?$/;

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Reads the name of a price file: the instrument with `-` for `/`, then `_ticks` or `_` and the interval of its candles
 * (a whole number and `s`, `m`, `h`, `d` or `w`), then `.csv` or `.csv.gz`.
 * @param file a bare name, or a path of which the last part counts.
 * @throws Error naming the file, where its name has another form.
 */
export function seriesNameOf(file: string): SeriesName {
  const match = NAME.exec(file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1));
  if (match === null) {
    throw new Error(`${file}: a price file is named like BTC-USDT_5m.csv or BTC-USDT_ticks.csv (.gz may follow)`);
  }
  const [, instrument, ticks, count, unit] = match;
  return {
    instrument: instrument!.replaceAll('-', '/'),
    interval: ticks === undefined ? Number(count) * UNITS[unit!]! : null,
  };
}
