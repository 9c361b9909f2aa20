import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { scratchFile } from '../../../stores/src/testing/scratch.ts';
import { readSeries, seriesFilesIn } from './read.ts';

const folder = scratchFile('');

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** More than one piece of a file, so that lines lie across its pieces. */
const MANY = 20_000;
const LINES = Array.from({ length: MANY }, (_, index) => `${index * 60_000},1.5,2,1,1.${index + 1}`);
const TEXT = ['time,open,high,low,close', ...LINES].join('\n');

describe('reading a price file', () => {
  it.each([
    ['as it is', 'A-B_1m.csv', TEXT],
    ['with a final line feed', 'C-D_1m.csv', `${TEXT}\n`],
    ['with CRLF and a byte order mark', 'E-F_1m.csv', `\uFEFF${TEXT.replaceAll('\n', '\r\n')}\r\n`],
    ['packed', 'G-H_1m.csv.gz', gzipSync(TEXT)],
    ['packed in two parts', 'I-J_1m.csv.gz', Buffer.concat([gzipSync(TEXT.slice(0, 99)), gzipSync(TEXT.slice(99))])],
  ])('reads it %s, and tells how far it is', async (_, name, content) => {
    const path = written(name, content);
    const told: number[] = [];
    const series = await readSeries(path, { onBytes: (read) => told.push(read) });
    expect(series.length).toBe(MANY);
    expect(series.priceAt(MANY - 1)).toMatchObject({ time: (MANY - 1) * 60_000, open: '1.5', close: `1.${MANY}` });
    expect(told.at(-1)).toBe(statSync(path).size);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  it('names file and line of what is wrong', async () => {
    const path = written('wrong_1m.csv', `${TEXT}\n1,2\n`);
    await expect(readSeries(path)).rejects.toThrow(`${path}, line ${MANY + 2}: has 2 fields`);
  });

  it.each([
    ['missing_1m.csv', null, /no such file/],
    ['cut_1m.csv.gz', gzipSync(TEXT).subarray(0, 1_000), /unexpected end of file/],
    ['no-gzip_1m.csv.gz', TEXT, /incorrect header check/],
    ['endless_1m.csv', 'x'.repeat(200_000), /longer than 65536 characters/],
    ['zeros_1m.csv.gz', gzipSync(Buffer.alloc(50_000_000)), /longer than 65536 characters/],
    ['empty_1m.csv', '', /is empty/],
    ['badly named.csv', TEXT, /a price file is named like/],
  ])('refuses %s and names it', async (name, content, message) => {
    const path = content === null ? join(folder, name) : written(name, content);
    await expect(readSeries(path)).rejects.toThrow(message);
    await expect(readSeries(path)).rejects.toThrow(path);
  });

  it('holds no more prices than it may', async () => {
    const path = written('K-L_1m.csv', TEXT);
    await expect(readSeries(path, { maxPrices: 10 })).rejects.toThrow(
      `${path}, line 12: is one more than the 10 prices`,
    );
  });

  it('ends with its signal', async () => {
    const path = written('M-N_1m.csv', TEXT);
    const stop = new AbortController();
    const reading = readSeries(path, { signal: stop.signal, onBytes: () => stop.abort(new Error('enough')) });
    await expect(reading).rejects.toThrow('enough');
  });
});

describe('finding price files', () => {
  const prices = mkdtempSync(join(folder, 'prices-'));

  it('takes all of a folder by name, and leaves others alone', async () => {
    for (const name of ['B_1m.csv', 'A_ticks.csv.gz', 'NOTICE', 'notes.md']) writeFileSync(join(prices, name), '');
    expect(await seriesFilesIn(prices)).toEqual(['A_ticks.csv.gz', 'B_1m.csv'].map((name) => join(prices, name)));
  });

  it('takes a single file', async () => {
    expect(await seriesFilesIn(join(prices, 'B_1m.csv'))).toEqual([join(prices, 'B_1m.csv')]);
  });

  it('refuses what is not there, what holds none, and names of another form', async () => {
    await expect(seriesFilesIn(join(folder, 'nowhere'))).rejects.toThrow(/nowhere/);
    const empty = mkdtempSync(join(folder, 'empty-'));
    await expect(seriesFilesIn(empty)).rejects.toThrow(`${empty}: there is no .csv or .csv.gz file`);
    writeFileSync(join(empty, 'prices.csv'), '');
    await expect(seriesFilesIn(empty)).rejects.toThrow(/prices\.csv: a price file is named like/);
    await expect(seriesFilesIn(join(prices, 'NOTICE'))).rejects.toThrow(/NOTICE: a price file is named like/);
  });
});
