/** The tracking of a signal, found again from its history. */
import type { SignalEvent } from '../events.ts';
import { evolve, initial, tradeSignOf, type ExistingSignal, type SignalState } from '../state.ts';
import type { TradeSign } from './position.ts';
import type { PricePoint, Tracking, TrailTracking } from './price-point.ts';
import { begun, followed, referenceOf } from './trail.ts';

/** An event with the moment it came into force, milliseconds since 1970. */
export interface TimedEvent {
  readonly event: SignalEvent;
  readonly at: number;
}

/** A price with the moment it is judged by: a tick's own, a candle's open. */
export interface TimedPrice {
  readonly at: number;
  readonly point: PricePoint;
}

/** What a trail has followed, by events in the order of their stream and prices in order of time. */
export function retracked(events: readonly TimedEvent[], prices: readonly TimedPrice[]): Tracking {
  let state: SignalState = initial;
  let trail: TrailTracking | null = null;
  let next = 0;
  const follow = (until: number): void => {
    for (let price = prices[next]; price !== undefined && price.at < until; price = prices[next]) {
      next += 1;
      const sign = state.status === 'none' ? null : tradeSignOf(state);
      if (trail !== null && sign !== null) trail = followed(trail, bestOf(price.point, sign), sign);
    }
  };
  for (const { event, at } of events) {
    follow(at);
    state = evolve(state, event);
    trail = trailAfter(state as ExistingSignal, trail, event);
  }
  follow(Infinity);
  return { seen: 0, trail, last: null };
}

function trailAfter(state: ExistingSignal, before: TrailTracking | null, event: SignalEvent): TrailTracking | null {
  const sign = tradeSignOf(state);
  if (state.trail === null || state.position === null || sign === null) return before;
  if (before !== null && before.since === state.trail.since) return before;
  const isStep = event.type === 'SignalMatched' || event.type === 'TakeProfitHit' || event.type === 'RebuyFilled';
  return begun(state.trail, before, isStep ? event.data.price : referenceOf(state.trail, sign), sign);
}

function bestOf(point: PricePoint, sign: TradeSign): string {
  if (point.kind === 'tick') return point.price;
  return sign > 0 ? point.high : point.low;
}
