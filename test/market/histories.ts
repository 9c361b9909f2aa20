/** Random histories of signals and prices in the form that a replay takes, on a small grid. */
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Series } from '#libs/market';
import type { HistoryCall, HistorySignal } from '../../apps/cli/src/replay/history.ts';
import { buildSeries } from '../../libs/market/src/series/series.ts';

export const START = Date.parse('2026-04-05T00:00:00.000Z');

const SECOND = 1_000;
const MINUTE = 60_000;

/** Prices of a quarter of an hour. */
const MINUTES = 15;

const moments = fc.integer({ min: -30, max: MINUTES * 60 }).map((seconds) => START + seconds * SECOND);
/** Many calls come at the very moment of a price. */
const roundMoments = fc.oneof(
  moments,
  moments.map((at) => START + Math.round((at - START) / MINUTE) * MINUTE),
);

function price(low: number, high: number): Arbitrary<string> {
  return fc.integer({ min: low, max: high }).map(String);
}

/** A price of a short mirrors that of a long. */
function onSide(short: boolean, long: string): string {
  return short ? String(200 - Number(long)) : long;
}

const calls: Arbitrary<(short: boolean) => HistoryCall> = fc
  .tuple(
    roundMoments,
    fc.oneof(
      fc.tuple(price(101, 106), price(95, 100)).map(([at, trigger]) => ({
        call: 'takeprofit' as const,
        body: (side: (long: string) => string) => ({
          order_type: 'limit',
          sell_price: side(at),
          sell_amount_relative: 40,
          trailing_stop_price: side(trigger),
          trailing_stop_limit_price: side(trigger),
        }),
      })),
      fc.constant({
        call: 'takeprofit' as const,
        body: () => ({ order_type: 'market', sell_amount_relative: 100 }),
      }),
      price(94, 103).map((trigger) => ({
        call: 'trailingstop' as const,
        body: (side: (long: string) => string) => ({
          trailing_stop_price: side(trigger),
          trailing_stop_limit_price: side(trigger),
        }),
      })),
      price(93, 97).map((at) => ({
        call: 'dca' as const,
        body: (side: (long: string) => string) => ({ buy_price: side(at), multiplier: 1.5 }),
      })),
      price(94, 103).map((at) => ({
        call: 'rebuy' as const,
        body: (side: (long: string) => string) => ({ buy_price_min: side(at), buy_price_max: side(at) }),
      })),
      price(93, 103).map((stop) => ({
        call: 'updateprice' as const,
        body: (side: (long: string) => string) => ({ stop_loss: side(stop) }),
      })),
      fc.constant({ call: 'cancel' as const, body: () => ({}) }),
    ),
  )
  .map(([at, { call, body }]) => (short) => ({ at, call, body: body((long) => onSide(short, long)) }));

/** A signal of one of the instruments, with calls in order of time. */
function signals(coins: readonly string[]): Arbitrary<Omit<HistorySignal, 'id'>> {
  return fc
    .record({
      coin: fc.constantFrom(...coins),
      at: roundMoments,
      short: fc.boolean(),
      entry: price(98, 101),
      targets: fc.subarray(['103', '105', '107'], { minLength: 1 }),
      stop: fc.option(price(92, 96)),
      ttl: fc.option(fc.integer({ min: 1, max: 600 })),
      calls: fc.array(calls, { maxLength: 4 }),
    })
    .map(({ coin, at, short, entry, targets, stop, ttl, calls: made }) => ({
      at,
      body: {
        coin,
        trade_market: 'USDT',
        exchange: 'BINANCE',
        invest: 10,
        account: 'FUTURES',
        type: short ? 'short' : 'long',
        // A range is a range in any direction: of one price both bounds are the same.
        entry_price_min: onSide(short, entry),
        entry_price_max: onSide(short, entry),
        ...Object.fromEntries(targets.map((target, place) => [`exit_price_${place + 1}`, onSide(short, target)])),
        ...(stop !== null && { stop_loss: onSide(short, stop) }),
        ...(ttl !== null && { ttl_buy_order: ttl * SECOND }),
      },
      calls: made.map((call) => call(short)).sort((one, other) => one.at - other.at),
    }));
}

export function histories(coins: readonly string[]): Arbitrary<readonly HistorySignal[]> {
  return fc
    .array(signals(coins), { minLength: 1, maxLength: 6 })
    .map((made) => made.map((one, place) => ({ id: `signal-${place + 1}`, ...one })));
}

const grid = price(94, 106);

/** Candles of a minute, or ticks of irregular times, several of them of one millisecond. */
export function seriesOf(coin: string): Arbitrary<Series> {
  const instrument = `${coin}/USDT`;
  const candles = fc.array(fc.tuple(grid, grid, grid, grid), { minLength: MINUTES, maxLength: MINUTES }).map((rows) => {
    const builder = buildSeries(`${coin}-USDT_1m.csv`, { instrument, interval: MINUTE });
    for (const [place, prices] of rows.entries()) {
      const sorted = prices.toSorted((one, other) => Number(one) - Number(other));
      builder.add(START + place * MINUTE, [prices[0], sorted[3]!, sorted[0]!, prices[3]]);
    }
    return builder.series();
  });
  const ticks = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 40 }), grid), { minLength: 10, maxLength: 40 })
    .map((rows) => {
      const builder = buildSeries(`${coin}-USDT_ticks.csv`, { instrument, interval: null });
      let time = START;
      for (const [later, one] of rows) {
        time += later * SECOND;
        builder.add(time, [one]);
      }
      return builder.series();
    });
  return fc.oneof(candles, ticks);
}
