/** Several price files of one instrument, told as one sequence of prices (outcome rules, rules 1 and 5). */
import type { Price } from '../price.ts';
import { knownUntil, layOver, type Piece, tickPieces } from './pieces.ts';
import { indexFrom, type Series } from './series.ts';

/** A time that no candle and no ticks tell, between prices that are told. Milliseconds since 1970, `to` not included. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

export interface MergeOptions {
  /** Told of each hole just before the first price behind it is given out. */
  readonly onHole?: (hole: Hole) => void;
}

/**
 * The prices of one instrument in order of time, never two for the same time but ticks of the same millisecond.
 *
 * Finer candles replace every coarse candle that they cover wholly: each part of it lies in a finer candle inside it,
 * or in ticks. A coarse candle not covered wholly is used, and the finer candles and ticks inside it are not. Ticks are
 * finer than any candle and cover the time from the first of them to the last, however far apart they are. Files are
 * laid over each other from the finest to the coarsest, and what one has put aside stays aside.
 *
 * Works as it is asked: no more is looked at than one candle of the coarsest file ahead.
 * @throws Error naming the files, where they are of different instruments or two are of the same fineness.
 */
export function mergeSeries(series: readonly Series[], options: MergeOptions = {}): Iterable<Price> {
  const fromFinest = series.toSorted((a, b) => (a.interval ?? 0) - (b.interval ?? 0));
  for (const [place, next] of fromFinest.entries()) {
    const before = fromFinest[place - 1];
    if (before === undefined) continue;
    if (before.instrument !== next.instrument) {
      throw new Error(
        `${before.file} is of ${before.instrument} and ${next.file} of ${next.instrument}: not one instrument`,
      );
    }
    if (before.interval === next.interval) {
      const kind = next.interval === null ? 'ticks' : 'candles of the same interval';
      throw new Error(`${before.file} and ${next.file} both hold ${kind} of ${next.instrument}`);
    }
  }
  return { [Symbol.iterator]: () => pricesOf(piecesOf(fromFinest), options) };
}

function piecesOf(fromFinest: readonly Series[]): Iterator<Piece> {
  let pieces: Iterator<Piece> = [][Symbol.iterator]();
  for (const series of fromFinest) {
    pieces = series.interval === null ? tickPieces(series) : layOver(pieces, series, series.interval);
  }
  return pieces;
}

function* pricesOf(pieces: Iterator<Piece>, { onHole }: MergeOptions): Generator<Price> {
  let known = Infinity;
  for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
    const piece = next.value;
    if (piece.from > known) onHole?.({ from: known, to: piece.from });
    known = knownUntil(piece);
    if (piece.candle !== null) {
      yield piece.series.priceAt(piece.candle);
    } else {
      const end = indexFrom(piece.series, piece.to);
      for (let index = indexFrom(piece.series, piece.from); index < end; index++) yield piece.series.priceAt(index);
    }
  }
}
