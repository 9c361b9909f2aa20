/** The price files of a simulation, in memory. */
import { createHash } from 'node:crypto';
import { readSeries, seriesFilesIn } from '../series/read.ts';
import type { Series } from '../series/series.ts';

/** Prices of all files together: some 220 MB of candles. */
const MAX_PRICES = 5_000_000;

/**
 * Reads all price files of a source, a file or a folder.
 * @throws Error naming the file: one that can't be read, holds no price, is of an instrument that another is of, or is
 * one too many to be held in memory.
 */
export async function readFiles(source: string): Promise<readonly Series[]> {
  const all: Series[] = [];
  let left = MAX_PRICES;
  for (const file of await seriesFilesIn(source)) {
    const series = await readSeries(file, { maxPrices: left });
    left -= series.length;
    if (series.length === 0) throw new Error(`${file}: holds no prices to replay`);
    const name = series.instrument.toUpperCase();
    const other = all.find(({ instrument }) => instrument.toUpperCase() === name);
    if (other !== undefined) {
      throw new Error(`${other.file} and ${file} are both of ${name}: one file of an instrument is replayed`);
    }
    all.push(series);
  }
  return all;
}

/** Prices of each file that its fingerprint is taken of. */
const SAMPLE = 1_000;

/** Tells files apart by what they are named, how many prices they hold, from when to when, and by a sample of these. */
export function fingerprintOf(all: readonly Series[]): string {
  const hash = createHash('sha256');
  for (const series of all) {
    const { instrument, interval, length } = series;
    hash.update(JSON.stringify([instrument, interval, length, series.timeAt(0), series.timeAt(length - 1)]));
    const step = Math.ceil(length / SAMPLE);
    for (let index = 0; index < length; index += step) hash.update(JSON.stringify(series.priceAt(index)));
  }
  return hash.digest('hex').slice(0, 32);
}
