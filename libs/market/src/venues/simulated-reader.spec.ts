import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { scratchFile } from '../../../stores/src/testing/scratch.ts';
import { CHART_INTERVALS, type ChartCandle } from '../charts.ts';
import type { PairQuote } from '../quote-source.ts';
import { type Venue, VenueUnavailable } from '../venue.ts';
import { openSimulatedVenue } from './simulated.ts';
import { openSimulationReader, type SimulationReader } from './simulated-reader.ts';
import { type MemoryState, memoryState, taken, writtenPrices } from './testing/simulated.ts';

const folder = scratchFile('');
const prices = writtenPrices(folder);
const NOON = Date.UTC(2026, 3, 4, 12);
const DAY = 86_400_000;
const MINUTE = 60_000;

/** A clock that who sleeps follows: nobody goes on before it was set to where they wanted to wake. */
function steppedClock(start: number) {
  let time = start;
  let sleeping: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => time,
    sleep: (milliseconds: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        sleeping.push({ at: time + milliseconds, wake: resolve });
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    /** In steps, so that each wakes at its own time. */
    advance: async (milliseconds: number): Promise<void> => {
      const end = time + milliseconds;
      await turn();
      while (time < end) {
        time = Math.min(end, ...sleeping.map(({ at }) => at).filter((at) => at > time));
        const due = sleeping.filter(({ at }) => at <= time);
        sleeping = sleeping.filter(({ at }) => at > time);
        for (const { wake } of due) wake();
        await turn();
      }
    },
  };
}

type Clock = ReturnType<typeof steppedClock>;

/** The venue that runs it, on a clock that both share. */
function run(clock: Clock, state: MemoryState, speed = 1, source = prices.folder): Promise<Venue> {
  return openSimulatedVenue({ source, speed, state, now: clock.now, sleep: clock.sleep, keepsClock: true });
}

function read(clock: Clock, state: MemoryState, source = prices.folder): Promise<SimulationReader> {
  // It can't write: it is given nothing to write with.
  return openSimulationReader({ source, readState: state.read, now: clock.now, waitMs: 0 });
}

async function quoteOf(reader: SimulationReader, pair = 'A/B'): Promise<PairQuote | null> {
  const told = (await reader.quotes([pair])).get(pair)!;
  if ('refused' in told) throw new Error(told.refused);
  return told.quote;
}

async function begun(speed = 1, source = prices.folder) {
  const clock = steppedClock(NOON);
  const state = memoryState();
  const venue = await run(clock, state, speed, source);
  await turn();
  return { clock, state, venue, reader: await read(clock, state, source) };
}

/** A file of candles of a minute whose opens are `first`, `first + 1`, …, each closing half above it. */
function minutes(count: number, first = 100): string {
  const within = mkdtempSync(join(folder, 'minutes-'));
  const rows = Array.from({ length: count }, (_, n) => {
    const open = first + n;
    return [n * MINUTE, open, open + 2, open - 2, open + 0.5].join(',');
  });
  writeFileSync(join(within, 'BTC-USDT_1m.csv'), ['time,open,high,low,close', ...rows].join('\n'));
  return within;
}

