/** The prices of a simulation that another process runs, or another thread: read from what it remembers, never written. */
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import Big from 'big.js';
import { CHART_INTERVALS, type ChartCandle, type ChartInterval, joined } from '../charts.ts';
import type { QuoteSource, ToldQuote } from '../quote-source.ts';
import { VenueUnavailable } from '../venue.ts';
import { fingerprintOf, readFiles } from './simulated-files.ts';
import { endOf, reachedBy, type Segment, type Simulation } from './simulated-segments.ts';
import { readState } from './simulated-state.ts';
import { createTrack, type Track } from './simulated-track.ts';

export interface SimulationReaderOptions {
  /** The same files that the simulation runs on: a price file, or a folder of them. */
  readonly source: string;
  /** What the venue that runs it (`openSimulatedVenue` with `keepsClock`) wrote last; null: nothing yet. */
  readonly readState: () => Promise<string | null>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How long a question waits, just after the opening, for a simulation that does not go on yet, in milliseconds: 1500. */
  readonly waitMs?: number;
}

export interface SimulationReader extends QuoteSource {
  /** The pairs that it has files of, known without asking: `BTC/USDT`. */
  readonly symbols: ReadonlySet<string>;
}

const NAME = 'simulated';

/** The state is read again when it was read so long ago. */
const READ_MS = 200;

/** A simulation that is so far behind its clock still counts as going on: its writer may be slow, or its process changing. */
const BEHIND_MS = 5_000;

/** Just after it was opened, whoever runs the simulation may be about to begin: a question waits for that. */
const BEGINNING_MS = 10_000;
const WAIT_MS = 1_500;
const LOOK_MS = 50;

const DAY = 86_400_000;

/** Prices of a file that one chart looks at: some tenths of a second of work, between which others get their turn. */
const MOST_LOOKED_AT = 100_000;
const TURN = 200;

/** Digits of a change behind the dot. */
const CHANGE_PLACES = 4;

/** Where a simulation is. */
interface Place {
  readonly segments: readonly Segment[];
  readonly position: number;
  /** When it was told to be there: now while it goes on, milliseconds since 1970. */
  readonly at: number;
}

/**
 * Opens a reader. **The price is that which the files say is in force at the position that the simulation has
 * reached**: the open of the candle that began there last, its close once it is closed and none has begun yet, or the
 * last tick. So there is one from the first moment on, also where time stands still. Nothing of what comes after that
 * position is told: neither the rest of a candle that is in force, nor, while nobody runs the simulation, what its
 * clock would have come to. Its time is the present one while the simulation goes on, or stands at speed 0 by its
 * settings; else that at which the position was reached, so that it grows old.
 *
 * The change of 24 hours is by the time of the files; a younger simulation is compared with its first prices. A chart
 * holds what the simulation told since it began, in times of the wall clock, and ends with the price in force; of a
 * long one that runs fast the oldest candles may be left out. There is no book.
 * @throws Error naming what is wrong with the files.
 */
export async function openSimulationReader(options: SimulationReaderOptions): Promise<SimulationReader> {
  const { source, now = Date.now, waitMs = WAIT_MS } = options;
  const files = await readFiles(source);
  const fingerprint = fingerprintOf(files);
  const tracks = new Map(files.map(createTrack).map((track) => [track.symbol, track]));
  let read: { readonly at: number; readonly simulation: Promise<Simulation | null> } | null = null;

  const simulationNow = (moment: number): Promise<Simulation | null> => {
    // Where the machine's clock was set back, too.
    if (read === null || Math.abs(moment - read.at) >= READ_MS) {
      read = { at: moment, simulation: readSimulation(options.readState, fingerprint) };
    }
    return read.simulation;
  };
  const lookNow = async (): Promise<{ readonly place: Place | null; readonly isGoing: boolean }> => {
    const moment = now();
    const simulation = await simulationNow(moment);
    const place = simulation === null ? null : placeOf(simulation, moment);
    return { place, isGoing: place?.at === moment };
  };
  const opened = performance.now();
  const placeNow = async (): Promise<Place | null> => {
    const until = Math.min(opened + BEGINNING_MS, performance.now() + waitMs);
    for (;;) {
      const { place, isGoing } = await lookNow();
      if (isGoing || performance.now() >= until) return place;
      await sleep(LOOK_MS);
    }
  };
  return {
    name: NAME,
    simulated: true,
    symbols: new Set(tracks.keys()),
    listed: async (pairs) => new Set(pairs.filter((pair) => tracks.has(pair))),
    quotes: async (pairs) => {
      const place = await placeNow();
      return new Map(pairs.map((pair) => [pair, quoteOf(pair, tracks.get(pair), place)]));
    },
    chart: async (pair, interval, limit) => {
      const track = tracks.get(pair);
      const place = await placeNow();
      return track === undefined || place === null ? [] : chartOf(track, place, interval, limit);
    },
    book: async () => null,
    close: async () => undefined,
  };
}

