/** Between a venue's prices and the rules that judge them. Pure but for the hash. */
import { hash } from 'node:crypto';
import type { Price, Waits } from '#libs/market';
import { type ExistingSignal, type PricePoint, type Source, type Tracking, waitsOf } from '#libs/signal';
import { canonicalJson } from '#libs/sourcing';

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
 * What an index is told of a signal; null where no price concerns it. `from`: when it, or its last change, came, in
 * milliseconds since 1970.
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
