/** The simulated venue in processes of their own, which are killed for real. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from '@jest/globals';
import { scratchFile } from '../../../stores/src/testing/scratch.ts';
import { type Candle, knownAt } from '../price.ts';
import { writtenPrices } from './testing/simulated.ts';

const coordination = scratchFile('coordination.db');
const prices = writtenPrices(scratchFile(''));

const PROGRAM = `
  const [source, path, from, venueModule, coordinationModule] = process.argv.slice(1);
  const { openSimulatedVenue } = await import(venueModule);
  const { openSqliteCoordination } = await import(coordinationModule);
  const coordination = openSqliteCoordination(path);
  const state = {
    read: () => coordination.kept('simulation'),
    write: (text) => coordination.keep('simulation', text),
  };
  const venue = await openSimulatedVenue({ source, speed: 20, state });
  const { signal } = new AbortController();
  const tell = ({ price }) => process.stdout.write(JSON.stringify(price) + '\\n');
  for await (const quoted of venue.history('A/B', Number(from), Date.now(), signal)) tell(quoted);
  for await (const quoted of venue.stream(() => new Set(['A/B']), { signal })) tell(quoted);
`;

/** Runs a process until it has told so many prices, then kills it. */
async function heard(from: number, count: number): Promise<string[]> {
  const urls = ['./simulated.ts', '../../../stores/src/sqlite/coordination.ts'].map((module) => {
    return new URL(module, import.meta.url).href;
  });
  const given = [join(prices.folder, 'A-B_1s.csv'), coordination, String(from), ...urls];
  const child = spawn(process.execPath, ['--conditions=mono-source', '--input-type=module', '-e', PROGRAM, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === count) child.kill('SIGKILL');
  }
  await ended;
  // What came through a pipe after the kill is left to history.
  return lines.slice(0, count);
}

it('tells every price of a file once, in order, whatever process is killed', async () => {
  const told = new Set<string>();
  const last = (): Candle => JSON.parse([...told].at(-1)!) as Candle;
  for (const count of [3, 7, 12, 20]) {
    const lines = await heard(told.size === 0 ? 0 : last().time, count);
    expect(lines).toHaveLength(count);
    for (const line of lines) told.add(line);
  }
  const candles = [...told].map((line) => JSON.parse(line) as Candle);
  const opens = prices.candles.map(({ open }) => open);
  expect(candles.map(({ open }) => open)).toEqual(candles.map((_, index) => opens[index % opens.length]));
  expect(candles.filter((candle, index) => index > 0 && candle.time < knownAt(candles[index - 1]!))).toEqual([]);
}, 60_000);
