/**
 * Which prices of several files of one instrument are used (outcome rules, rule 1), told in pieces: a candle, or a
 * stretch of ticks. Files are laid over each other from the finest to the coarsest, one at a time.
 */
import type { Series } from './series.ts';

/** A part of the time that one candle, or ticks, tell. It covers `from` up to, not including, `to`. */
export interface Piece {
  readonly series: Series;
  /** Place of the candle in its series; null for all ticks of this time. */
  readonly candle: number | null;
  readonly from: number;
  readonly to: number;
}

/** Until when the prices of a piece are known. The last tick is told, but knows nothing of the time behind it. */
export function knownUntil({ series, candle, to }: Piece): number {
  return candle === null ? Math.min(to, series.timeAt(series.length - 1)) : to;
}

/** All ticks of a series, in one piece. */
export function* tickPieces(series: Series): Generator<Piece> {
  if (series.length === 0) return;
  yield { series, candle: null, from: series.timeAt(0), to: series.timeAt(series.length - 1) + 1 };
}

/**
 * Lays candles over finer pieces. A candle that the pieces inside it cover wholly gives way to them; any other is used,
 * and what lies inside it, or across its ends, is not. Ticks across its ends are cut.
 * @param interval what each candle of `series` covers, in ms.
 */
export function* layOver(finer: Iterator<Piece>, series: Series, interval: number): Generator<Piece> {
  const ahead = lookahead(finer);
  for (let index = 0; index < series.length; index++) {
    const from = series.timeAt(index);
    const to = from + interval;
    yield* ahead.before(from);
    if (ahead.covers(from, to)) continue;
    ahead.cut(to);
    yield { series, candle: index, from, to };
  }
  yield* ahead.before(Infinity);
}

/** Pieces read as far ahead as the coarser candle in question reaches, no further. */
interface Lookahead {
  /** Takes out and tells what lies before a moment; ticks across it are told up to it, a candle across it whole or never. */
  before(moment: number): Generator<Piece>;
  /** Whether what lies inside covers all of `from` to `to`. Takes nothing out. */
  covers(from: number, to: number): boolean;
  /** Takes out what begins before a moment; ticks keep what lies behind it. */
  cut(moment: number): void;
}

function lookahead(pieces: Iterator<Piece>): Lookahead {
  /** Read and not taken out; the first that counts stands at `head`. */
  let read: Piece[] = [];
  let head = 0;
  const at = (place: number): Piece | null => {
    while (read.length <= head + place) {
      const next = pieces.next();
      if (next.done === true) return null;
      read.push(next.value);
    }
    return read[head + place]!;
  };
  const take = (): void => {
    head += 1;
    if (head < 1_024 || head * 2 < read.length) return;
    read = read.slice(head);
    head = 0;
  };
  return {
    *before(moment) {
      for (let piece = at(0); piece !== null && piece.from < moment; piece = at(0)) {
        if (piece.to <= moment) {
          take();
          yield piece;
        } else {
          if (piece.candle !== null) return;
          read[head] = { ...piece, from: moment };
          yield { ...piece, to: moment };
        }
      }
    },
    covers: (from, to) => {
      let known = from;
      for (let place = 0; known < to; place++) {
        const piece = at(place);
        if (piece === null || piece.from !== known) return false;
        if (piece.candle !== null && piece.to > to) return false;
        known = knownUntil(piece);
      }
      return true;
    },
    cut: (moment) => {
      for (let piece = at(0); piece !== null && piece.from < moment; piece = at(0)) {
        if (piece.candle === null && piece.to > moment) read[head] = { ...piece, from: moment };
        else take();
      }
    },
  };
}
