/** Recorded prices beside the project, as stretches: they may be read here, but not all of them may be copied into it. */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import Big from 'big.js';
import { type CandlePoint, decimalFrom } from '#libs/signal';
import { instant } from '../../apps/server/src/market/judging.ts';
import type { Stretch } from './lockstep.ts';

/** From the root of the repository: `../shared/data`. */
const DATA = new URL('../../../shared/data/', import.meta.url);

const MINUTE = 60_000;

export const TRADES = 'ticks/freqtrade/XRP_ETH-trades.json.gz';
export const TRADED_CANDLES = 'candles/freqtrade/XRP_ETH-1m.json';
export const MINUTE_CANDLES = 'candles/lean/bybit_btcusdt_minute_trade_20221213.csv';

/** The first of the files that is not there; null where all are. */
export function missingOf(...files: readonly string[]): string | null {
  return files.find((file) => !existsSync(new URL(file, DATA))) ?? null;
}

/** The trades of each minute with its candle. A minute without a trade has a candle of one price. */
export function tradesAndCandles(): readonly Stretch[] {
  const trades = JSON.parse(String(gunzipSync(bytesOf(TRADES)))) as readonly (readonly [
    number,
    string,
    null,
    string,
    number,
    ...unknown[],
  ])[];
  const byMinute = Map.groupBy(trades, ([time]) => Math.floor(time / MINUTE) * MINUTE);
  const candles = JSON.parse(String(bytesOf(TRADED_CANDLES))) as readonly (readonly [
    number,
    ...(readonly [number, number, number, number]),
    ...unknown[],
  ])[];
  return candles.map(([time, ...prices]) => ({
    coarse: candleOf(
      time,
      MINUTE,
      prices.slice(0, 4).map((price) => decimalFrom(Number(price))),
    ),
    fine: (byMinute.get(time) ?? []).map(([at, , , , price]) => ({
      kind: 'tick',
      at: instant(at),
      price: decimalFrom(price),
    })),
  }));
}

/** Candles of a minute, in stretches of five. */
export function minutesInFives(): readonly Stretch[] {
  const day = Date.parse('2022-12-13T00:00:00.000Z');
  const candles = String(bytesOf(MINUTE_CANDLES))
    .trim()
    .split('\n')
    .map((line) => {
      const [time, ...prices] = line.split(',') as [string, ...string[]];
      return candleOf(day + Number(time), MINUTE, prices.slice(0, 4));
    });
  return Array.from({ length: Math.floor(candles.length / 5) }, (_, place): Stretch => {
    const fine = candles.slice(place * 5, place * 5 + 5);
    return { coarse: rolledUp(fine), fine };
  });
}

/** One candle of several that follow each other. */
function rolledUp(candles: readonly CandlePoint[]): CandlePoint {
  const [first, last] = [candles[0]!, candles.at(-1)!];
  const sorted = (prices: readonly string[]): readonly string[] =>
    prices.toSorted((one, other) => new Big(one).cmp(other));
  return {
    kind: 'candle',
    opens: first.opens,
    closes: last.closes,
    open: first.open,
    high: sorted(candles.map(({ high }) => high)).at(-1)!,
    low: sorted(candles.map(({ low }) => low))[0]!,
    close: last.close,
  };
}

function candleOf(time: number, interval: number, prices: readonly string[]): CandlePoint {
  const [open, high, low, close] = prices as [string, string, string, string];
  return { kind: 'candle', opens: instant(time), closes: instant(time + interval), open, high, low, close };
}

function bytesOf(file: string): Buffer {
  return readFileSync(new URL(file, DATA));
}
