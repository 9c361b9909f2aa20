/** Between a venue's prices and the rules that judge them. Pure but for the hash. */
import { hash } from 'node:crypto';
import type { Price, Waits } from '#libs/market';
import { type ExistingSignal, type PricePoint, type Source, type Tracking, waitsOf } from '#libs/signal';
import { canonicalJson } from '#libs/sourcing';

/** A venue's clock may be so far ahead of ours. */
const AHEAD_MS = 60_000;

const DECIMAL = /^\d+(?:\.\d+)?$/;

/**
 * Why a price can be none; null where it can (outcome rules, rule 5). One from the future would make all that come
 * after it come too late.
 */
export function refusalOf(price: Price, now: number): string | null {
  if (!(price.time <= now + AHEAD_MS)) return `price.time: ${price.time} is not a moment that has come`;
  if (price.kind === 'tick') return DECIMAL.test(price.price) ? null : notDecimal('price', price.price);
  for (const field of ['open', 'high', 'low', 'close'] as const)
    if (!DECIMAL.test(price[field])) return notDecimal(field, price[field]);
  const [open, high, low, close] = [price.open, price.high, price.low, price.close].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return low <= Math.min(open, close) && Math.max(open, close) <= high
    ? null
    : `price: ${price.open} and ${price.close} lie not both from ${price.low} to ${price.high}`;
}

function notDecimal(field: string, text: string): string {
  return `price.${field}: ${JSON.stringify(text)} is not a decimal`;
}

/** A price as the rules judge it. */
export function pointOf(price: Price): PricePoint {
  if (price.kind === 'tick') return { kind: 'tick', at: instant(price.time), price: price.price };
  const { time, interval, open, high, low, close } = price;
  return { kind: 'candle', opens: instant(time), closes: instant(time + interval), open, high, low, close };
}

/** What a step that rests on a price tells of it. The hash is that of the instrument and the price, as canonical JSON. */
export function sourceOf(source: string, instrument: string, price: Price, late = false): Source {
  return {
    source,
    hash: hash('sha256', canonicalJson({ source, instrument, price })),
    ...(late && { late: true as const }),
  };
}

/**
 * What an index is told of a signal; null where no price concerns it. `tracking` is that of the signal as it is now
 * (`tracked`). `from`: when it, or its last change, came, in milliseconds since 1970.
 */
export function watchedWaits(signal: ExistingSignal, tracking: Tracking, from: number): Waits | null {
  const waits = waitsOf(signal, tracking);
  if (waits === null) return null;
  const { below, above, until, next, trail } = waits;
  return {
    below: below === null ? null : Number(below),
    above: above === null ? null : Number(above),
    until: until === null ? null : Date.parse(until),
    next,
    trail: trail === null ? null : { sign: trail.sign, distance: Number(trail.distance), best: trail.best },
    from,
  };
}

/** With the best price that an index has seen for its trail. */
export function trackedBest(tracking: Tracking, best: string | null): Tracking {
  const { trail } = tracking;
  return trail === null || best === null || trail.best === null ? tracking : { ...tracking, trail: { ...trail, best } };
}

/** Milliseconds since 1970 as ISO 8601. */
export function instant(time: number): string {
  return new Date(time).toISOString();
}