describe('the price of a simulation that is read', () => {
  it('is there from the first moment on, also where time stands still', async () => {
    for (const speed of [1, 0.001, 100, 0]) {
      const { reader, venue, clock } = await begun(speed);
      expect(await quoteOf(reader)).toEqual({ price: '10', at: NOON, change24h: '0' });
      expect((await quoteOf(reader, 'C/D'))!.price).toBe('0.001');
      if (speed === 0) {
        await clock.advance(3_600_000);
        expect(await quoteOf(reader)).toEqual({ price: '10', at: NOON + 3_600_000, change24h: '0' });
      }
      await venue.close();
    }
  });

  it('is the open of what is in force, the close where nothing is, or the last tick', async () => {
    const { reader, clock } = await begun();
    const at = async (pair: string, moments: readonly number[]): Promise<string[]> => {
      const told: string[] = [];
      for (const moment of moments) {
        // The file times -1, where the simulation begins, is told at NOON.
        await clock.advance(NOON + 1 + moment - clock.now());
        told.push((await quoteOf(reader, pair))!.price);
      }
      return told;
    };
    expect(await at('C/D', [0, 299, 300, 1_699, 1_700, 2_699, 2_700])).toEqual([
      '0.001',
      '0.001',
      '0.003',
      '0.003',
      '0.004',
      '0.004',
      '0.001',
    ]);
    // A hole lasts from 3 s to 5 s; the file begins again at 7 s.
    expect(await at('A/B', [2_999, 3_000, 4_999, 5_000, 6_999, 7_000, 8_000])).toEqual([
      '12',
      '12.10',
      '12.10',
      '13',
      '14',
      '10',
      '11',
    ]);
  });

  it('is that which the venue will have told, at whatever speed and after whatever stop', async () => {
    const life = fc.record({
      speed: fc.constantFrom(0, 0.5, 1, 2.7, 20),
      lasts: fc.nat(9_000),
      down: fc.nat(4_000),
      looks: fc.array(fc.nat(3_000), { maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
        const clock = steppedClock(NOON);
        const state = memoryState();
        const seen: { readonly at: number; readonly price: string }[] = [];
        for (const { speed, lasts, down, looks } of lives) {
          const venue = await run(clock, state, speed);
          await turn();
          const reader = await read(clock, state);
          for (const after of [0, ...looks]) {
            await clock.advance(after);
            // Where time stands still, what it stands in is told with no time of its own.
            if (speed !== 0) seen.push({ at: clock.now(), price: (await quoteOf(reader))!.price });
          }
          await clock.advance(lasts);
          await venue.close();
          await clock.advance(down);
        }
        const venue = await run(clock, state);
        await turn();
        await clock.advance(20_000);
        const told = await taken(venue.history!('A/B', 0, clock.now(), new AbortController().signal), Infinity);
        await venue.close();
        const candles = told.map(({ price }) => price).filter((price) => price.kind === 'candle');
        for (const { at, price } of seen) {
          const inForce = candles.findLast(({ time }) => time <= at) ?? candles[0]!;
          expect(price).toBe(at < inForce.time + inForce.interval ? inForce.open : inForce.close);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stays and grows old when nobody runs it, and goes on when somebody does', async () => {
    const { reader, clock, venue, state } = await begun();
    await clock.advance(1_500);
    const stopped = clock.now();
    await venue.close();
    await clock.advance(4_000);
    expect(await quoteOf(reader)).toMatchObject({ price: '11', at: clock.now() });
    await clock.advance(60_000);
    const old = await quoteOf(reader);
    expect(old!.price).toBe('11');
    expect(Math.abs(old!.at - stopped)).toBeLessThanOrEqual(1);
    const again = await run(clock, state);
    await clock.advance(1_000);
    expect(await quoteOf(reader)).toMatchObject({ price: '12', at: clock.now() });
    await again.close();
  });

  it('grows old, too, where its process was killed', async () => {
    const { reader, clock, state } = await begun();
    await clock.advance(1_500);
    state.write = async () => {
      throw new Error('killed');
    };
    const reserved = clock.now() + 2_000 + 1;
    await clock.advance(120_000);
    const { at } = (await quoteOf(reader))!;
    expect(at).toBeGreaterThanOrEqual(NOON + 1_500);
    expect(at).toBeLessThanOrEqual(reserved);
  });

  it('is the same whatever the others ask', async () => {
    const { reader, clock, state, venue } = await begun();
    let reads = 0;
    const counted = await openSimulationReader({
      source: prices.folder,
      now: clock.now,
      readState: async () => {
        reads += 1;
        return state.text;
      },
    });
    const text = state.text;
    await Promise.all(Array.from({ length: 50 }, () => counted.quotes(['A/B', 'C/D'])));
    await clock.advance(199);
    await counted.quotes(['A/B']);
    expect(reads).toBe(1);
    await clock.advance(1);
    await counted.quotes(['A/B']);
    expect(reads).toBe(2);
    expect(await quoteOf(counted)).toEqual(await quoteOf(reader));
    expect(state.text).toBe(text);
    await venue.close();
  });

  it('is waited for just after the opening, until whoever runs the simulation has begun', async () => {
    const state = memoryState();
    const reader = await openSimulationReader({ source: prices.folder, readState: state.read, waitMs: 60_000 });
    let isTold = false;
    const quoted = quoteOf(reader).then((quote) => {
      isTold = true;
      return quote;
    });
    await reader.listed(['A/B']);
    expect(isTold).toBe(false);
    const venue = await openSimulatedVenue({ source: prices.folder, state, keepsClock: true });
    expect(await quoted).not.toBeNull();
    await venue.close();
  });

  it('is none before anybody ran the simulation', async () => {
    const clock = steppedClock(NOON);
    const reader = await read(clock, memoryState());
    expect(await quoteOf(reader)).toBeNull();
    expect(await reader.chart('A/B', '1m', 10)).toEqual([]);
    expect([...reader.symbols]).toEqual(['A/B', 'C/D']);
    expect(await reader.listed(['A/B', 'X/Y'])).toEqual(new Set(['A/B']));
    expect(await reader.book('A/B', 5)).toBeNull();
    expect((await reader.quotes(['X/Y'])).get('X/Y')).toEqual({ refused: 'simulated has no prices of X/Y' });
  });

  it('can not be told where the simulation is of other files, or can not be read', async () => {
    const { clock, state } = await begun();
    const other = mkdtempSync(join(folder, 'other-'));
    const file = join(prices.folder, 'A-B_1s.csv');
    copyFileSync(file, join(other, basename(file)));
    const reader = await read(clock, state, other);
    await expect(reader.quotes(['A/B'])).rejects.toThrow(/can't be read: it is of other price files/);
    const readState = (): Promise<string> => Promise.reject(new Error('the store is away'));
    const away = await openSimulationReader({ source: prices.folder, readState, now: clock.now, waitMs: 0 });
    await expect(away.quotes(['A/B'])).rejects.toThrow(VenueUnavailable);
    await expect(away.chart('A/B', '1m', 1)).rejects.toThrow('simulated: the store is away');
    await expect(read(clock, state, join(folder, 'none'))).rejects.toThrow('none');
  });
});

describe('the change of 24 hours', () => {
  it('is by the time of the files, from the first prices where there are none as old', async () => {
    const source = minutes(2 * 1_440);
    const { clock, state, venue, reader } = await begun(600, source);
    // 10 minutes of the files in each second: 12 h of them.
    await clock.advance(72_000);
    const [half] = [await quoteOf(reader, 'BTC/USDT')];
    expect(half).toEqual({ price: '820', at: clock.now(), change24h: '720' });
    await clock.advance(144_000);
    // 36 h: from that of 12 h.
    expect(await quoteOf(reader, 'BTC/USDT')).toMatchObject({ price: '2260', change24h: '175.6098' });
    await venue.close();
    expect(state.writes).toBeGreaterThan(100);
  });
});

describe('the chart of a simulation that is read', () => {
  it('ends with what is in force, and tells nothing of what comes', async () => {
    const { clock, reader, venue } = await begun(1, minutes(100));
    const now = { time: NOON, open: '100', high: '100', low: '100', close: '100', volume: null };
    expect(await reader.chart('BTC/USDT', '1m', 10)).toEqual([now]);
    await clock.advance(30_000);
    expect(await reader.chart('BTC/USDT', '1m', 10)).toEqual([now]);
    await clock.advance(45_000);
    expect(await reader.chart('BTC/USDT', '1m', 10)).toEqual([
      { time: NOON, open: '100', high: '102', low: '98', close: '100.5', volume: null },
      { time: NOON + MINUTE, open: '101', high: '101', low: '101', close: '101', volume: null },
    ]);
    expect(await reader.chart('BTC/USDT', '1d', 10)).toEqual([
      { time: NOON - (NOON % DAY), open: '100', high: '102', low: '98', close: '101', volume: null },
    ]);
    await venue.close();
  });

  it('has the candles that those of the file add up to, the newest of them', async () => {
    for (const speed of [1, 7, 60]) {
      const { clock, reader, venue } = await begun(speed, minutes(50));
      await clock.advance(12 * MINUTE + 10_000);
      const signal = new AbortController().signal;
      const told = await taken(venue.history!('BTC/USDT', 0, clock.now(), signal), Infinity);
      const { price: last } = (await quoteOf(reader, 'BTC/USDT'))!;
      const rows = told.map(({ price }) => price).filter((price) => price.kind === 'candle');
      const inForce = { time: clock.now(), open: last, high: last, low: last, close: last };
      for (const interval of ['1m', '5m', '15m'] as const) {
        const expected = new Map<number, ChartCandle>();
        for (const { time, open, high, low, close } of [...rows, inForce]) {
          const start = time - (time % CHART_INTERVALS[interval]);
          const before = expected.get(start);
          expected.set(start, {
            time: start,
            open: before?.open ?? open,
            high: before === undefined || Number(high) > Number(before.high) ? high : before.high,
            low: before === undefined || Number(low) < Number(before.low) ? low : before.low,
            close,
            volume: null,
          });
        }
        expect(await reader.chart('BTC/USDT', interval, 1_000)).toEqual([...expected.values()]);
        expect(await reader.chart('BTC/USDT', interval, 2)).toEqual([...expected.values()].slice(-2));
      }
      await venue.close();
    }
  });

  it('is bounded in what it looks at: the oldest candles are left out, none is told in part', async () => {
    const { clock, reader, venue } = await begun(20_000, minutes(50));
    // 20,000 minutes of the files in each minute.
    await clock.advance(10.5 * MINUTE);
    const chart = await reader.chart('BTC/USDT', '1m', 1_000);
    // Of 100,000 some 10,000 are in the candle that is being made, and 20,000 in each before.
    expect(chart.map(({ time }) => (time - NOON) / MINUTE)).toEqual([6, 7, 8, 9, 10]);
    for (const candle of chart.slice(0, -1)) expect(candle).toMatchObject({ high: '151', low: '98' });
    await venue.close();
  });
});

describe('a clock that is kept going', () => {
  it('is written now and then, at once at speed 0, and tried again where it can not be', async () => {
    const clock = steppedClock(NOON);
    const state = memoryState();
    state.failures = 2;
    const troubles: string[] = [];
    const venue = await openSimulatedVenue({
      source: prices.folder,
      state,
      now: clock.now,
      sleep: clock.sleep,
      keepsClock: true,
      onTrouble: (reason) => troubles.push(reason),
    });
    await clock.advance(20_500);
    expect(troubles).toEqual(['the disk is full', 'the disk is full']);
    expect(state.writes).toBeGreaterThanOrEqual(10);
    expect(state.writes).toBeLessThanOrEqual(20);
    await venue.close();
    const still = await run(clock, state, 0);
    const writes = state.writes;
    await clock.advance(60_000);
    expect(state.writes).toBe(writes);
    expect(JSON.parse(state.text!).segments.at(-1)[2]).toBe(0);
    await still.close();
    expect(state.writes).toBe(writes);
  });

  it('is not kept where nobody wants it: nothing is written before a price is told', async () => {
    const clock = steppedClock(NOON);
    const state = memoryState();
    const venue = await openSimulatedVenue({ source: prices.folder, state, now: clock.now, sleep: clock.sleep });
    await clock.advance(10_000);
    expect(state.text).toBeNull();
    await venue.close();
  });
});
