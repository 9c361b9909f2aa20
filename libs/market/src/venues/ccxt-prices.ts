/** What of a venue's prices is taken: anything else is refused with its reason, never mended. */
import Big from 'big.js';
import type { Candle, Tick } from '../price.ts';
import type { RawCandle, RawTicker } from './ccxt-messages.ts';

export const MINUTE = 60_000;

/** A venue's clock may be ahead of this machine's by so much. */
export const AHEAD_MS = 5_000;

/** Milliseconds have had 13 digits since 2001: fewer are seconds. */
const FIRST_TIME = 1e12;

/** No sign, no exponent, no needless zero in front; longer than any price is. */
const PLAIN = /^(?=.{1,40}$)(?:0|[1-9]\d*)(?:\.\d+)?$/;
const ZERO = /^0(?:\.0+)?$/;

export type Judged<Price> = { readonly price: Price } | { readonly refused: string };

/** The tick of a ticker; a null price where nothing was traded yet, for which venues also say 0. */
export function judgeTicker({ last, time }: RawTicker, receivedAt: number): Judged<Tick | null> {
  if (last === null || ZERO.test(last)) return { price: null };
  if (!isPrice(last)) return { refused: `its price is not a plain decimal above 0: ${shown(last)}` };
  const wrong = wrongTime(time ?? receivedAt, receivedAt);
  if (wrong !== null) return { refused: wrong };
  return { price: { kind: 'tick', time: time ?? receivedAt, price: last } };
}

/** The candle of a minute. Whether it is closed is not judged here. */
export function judgeCandle(row: RawCandle, receivedAt: number): Judged<Candle> {
  const [time, open, high, low, close] = row;
  const wrong = wrongTime(time, receivedAt);
  if (wrong !== null) return { refused: wrong };
  const place = `the candle of ${new Date(time as number).toISOString()}`;
  if ((time as number) % MINUTE !== 0) return { refused: `${place} does not open with a minute` };
  if (!isPrice(open) || !isPrice(high) || !isPrice(low) || !isPrice(close)) {
    const prices = [open, high, low, close].map(shown).join(', ');
    return { refused: `${place} has a price that is not a plain decimal above 0: ${prices}` };
  }
  const [top, bottom] = [new Big(high), new Big(low)];
  if (top.lt(bottom)) return { refused: `${place} has its high ${high} below its low ${low}` };
  for (const price of [open, close])
    if (top.lt(price) || bottom.gt(price)) return { refused: `${place} has ${price} outside ${low} to ${high}` };
  return { price: { kind: 'candle', time: time as number, interval: MINUTE, open, high, low, close } };
}

/** A plain decimal above 0, as a text. */
export function isPrice(value: unknown): value is string {
  return isAmount(value) && !ZERO.test(value);
}

/** A plain decimal, as a text; 0 too. */
export function isAmount(value: unknown): value is string {
  return typeof value === 'string' && PLAIN.test(value);
}

function wrongTime(time: unknown, receivedAt: number): string | null {
  if (!Number.isSafeInteger(time) || (time as number) < FIRST_TIME)
    return `its time is not in milliseconds since 1970: ${shown(time)}`;
  if ((time as number) > receivedAt + AHEAD_MS)
    return `its time ${new Date(Math.min(time as number, 8.64e15)).toISOString()} lies in the future`;
  return null;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60);
}
