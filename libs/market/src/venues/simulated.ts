/** A venue for sandbox channels: recorded prices, told again and again as if they were made now. */
import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises';
import { type Quoted, type Venue, VenueUnavailable } from '../venue.ts';
import { fingerprintOf, readFiles } from './simulated-files.ts';
import { BREATH, tellTracks } from './simulated-stream.ts';
import { openTimeline, type SimulationState } from './simulated-timeline.ts';
import { createTrack, refuseTooFast, type Track } from './simulated-track.ts';

const NAME = 'simulated';

/** History that was asked for up to a moment this close is what a stream goes on from; older history was asked for by itself. */
const JUST_NOW_MS = 60_000;

/** How often a clock that is kept going is looked after. */
const CLOCK_MS = 500;

export interface SimulatedOptions {
  /** A price file, or a folder of them (`series/name.ts` says how they are named, `series/csv.ts` what is in them). */
  readonly source: string;
  /** How many times faster than they were made the prices are told (`SIM_SPEED`); 1 where nothing is said, 0 stands still. */
  readonly speed?: number;
  /** Where the simulation is remembered. It is one venue's at a time: two that are open at once contradict each other. */
  readonly state: SimulationState;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Told why a simulation that was remembered is begun anew: other files, or a text that can't be read. */
  readonly onBegunAnew?: (reason: string) => void;
  /**
   * The state says at every moment how far the simulation is, also while nobody is told of a price: for readers in
   * other processes (`simulated-reader.ts`). Costs a small write each second and a half.
   */
  readonly keepsClock?: boolean;
  /** Told why the clock could not be kept going; it is tried again half a second later. */
  readonly onTrouble?: (reason: string) => void;
}

/** For settings, at start. @throws Error naming what is wrong with the files or the speed. */
export async function checkSimulation({
  source,
  speed = 1,
}: Pick<SimulatedOptions, 'source' | 'speed'>): Promise<void> {
  for (const series of await readFiles(source)) refuseTooFast(series, speed);
}

/**
 * Opens a venue that replays price files, one for each instrument: `BTC-USDT_1m.csv` is `BTC/USDT`, in capital letters
 * whatever the file's are.
 *
 * All files begin together when the simulation begins, whatever their own times, and each begins again at once where it
 * ends, with whatever jump in price that makes. A hole in a file is a hole in what is told. Times are the wall clock's:
 * at speed 60 a candle of a minute lasts a second, and says so in its `interval`.
 *
 * **No price is told with two times, whatever becomes of the process.** Up to where it may tell, a venue writes to
 * `state` before it tells; opened again, even after `kill -9`, it goes on from there, and while it was not open the
 * simulation stood still. (So a kill skips at most some two seconds of file time ahead; closed in order it goes on from
 * just where it was.) What lies before that place keeps the times it had, whether anybody was told of it or not, and
 * `history` gives it. So who asks `history` from the last price it has up to now, and then `stream`, is told every
 * price of the files, in order, with the times that an undisturbed run would have given it: `stream` begins for each
 * instrument where the last `history` of it ended, or else with what becomes known after it is called. A price whose
 * time is the very last one had comes again, as ticks may share a time.
 *
 * Another speed goes on from the same place. Other files begin anew, told to `onBegunAnew`; history from before is then
 * gone, and so is history before the last thousand openings. Where the machine's clock was set back, a
 * venue opened then tells once more what belongs to those moments, with the same times, before it tells more.
 * @throws Error naming what is wrong with the files or the speed.
 */
export async function openSimulatedVenue(options: SimulatedOptions): Promise<Venue> {
  const { source, speed = 1, state } = options;
  const { now = Date.now, sleep = sleepFor, onBegunAnew = () => undefined, onTrouble = () => undefined } = options;
  if (!Number.isFinite(speed) || speed < 0) throw new Error(`a simulation's speed must be 0 or more, not ${speed}`);
  const files = await readFiles(source);
  for (const series of files) refuseTooFast(series, speed);
  const tracks = new Map(files.map(createTrack).map((track) => [track.symbol, track]));
  const fingerprint = fingerprintOf(files);
  const timeline = await openTimeline({ state, fingerprint, speed, now: now(), onBegunAnew });
  const { segments } = timeline;
  const closing = new AbortController();
  /** What each stream that goes on follows. */
  const streams = new Set<ReadonlyMap<Track, number>>();
  /** Until when history was told of an instrument that no stream has taken over. */
  const heardUntil = new Map<string, number>();

  const keepClock = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await timeline.note(now()).catch((error: Error) => onTrouble(error.message));
      await sleep(CLOCK_MS, closing.signal).catch(() => undefined);
    }
  };
  const keepingClock = options.keepsClock === true ? keepClock() : Promise.resolve();

  /** All that is told by this moment may be told now. */
  const reserved = async (moment: number): Promise<void> => {
    try {
      if (closing.signal.aborted) throw new Error('the venue is closed');
      await timeline.reserve(moment);
    } catch (error) {
      throw new VenueUnavailable(`${NAME}: ${(error as Error).message}`, { cause: error });
    }
  };
  return {
    name: NAME,
    simulated: true,
    resolve: async (text) => {
      const symbol = text.toUpperCase();
      return tracks.has(symbol) ? { symbol, name: `${symbol} (simulated)` } : null;
    },
    quote: async (symbol, side) => {
      const track = tracks.get(symbol);
      if (track === undefined || side !== undefined) return null;
      const moment = now();
      await reserved(moment);
      const known = track.countBy(moment, segments);
      const price = known === 0 ? null : track.priceAt(known - 1, segments);
      return price === null ? null : { symbol, price, receivedAt: now() };
    },
    stream: (symbols, { signal, onTrouble }) => {
      const followed = new Map<Track, number>();
      streams.add(followed);
      const telling = tellTracks({
        tracks,
        followed,
        symbols,
        segments,
        from: now(),
        takeOver: (symbol) => {
          const heard = heardUntil.get(symbol);
          heardUntil.delete(symbol);
          return heard;
        },
        reserved,
        now,
        sleep,
        signal: AbortSignal.any([signal, closing.signal]),
        onTrouble: (reason, retryIn) => onTrouble?.({ venue: NAME, symbol: null, reason, retryIn }),
      });
      return whenDone(telling, () => streams.delete(followed));
    },
    async *history(symbol, from, to, signal): AsyncGenerator<Quoted> {
      const track = tracks.get(symbol);
      if (track === undefined) return;
      const asked = now();
      const moment = Math.min(to, asked);
      await reserved(moment);
      const end = track.countBy(moment, segments);
      for (let number = track.firstFrom(from, segments); number < end; number++) {
        signal.throwIfAborted();
        const price = track.priceAt(number, segments);
        if (price !== null) yield { symbol, price, receivedAt: now() };
        if (number % BREATH === 0) await breathe();
      }
      const isFollowed = [...streams].some((followed) => followed.has(track));
      if (isFollowed || asked - moment > JUST_NOW_MS) return;
      heardUntil.set(symbol, Math.max(moment, heardUntil.get(symbol) ?? -Infinity));
    },
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort();
      await keepingClock;
      await timeline.stop(now());
    },
  };
}

async function* whenDone(told: AsyncIterable<Quoted>, done: () => void): AsyncGenerator<Quoted> {
  try {
    yield* told;
  } finally {
    done();
  }
}

function sleepFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return wait(milliseconds, undefined, { signal });
}
