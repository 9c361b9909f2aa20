import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFile } from '../../../stores/src/testing/scratch.ts';
import type { Candle } from '../price.ts';
import { readSeries, seriesFilesIn } from '../series/read.ts';
import { type Quoted, VenueUnavailable } from '../venue.ts';
import { openSimulatedVenue } from './simulated.ts';
import { SHIPPED_PRICES } from './simulated-shipped.ts';
import { type FakeClock, fakeClock, memoryState, taken, writtenPrices } from './testing/simulated.ts';

const folder = scratchFile('');
const prices = writtenPrices(folder);
const NOON = Date.UTC(2026, 3, 4, 12);
const both = (): ReadonlySet<string> => new Set(['A/B', 'C/D']);

async function opened(clock: FakeClock, speed = 1, state = memoryState()) {
  const begunAnew: string[] = [];
  const venue = await openSimulatedVenue({
    source: prices.folder,
    speed,
    state,
    now: clock.now,
    sleep: clock.sleep,
    onBegunAnew: (reason) => begunAnew.push(reason),
  });
  return { venue, state, begunAnew };
}

function streamed(venue: Awaited<ReturnType<typeof opened>>['venue'], count: number, symbols = both) {
  return taken(venue.stream(symbols, { signal: new AbortController().signal }), count);
}

async function remembered(venue: Awaited<ReturnType<typeof opened>>['venue'], symbol: string, from = 0, to = Infinity) {
  return taken(venue.history!(symbol, from, to, new AbortController().signal), Infinity);
}

