/** Candles as a chart shows them: of a wide choice of intervals, the last one still being made. They decide nothing. */
import { isBelow } from './series/series.ts';

/** The intervals of charts, in milliseconds. Candles open at whole multiples of them since 1970. */
export const CHART_INTERVALS = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
} as const;

export type ChartInterval = keyof typeof CHART_INTERVALS;

export function isChartInterval(text: string): text is ChartInterval {
  return Object.hasOwn(CHART_INTERVALS, text);
}

/** Most candles of one chart. */
export const MOST_CHART_CANDLES = 1_000;

export interface ChartCandle {
  /** When it opened, milliseconds since 1970. */
  readonly time: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  /** Pieces of the coin that were traded; null where that is not known. */
  readonly volume: string | null;
}

/** Two neighbours of a chart as one candle, which opens with the earlier one. Its volume is not known. */
export function joined(earlier: ChartCandle, later: ChartCandle): ChartCandle {
  return {
    time: earlier.time,
    open: earlier.open,
    high: isBelow(earlier.high, later.high) ? later.high : earlier.high,
    low: isBelow(later.low, earlier.low) ? later.low : earlier.low,
    close: later.close,
    volume: null,
  };
}
