/**
 * What a tick costs that finds the signals it concerns among so many open ones, in this process alone, and what an open
 * signal weighs: node market.ts SIGNALS SECONDS
 *
 * However many signals there are, each instrument has ten that wait near its price, and the price swings so that it
 * reaches those and never the rest: the same hits in each row, so that what differs is what the others cost.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Tick } from '../../libs/market/src/price.ts';
import type { Waits } from '../../libs/market/src/watch-waits.ts';
import { Watches } from '../../libs/market/src/watches.ts';

export interface MarketFigures {
  /** A second of CPU. */
  readonly ticksPerSecond: number;
  /** Ticks that touched a signal count as often as they touched one. Each was set again, which is part of the time. */
  readonly hitsPerThousand: number;
  /** All of it: the index, ids, and the arrays' room to grow. */
  readonly bytesPerSignal: number;
}

const INSTRUMENTS = 100;
const NEAR = 10;
/** Of each instrument, drawn before they are timed. */
const TICKS_AT_ONCE = 500;
const WARM_UP_MS = 500;
const DAY_MS = 86_400_000;
/** At most so much of the price, either way, in a tick, and how much of the way back to where it swings about. */
const STEP = 0.000_6;
const PULL = 0.001;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const [signals, seconds] = process.argv.slice(2).map(Number) as [number, number];
const instruments = Array.from({ length: INSTRUMENTS }, (_, n) => `SIM${n}/USDT`);
const levels = instruments.map((_, n) => 10 + n * 3);
const prices = [...levels];
let now = 1_750_000_000_000;

const before = bytes();
const watches = new Watches(now);
for (let signal = 0; signal < signals; signal += 1) {
  const instrument = signal % INSTRUMENTS;
  watches.set(instruments[instrument]!, idOf(signal), waitsOf(signal, prices[instrument]!));
}
const bytesPerSignal = (bytes() - before) / signals;

measure(WARM_UP_MS);
const { ticks, hits, milliseconds } = measure(seconds * 1_000);
if (watches.size !== signals) throw new Error(`${watches.size} signals are open instead of ${signals}`);
const figures: MarketFigures = {
  ticksPerSecond: (ticks * 1_000) / milliseconds,
  hitsPerThousand: (hits * 1_000) / ticks,
  bytesPerSignal,
};
process.send!(figures, () => process.exit(0));

/** Half wait in a position for stop or target, four in ten for their entry, one in ten trails behind the price. */
function waitsOf(signal: number, price: number): Waits {
  const place = Math.floor(signal / INSTRUMENTS);
  const long = (place + signal) % 4 < 2;
  const away = (): number =>
    price * (place < NEAR ? 0.002 + Math.random() * 0.01 : 0.2 + Math.random() * 0.3) * (long ? 1 : -1);
  const [adverse, favourable] = [price - away(), price + away()];
  const none: Waits = { below: null, above: null, until: null, next: false, trail: null, from: now };
  if (place % 10 === 9) {
    const trail = { sign: long ? 1 : -1, distance: Math.abs(away()), best: price.toFixed(4) } as const;
    return long ? { ...none, below: adverse, trail } : { ...none, above: adverse, trail };
  }
  if (place % 2 === 0) return { ...none, below: Math.min(adverse, favourable), above: Math.max(adverse, favourable) };
  const until = now + DAY_MS * (1 + Math.random() * 30);
  return long ? { ...none, below: adverse, until } : { ...none, above: adverse, until };
}

/** In milliseconds of CPU, all threads of this process: what else the machine does meanwhile is not the index's. */
function measure(least: number): { ticks: number; hits: number; milliseconds: number } {
  let [ticks, hits, milliseconds] = [0, 0, 0];
  while (milliseconds < least) {
    const drawn = drawTicks();
    const start = process.cpuUsage();
    drawn.forEach((tick, n) => {
      const instrument = instruments[n % INSTRUMENTS]!;
      for (const id of watches.touched(instrument, tick)) {
        watches.set(instrument, id, waitsOf(signalOf(id), Number(tick.price)));
        hits += 1;
      }
    });
    const { user, system } = process.cpuUsage(start);
    milliseconds += (user + system) / 1_000;
    ticks += drawn.length;
  }
  return { ticks, hits, milliseconds };
}

/** One instrument after the other, over and over. */
function drawTicks(): Tick[] {
  return Array.from({ length: TICKS_AT_ONCE * INSTRUMENTS }, (_, n) => {
    const instrument = n % INSTRUMENTS;
    if (instrument === 0) now += 1;
    const level = levels[instrument]!;
    const moved = prices[instrument]! * (1 + (Math.random() * 2 - 1) * STEP);
    prices[instrument] = moved + (level - moved) * PULL;
    return { kind: 'tick', time: now, price: prices[instrument].toFixed(4) };
  });
}

/** 32 hex digits, as a signal's id has. */
function idOf(signal: number): string {
  const id = Buffer.alloc(16, 0xa5);
  id.writeUInt32BE(signal, 12);
  return id.toString('hex');
}

function signalOf(id: string): number {
  return parseInt(id.slice(24), 16);
}

function bytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