describe('the simulated venue', () => {
  it('tells the prices of all files from the start, in times of the wall clock', async () => {
    const { venue } = await opened(fakeClock(NOON));
    const told = await streamed(venue, 6);
    // The file times -1, where the simulation begins, is told at NOON.
    expect(told.map(({ symbol, price }) => [symbol, price.kind, price.time - NOON])).toEqual([
      ['C/D', 'tick', 1],
      ['C/D', 'tick', 301],
      ['C/D', 'tick', 301],
      ['A/B', 'candle', 1],
      ['C/D', 'tick', 1_701],
      ['A/B', 'candle', 1_001],
    ]);
    expect(told[5]!.price).toEqual({ ...prices.candles[1], time: NOON + 1_001, interval: 1_000 });
    expect(told[5]!.receivedAt).toBe(NOON + 2_001);
    await venue.close();
  });

  it('scales candles, holes and ticks with the speed', async () => {
    const { venue } = await opened(fakeClock(NOON), 20);
    const told = (await streamed(venue, 4, () => new Set(['A/B']))).map(({ price }) => price as Candle);
    expect(told.map(({ time, interval }) => [time - NOON, interval])).toEqual([
      [0, 50],
      [50, 50],
      [100, 50],
      [250, 50],
    ]);
    await venue.close();
  });

  it('begins each file again where it ends, with another jump in price', async () => {
    const { venue } = await opened(fakeClock(NOON), 100);
    const told = await streamed(venue, 3 * prices.candles.length, () => new Set(['A/B']));
    const opens = prices.candles.map(({ open }) => open);
    expect(told.map(({ price }) => (price as Candle).open)).toEqual([...opens, ...opens, ...opens]);
    const loop = told.map(({ price }) => price.time)[prices.candles.length]! - told[0]!.price.time;
    expect(loop).toBe(70);
    await venue.close();
  });

  it('resolves and quotes what it has files of, and nothing else', async () => {
    const clock = fakeClock(NOON);
    const { venue } = await opened(clock);
    expect(await venue.resolve('A/B')).toEqual({ symbol: 'A/B', name: 'A/B (simulated)' });
    expect((await venue.resolve('a/b'))!.symbol).toBe('A/B');
    for (const text of ['A-B', '', 'X/Y', 'constructor']) expect(await venue.resolve(text)).toBeNull();
    expect(await venue.quote('A/B')).toBeNull();
    clock.advance(1_001);
    expect(await venue.quote('A/B')).toEqual({
      symbol: 'A/B',
      price: { ...prices.candles[0], time: NOON + 1 },
      receivedAt: NOON + 1_001,
    });
    expect((await venue.quote('C/D'))!.price).toMatchObject({ price: prices.ticks[2]!.price });
    expect(await venue.quote('C/D', 'yes')).toBeNull();
    expect(await venue.quote('X/Y')).toBeNull();
    expect(await remembered(venue, 'X/Y')).toEqual([]);
    expect({ name: venue.name, simulated: venue.simulated }).toEqual({ name: 'simulated', simulated: true });
    await venue.close();
  });

  it('stands still at speed 0, and goes on from there at another', async () => {
    const clock = fakeClock(NOON);
    const { venue, state } = await opened(clock);
    await streamed(venue, 6);
    await venue.close();
    const before = clock.now();
    const still = await opened(clock, 0, state);
    const quote = await still.venue.quote('A/B');
    clock.advance(3_600_000);
    expect((await still.venue.quote('A/B'))!.price).toEqual(quote!.price);
    expect(await remembered(still.venue, 'A/B', before)).toEqual([]);
    await still.venue.close();
    const again = await opened(clock, 2, state);
    const [next] = await streamed(again.venue, 1, () => new Set(['A/B']));
    expect(next!.price).toMatchObject({ open: prices.candles[2]!.open });
    await again.venue.close();
  });

  it('tells who is asked for later from then on, and no more who is not asked for', async () => {
    const clock = fakeClock(NOON);
    const { venue } = await opened(clock);
    let symbols = new Set(['A/B']);
    const told: Quoted[] = [];
    for await (const quoted of venue.stream(() => symbols, { signal: new AbortController().signal })) {
      told.push(quoted);
      if (told.length === 1) symbols = new Set(['C/D']);
      if (told.length === 4) break;
    }
    expect(told.map(({ symbol }) => symbol)).toEqual(['A/B', 'C/D', 'C/D', 'C/D']);
    expect(told[1]!.price.time).toBe(NOON + 1_701);
    await venue.close();
  });

  it('goes on with a stream where history ended, however much later it begins', async () => {
    const clock = fakeClock(NOON);
    const { venue } = await opened(clock, 10);
    clock.advance(5_000);
    const past = await remembered(venue, 'A/B', 0, clock.now());
    clock.advance(5_000);
    const next = await streamed(venue, 100, () => new Set(['A/B']));
    expect([...past, ...next].map(({ price }) => price)).toEqual(
      (await remembered(venue, 'A/B')).map(({ price }) => price).slice(0, past.length + 100),
    );
    await venue.close();
  });

  it('does not tell a stream again what old history, or history beside another stream, told', async () => {
    const clock = fakeClock(NOON);
    const { venue } = await opened(clock, 10);
    clock.advance(100_000);
    expect(await remembered(venue, 'A/B', 0, NOON + 10_000)).not.toEqual([]);
    const [first] = await streamed(venue, 1);
    expect(first!.price.time).toBeGreaterThan(NOON + 99_000);
    for await (const _ of venue.stream(both, { signal: new AbortController().signal })) {
      await remembered(venue, 'A/B');
      break;
    }
    clock.advance(30_000);
    const [next] = await streamed(venue, 1);
    expect(next!.price.time).toBeGreaterThan(NOON + 129_000);
    await venue.close();
  });

  it('gives history between two moments: begun at the first or later, known by the second', async () => {
    const clock = fakeClock(NOON);
    const { venue } = await opened(clock);
    clock.advance(60_000);
    const told = await remembered(venue, 'A/B', NOON + 1_001, NOON + 6_001);
    expect(told.map(({ price }) => price.time - NOON)).toEqual([1_001, 2_001, 5_001]);
    expect(await remembered(venue, 'A/B', NOON + 1_002, NOON + 6_000)).toHaveLength(1);
    await venue.close();
  });

  it('tells no price before it is remembered how far it may tell, and waits while that fails', async () => {
    const clock = fakeClock(NOON);
    const state = memoryState();
    const { venue } = await opened(clock, 1, state);
    state.failures = 3;
    await expect(venue.quote('A/B')).rejects.toThrow(VenueUnavailable);
    const troubles: unknown[] = [];
    const stream = venue.stream(both, {
      signal: new AbortController().signal,
      onTrouble: (trouble) => troubles.push(trouble),
    });
    const [first] = await taken(stream, 1);
    const trouble = { venue: 'simulated', symbol: null, reason: 'simulated: the disk is full' };
    expect(troubles).toEqual([
      { ...trouble, retryIn: 500 },
      { ...trouble, retryIn: 1_000 },
    ]);
    expect(first).toMatchObject({ symbol: 'C/D', price: { time: NOON + 1 } });
    await venue.close();
  });

  it('writes now and then, not for each price', async () => {
    const { venue, state } = await opened(fakeClock(NOON), 300);
    await streamed(venue, 3_000);
    expect(state.writes).toBeLessThan(20);
    await venue.close();
  });

  it('ends its streams and refuses questions when it is closed, and ends a stream with its signal', async () => {
    const clock = fakeClock(NOON);
    const { venue } = await opened(clock);
    const stop = new AbortController();
    const stopped = venue.stream(both, { signal: stop.signal })[Symbol.asyncIterator]();
    await stopped.next();
    stop.abort();
    expect(await stopped.next()).toEqual({ done: true, value: undefined });
    const going = venue.stream(both, { signal: new AbortController().signal })[Symbol.asyncIterator]();
    await going.next();
    await venue.close();
    await venue.close();
    expect(await going.next()).toEqual({ done: true, value: undefined });
    await expect(venue.quote('A/B')).rejects.toThrow('simulated: the venue is closed');
    await expect(remembered(venue, 'A/B')).rejects.toThrow(VenueUnavailable);
  });

  it('runs by the real clock too', async () => {
    const venue = await openSimulatedVenue({ source: prices.folder, speed: 300, state: memoryState() });
    const stop = new AbortController();
    const told = await taken(venue.stream(both, { signal: stop.signal }), 20);
    expect(told.every(({ price, receivedAt }) => price.time <= receivedAt)).toBe(true);
    await venue.close();
  });
});

