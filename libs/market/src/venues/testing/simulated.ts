/** Price files, a clock and a state to try the simulated venue with. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Candle, Tick } from '../../price.ts';
import type { SimulationState } from '../simulated-timeline.ts';

/** A clock that stands still but when it is told, or somebody sleeps. */
export interface FakeClock {
  readonly now: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  advance(milliseconds: number): void;
}

export function fakeClock(start: number): FakeClock {
  let time = start;
  return {
    now: () => time,
    sleep: async (milliseconds, signal) => {
      signal.throwIfAborted();
      time += milliseconds;
    },
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
}

/** A state in memory that fails as often as it is told to. */
export interface MemoryState extends SimulationState {
  text: string | null;
  writes: number;
  failures: number;
}

export function memoryState(text: string | null = null): MemoryState {
  const state: MemoryState = {
    text,
    writes: 0,
    failures: 0,
    read: async () => state.text,
    write: async (written) => {
      if (state.failures > 0) {
        state.failures -= 1;
        throw new Error('the disk is full');
      }
      state.text = written;
      state.writes += 1;
    },
  };
  return state;
}

/** The first prices of a stream, or all of them where fewer come. */
export async function taken<Item>(items: AsyncIterable<Item>, count: number): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) {
    all.push(item);
    if (all.length >= count) break;
  }
  return all;
}

/** A folder of two files that begin at different times and are of different length, one with a hole, one with two ticks of a moment. */
export function writtenPrices(within: string): {
  readonly folder: string;
  readonly candles: readonly Candle[];
  readonly ticks: readonly Tick[];
} {
  const folder = mkdtempSync(join(within, 'prices-'));
  const start = 1_500_000_000_000;
  const candles = [0, 1, 2, 5, 6].map((second, index): Candle => {
    const [open, high, low, close] = [`1${index}`, `2${index}.5`, `${index + 1}`, `1${index}.10`] as const;
    return { kind: 'candle', time: start + second * 1_000, interval: 1_000, open, high, low, close };
  });
  const ticks = [0, 300, 300, 1_700].map((after, index): Tick => {
    return { kind: 'tick', time: 2 * start + after, price: `0.00${index + 1}` };
  });
  const rows = candles.map(({ time, open, high, low, close }) => [time, open, high, low, close].join(','));
  writeFileSync(join(folder, 'A-B_1s.csv'), ['time,open,high,low,close', ...rows].join('\n'));
  writeFileSync(join(folder, 'C-D_ticks.csv'), ['time,price', ...ticks.map((t) => `${t.time},${t.price}`)].join('\n'));
  return { folder, candles, ticks };
}