async function readSimulation(readText: () => Promise<string | null>, fingerprint: string): Promise<Simulation | null> {
  const text = await readText().catch((error: Error) => {
    throw new VenueUnavailable(`${NAME}: ${error.message}`, { cause: error });
  });
  if (text === null) return null;
  const state = readState(text, fingerprint);
  if ('unfit' in state) throw new VenueUnavailable(`${NAME}: the simulation that runs can't be read: ${state.unfit}`);
  return state;
}

function placeOf(simulation: Simulation, moment: number): Place {
  const { segments, upTo } = simulation;
  const position = Math.min(reachedBy(segments, moment), upTo);
  const end = segments.at(-1)!.speed === 0 ? moment : endOf(simulation);
  return { segments, position: Math.max(0, position), at: end >= moment - BEHIND_MS ? moment : end };
}

function quoteOf(pair: string, track: Track | undefined, place: Place | null): ToldQuote {
  if (track === undefined) return { refused: `${NAME} has no prices of ${pair}` };
  if (place === null) return { quote: null };
  const price = priceBy(track, place.position);
  const before = priceBy(track, Math.max(0, place.position - DAY));
  const change = new Big(price).minus(before).times(100).div(before);
  return { quote: { price, at: place.at, change24h: change.round(CHANGE_PLACES).toFixed() } };
}

/** What is in force at a position, which is 0 or more. */
function priceBy(track: Track, position: number): string {
  const number = track.begunBy(position) - 1;
  const price = track.fileAt(number);
  if (price.kind === 'tick') return price.price;
  return number < track.knownBy(position) ? price.close : price.open;
}

async function chartOf(
  track: Track,
  { segments, position, at }: Place,
  interval: ChartInterval,
  limit: number,
): Promise<readonly ChartCandle[]> {
  const width = CHART_INTERVALS[interval];
  const newestFirst: ChartCandle[] = [];
  /** Whether there was room for it. */
  const add = (moment: number, [open, high, low, close]: readonly [string, string, string, string]): boolean => {
    const candle = { time: Math.floor(moment / width) * width, open, high, low, close, volume: null };
    const next = newestFirst.at(-1);
    if (next?.time === candle.time) newestFirst[newestFirst.length - 1] = joined(candle, next);
    else if (newestFirst.length < limit) newestFirst.push(candle);
    else return false;
    return true;
  };
  const now = priceBy(track, position);
  add(at, [now, now, now, now]);
  let number = track.knownBy(position) - 1;
  let left = MOST_LOOKED_AT;
  for (; number >= 0 && left > 0; number--, left--) {
    const price = track.priceAt(number, segments);
    if (price !== null) {
      const isRoom =
        price.kind === 'tick'
          ? add(price.time, [price.price, price.price, price.price, price.price])
          : add(price.time, [price.open, price.high, price.low, price.close]);
      if (!isRoom) break;
    }
    if (left % TURN === 0) await breathe();
  }
  // What was not looked at belongs to the oldest candle, too.
  if (left === 0 && number >= 0) newestFirst.pop();
  return newestFirst.toReversed();
}