describe('what the simulated venue remembers', () => {
  it('goes on from just where it was closed', async () => {
    const clock = fakeClock(NOON);
    const { venue, state } = await opened(clock);
    await streamed(venue, 6);
    const closedAt = clock.now();
    await venue.close();
    clock.advance(86_400_000);
    const again = await opened(clock, 1, state);
    const [next] = await streamed(again.venue, 1, () => new Set(['A/B']));
    const candle = next!.price as Candle;
    // It opened before the venue was closed and closed after it was opened again.
    expect(candle).toMatchObject({ open: prices.candles[2]!.open, time: closedAt });
    expect(candle.time + candle.interval - 86_400_000 - closedAt).toBeGreaterThan(990);
    expect(candle.time + candle.interval - 86_400_000 - closedAt).toBeLessThanOrEqual(1_000);
    expect(again.begunAnew).toEqual([]);
    await again.venue.close();
  });

  it('tells the same with the same times where the clock was set back, and then more', async () => {
    const clock = fakeClock(NOON);
    const { venue, state } = await opened(clock);
    const told = await streamed(venue, 6);
    await venue.close();
    clock.advance(-60_000);
    const again = await opened(clock, 1, state);
    const more = await streamed(again.venue, 9);
    expect(more.slice(0, 6).map(({ price }) => price)).toEqual(told.map(({ price }) => price));
    expect(more[8]!.price.time).toBeGreaterThan(told[5]!.price.time);
    await again.venue.close();
  });

  it('is begun anew, and said, with other files or where it was damaged', async () => {
    const clock = fakeClock(NOON);
    const { venue, state } = await opened(clock);
    await streamed(venue, 6);
    await venue.close();
    const good = state.text!;
    const damaged = [
      ['{', /no JSON/],
      ['null', /no object/],
      [good.replace('"version":1', '"version":2'), /version is 2, not 1/],
      [good.replace(/"fingerprint":"\w/, '"fingerprint":"x'), /other price files/],
      [good.replace(/"segments":\[.*\]\]/, '"segments":[]'), /segments are damaged/],
      [good.replace(/"segments":\[\[-1/, '"segments":[["-1"'), /segments are damaged/],
      [good.replace(/"segments":\[\[-1,(\d+),1\]/, '"segments":[[-1,$1,1],[-1,$1,1]'), /out of order/],
      [good.replace(/"upTo":\d+/, '"upTo":-5'), /upTo/],
    ] as const;
    clock.advance(1_000_000);
    for (const [text, message] of damaged) {
      expect(text).not.toBe(good);
      state.text = text;
      const again = await opened(clock, 1, state);
      expect(again.begunAnew).toEqual([expect.stringMatching(message)]);
      expect((await streamed(again.venue, 1))[0]!.price.time).toBe(clock.now());
      await again.venue.close();
    }
  });

  it('stays small however often it is opened', async () => {
    const clock = fakeClock(NOON);
    const state = memoryState();
    for (let times = 0; times < 1_100; times++) {
      const { venue } = await opened(clock, 1 / 3, state);
      clock.advance(1_234);
      await venue.quote('A/B');
      await venue.close();
      clock.advance(86_400_000);
    }
    expect(state.text!.length).toBeLessThanOrEqual(60_000);
    const { venue, begunAnew } = await opened(clock, 1, state);
    const told = await remembered(venue, 'C/D');
    expect(told.length).toBeGreaterThan(100);
    expect(told[0]!.price.time).toBeGreaterThan(NOON + 86_400_000);
    expect(begunAnew).toEqual([]);
    await venue.close();
  });
});

describe('the files of a simulation', () => {
  const open = (source: string, speed = 1) => openSimulatedVenue({ source, speed, state: memoryState() });
  const written = (name: string, text: string, inFolder = mkdtempSync(join(folder, 'files-'))): string => {
    writeFileSync(join(inFolder, name), text);
    return inFolder;
  };

  it('may be a single one', async () => {
    const venue = await open(join(prices.folder, 'A-B_1s.csv'));
    expect(await venue.resolve('A/B')).not.toBeNull();
    expect(await venue.resolve('C/D')).toBeNull();
    await venue.close();
  });

  it('are refused where they are missing, empty, of one instrument, wrong inside or too slow for the speed', async () => {
    await expect(open(join(folder, 'nowhere'))).rejects.toThrow(/nowhere/);
    await expect(open(written('X-Y_1m.csv', 'time,open,high,low,close\n'))).rejects.toThrow(
      /X-Y_1m.csv: holds no prices/,
    );
    const twice = written('X-Y_1m.csv', 'time,open,high,low,close\n0,1,1,1,1\n');
    written('X-Y_ticks.csv', 'time,price\n0,1\n', twice);
    await expect(open(twice)).rejects.toThrow(/X-Y_1m\.csv and .*X-Y_ticks\.csv are both of X\/Y/);
    await expect(open(written('X-Y_ticks.csv', 'time,price\n0,0\n'))).rejects.toThrow(
      /X-Y_ticks\.csv, line 2: price "0"/,
    );
    await expect(open(prices.folder, 334)).rejects.toThrow(/speed of 334 is too fast for .*A-B_1s\.csv.* 333\.3/);
    await expect(open(prices.folder, -1)).rejects.toThrow(/0 or more, not -1/);
    await expect(open(prices.folder, Number.NaN)).rejects.toThrow(/not NaN/);
  });

  it('ship with the product, and can be replayed', async () => {
    const files = await Promise.all((await seriesFilesIn(SHIPPED_PRICES)).map((file) => readSeries(file)));
    expect(files.map(({ instrument, interval, length }) => [instrument, interval, length])).toEqual([
      ['BTC/USDT', 60_000, 1_440],
      ['ETH/USDT', 60_000, 1_440],
    ]);
    const clock = fakeClock(NOON);
    const venue = await openSimulatedVenue({ source: SHIPPED_PRICES, speed: 60, state: memoryState(), ...clock });
    const told = await streamed(venue, 4, () => new Set(['BTC/USDT', 'ETH/USDT']));
    expect(told[0]!.price).toMatchObject({ open: '65879.30', high: '65879.30', low: '65746.70', close: '65746.70' });
    await venue.close();
  });
});
