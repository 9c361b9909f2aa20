/** Telling the prices of several tracks as they become known. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Quoted } from '../venue.ts';
import type { Segment } from './simulated-segments.ts';
import type { Track } from './simulated-track.ts';

export interface Telling {
  readonly tracks: ReadonlyMap<string, Track>;
  /** Filled with the tracks that are told, and the number of the price that each tells next. */
  readonly followed: Map<Track, number>;
  readonly symbols: () => ReadonlySet<string>;
  readonly segments: readonly Segment[];
  /** What was known by this moment is not told of instruments that are followed from the start. */
  readonly from: number;
  /** Until when an instrument was told of already, where it was; asked once when it is followed. */
  readonly takeOver: (symbol: string) => number | undefined;
  /** Resolves when all that is told by a moment may be told. */
  readonly reserved: (moment: number) => Promise<void>;
  readonly now: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onTrouble: (reason: string, retryIn: number) => void;
}

/** How long an instrument that is newly asked for, or a clock that was set, may go unnoticed. */
const LOOK_MS = 1_000;

/** So many prices are told before others get a turn. */
export const BREATH = 1_000;

/** After a failed write the next is tried so much later, doubled each time up to the longest wait. */
const RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/** Ends with the signal, never with an error. */
export async function* tellTracks(telling: Telling): AsyncGenerator<Quoted> {
  const { tracks, followed, symbols, segments, takeOver, reserved, now, signal } = telling;
  let looked = telling.from;
  let failures = 0;

  /** Who is newly asked for is told what became known since the last look: it may have been asked for all the while. */
  const look = (moment: number): void => {
    const asked = symbols();
    for (const track of followed.keys()) if (!asked.has(track.symbol)) followed.delete(track);
    for (const [symbol, track] of tracks) {
      if (!asked.has(symbol) || followed.has(track)) continue;
      followed.set(track, track.countBy(takeOver(symbol) ?? looked, segments));
    }
    looked = moment;
  };
  const failed = (error: unknown): number => {
    const pause = Math.min(RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
    failures += 1;
    telling.onTrouble((error as Error).message, pause);
    return pause;
  };
  let told = 0;
  while (!signal.aborted) {
    const asked = now();
    let pause = await reserved(asked).then(() => null, failed);
    if (pause === null) {
      failures = 0;
      look(asked);
      for (let next = earliest(followed, segments); next !== null; next = earliest(followed, segments)) {
        const { track, number, knownAt } = next;
        if (knownAt > asked || signal.aborted) break;
        followed.set(track, number + 1);
        const price = track.priceAt(number, segments);
        if (price !== null) yield { symbol: track.symbol, price, receivedAt: now() };
        told += 1;
        if (told % BREATH === 0) await breathe();
      }
      pause = Math.min(LOOK_MS, Math.max(0, (earliest(followed, segments)?.knownAt ?? Infinity) - now()));
    }
    await telling.sleep(pause, signal).catch(() => undefined);
  }
}

interface Next {
  readonly track: Track;
  readonly number: number;
  readonly knownAt: number;
}

/** The track whose next price becomes known first; of several the first that was followed. */
function earliest(followed: ReadonlyMap<Track, number>, segments: readonly Segment[]): Next | null {
  let first: Next | null = null;
  for (const [track, number] of followed) {
    const knownAt = track.knownAt(number, segments);
    if (first === null || knownAt < first.knownAt) first = { track, number, knownAt };
  }
  return first;
}
