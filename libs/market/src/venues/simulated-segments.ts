/**
 * How the times of replayed files are told as times of the wall clock. Positions are milliseconds of file time since
 * the start of the simulation, running on through every repetition of a file.
 */

/** A stretch of positions told at one speed. It ends where the next one begins; the last is open. */
export interface Segment {
  /** The position it begins at. Not its own: what is known just there was told by the segment before. */
  readonly fileTime: number;
  /** When that position is told, milliseconds since 1970. */
  readonly wallTime: number;
  /** File time for each millisecond of the wall clock; 0 stands still. */
  readonly speed: number;
}

/** All that is remembered of a simulation. */
export interface Simulation {
  /** Oldest first, never empty. */
  readonly segments: readonly Segment[];
  /** The last position that may be told: it is remembered before any price up to it is. */
  readonly upTo: number;
}

/** Beyond it the oldest segment is dropped, and history before the first one left is not available. */
const SEGMENT_LIMIT = 1_000;

/** Where a simulation begins: just before the first prices, so that these lie inside the first segment. */
const START = -1;

/** A simulation that begins at a moment. */
export function begunAt(wallTime: number, speed: number): Simulation {
  return { segments: [{ fileTime: START, wallTime, speed }], upTo: START };
}

/**
 * A simulation that was stopped, going on at `now` from where it may have been told up to. What lies before keeps its
 * times, told or not. A `now` before the last of these goes on only when the clock gets there.
 */
export function resumedAt(stopped: Simulation, now: number, speed: number): Simulation {
  const { segments, upTo } = stopped;
  const last = segments.at(-1)!;
  const end = endOf(stopped);
  // Not stopped as far as anybody could see.
  if (now <= end && last.speed === speed) return stopped;
  // Nothing was told by a segment without a length.
  const kept = last.fileTime === upTo ? segments.slice(0, -1) : segments;
  const next = { fileTime: upTo, wallTime: Math.max(now, end), speed };
  return { segments: [...kept, next].slice(-SEGMENT_LIMIT), upTo };
}

/** When the last position that may be told is told. */
export function endOf({ segments, upTo }: Simulation): number {
  const last = segments.at(-1)!;
  return upTo === last.fileTime ? last.wallTime : told(last, upTo);
}

/** When a price that is known at a position is told. -Infinity before the first segment kept, Infinity where time stands still. */
export function knownWall(segments: readonly Segment[], position: number): number {
  const segment = segments.findLast(({ fileTime }) => fileTime < position);
  return segment === undefined ? -Infinity : told(segment, position);
}

/** When what begins at a position is told to begin: where a segment ends, with the one that follows. */
export function openWall(segments: readonly Segment[], position: number): number {
  const segment = segments.findLast(({ fileTime }) => fileTime <= position);
  return segment === undefined ? -Infinity : told(segment, position);
}

/** A position at or a little behind all that is told by a moment. */
export function positionBy(segments: readonly Segment[], moment: number): number {
  const { fileTime, wallTime, speed } = segments.at(-1)!;
  return fileTime + Math.max(0, Math.ceil((moment - wallTime + 1) * speed));
}

/** The last position that is told by a moment, as far as the segments go. */
export function reachedBy(segments: readonly Segment[], moment: number): number {
  return Math.max(segments.at(-1)!.fileTime, positionBy(segments, moment) - 1);
}

function told({ fileTime, wallTime, speed }: Segment, position: number): number {
  return speed === 0 ? Infinity : wallTime + Math.floor((position - fileTime) / speed);
}
