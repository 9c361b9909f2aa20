/** Prices to test with, one a minute, and their mirror images. */
import type { PricePoint } from '../market/price-point.ts';
import { mirrorPrice } from './mirror.ts';

const START = Date.parse('2026-04-05T00:00:00.000Z');

const MINUTE = 60_000;

/** A whole number of minutes after the first price. */
export function minute(count: number): string {
  return new Date(START + count * MINUTE).toISOString();
}

/** The minutes of a moment after the first price. */
export function minutesTo(at: string): number {
  return (Date.parse(at) - START) / MINUTE;
}

export function tick(at: number, price: string): PricePoint {
  return { kind: 'tick', at: minute(at), price };
}

/** A candle of one minute, or of `covers`. */
export function candle(opens: number, open: string, high: string, low: string, close: string, covers = 1): PricePoint {
  return { kind: 'candle', opens: minute(opens), closes: minute(opens + covers), open, high, low, close };
}

export function mirrorPoint(point: PricePoint): PricePoint {
  if (point.kind === 'tick') return { ...point, price: mirrorPrice(point.price) };
  const { open, high, low, close } = point;
  return {
    ...point,
    open: mirrorPrice(open),
    high: mirrorPrice(low),
    low: mirrorPrice(high),
    close: mirrorPrice(close),
  };
}
