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

/** What a trail has followed, found out price by price. */
export interface Retracking {
  /** The next price, in order of time. */
  follow(price: TimedPrice): void;
  /** After the last price. `seen` is 0: which orders have met a price is for the caller to say. */
  end(): Tracking;
}

/** Begins with the events of a signal, in the order of its stream; each is in force for prices at or after it. */
export function retracking(events: readonly TimedEvent[]): Retracking {
  let state: SignalState = initial;
  let trail: TrailTracking | null = null;
  let next = 0;
  const evolveUntil = (time: number): void => {
    for (let timed = events[next]; timed !== undefined && timed.at <= time; timed = events[next]) {
      next += 1;
      state = evolve(state, timed.event);
      trail = trailAfter(state as ExistingSignal, trail, timed.event);
    }
  };
  return {
    follow({ at, point }) {
      evolveUntil(at);
      const sign = state.status === 'none' ? null : tradeSignOf(state);
      if (trail !== null && sign !== null) trail = followed(trail, bestOf(point, sign), sign);
    },
    end() {
      evolveUntil(Infinity);
      return { seen: 0, trail, last: null };
    },
  };
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
