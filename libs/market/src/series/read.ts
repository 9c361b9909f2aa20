/** Price files on disk. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { createSeriesParser, type SeriesParser } from './csv.ts';
import { seriesNameOf } from './name.ts';
import type { Series } from './series.ts';

export interface ReadOptions {
  /** Bytes of the file read so far (of a .gz its compressed ones), after each piece. */
  readonly onBytes?: (read: number) => void;
  /** More prices than this are refused; 10,000,000 where nothing else is said. */
  readonly maxPrices?: number;
  readonly signal?: AbortSignal;
}

/** Longer lines are no prices; without a bound a file with no line feed would fill the memory. */
const MAX_LINE = 65_536;

/**
 * Reads one price file into memory, piece by piece; `.gz` is unpacked on the way.
 * @throws Error naming the file, and the line where there is one: an unreadable file, or anything that `createSeriesParser` refuses.
 */
export async function readSeries(path: string, options: ReadOptions = {}): Promise<Series> {
  const { onBytes, maxPrices, signal } = options;
  const parser = createSeriesParser(path, maxPrices === undefined ? {} : { maxPrices });
  const file = createReadStream(path);
  const counted = async function* (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      yield piece;
      onBytes?.(file.bytesRead);
    }
  };
  const lines = (pieces: AsyncIterable<Buffer>): Promise<void> => feed(parser, path, pieces);
  const stop = signal === undefined ? {} : { signal };
  try {
    if (path.endsWith('.gz')) await pipeline(file, counted, createGunzip(), lines, stop);
    else await pipeline(file, counted, lines, stop);
  } catch (error) {
    signal?.throwIfAborted();
    const { message } = error as Error;
    throw message.startsWith(path) ? error : new Error(`${path}: ${message}`, { cause: error });
  }
  return parser.series();
}

async function feed(parser: SeriesParser, path: string, pieces: AsyncIterable<Buffer>): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.write(piece)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) parser.line(line);
    if (rest.length > MAX_LINE) throw new Error(`${path}: a line is longer than ${MAX_LINE} characters`);
  }
  rest += decoder.end();
  if (rest !== '') parser.line(rest);
}

/**
 * The price files that a source means: itself where it is a file, else those in the folder that end in `.csv` or
 * `.csv.gz`, by name. Other files of the folder (a notice, a licence) are left alone.
 * @throws Error naming the source where it can't be read or holds none, and the first file whose name has another form.
 */
export async function seriesFilesIn(source: string): Promise<readonly string[]> {
  let files = [source];
  if ((await stat(source)).isDirectory()) {
    const names = (await readdir(source)).filter((name) => /\.csv(?:\.gz)?$/.test(name));
    if (names.length === 0) throw new Error(`${source}: there is no .csv or .csv.gz file in this folder`);
    files = names.sort().map((name) => join(source, name));
  }
  for (const file of files) seriesNameOf(file);
  return files;
}
