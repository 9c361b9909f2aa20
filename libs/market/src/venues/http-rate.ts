/**
 * A token bucket whose callers queue: as many requests at once as `burst`, and `perSecond` in the long run. Slots are
 * given in the order of asking.
 */
import { VenueUnavailable } from '../venue.ts';
import type { HttpClock } from './http-clock.ts';

export interface RateOptions {
  readonly venue: string;
  readonly perSecond: number;
  readonly burst: number;
  /** How many may queue. */
  readonly maxWaiting: number;
  /** Longest anyone queues, in milliseconds. */
  readonly maxWaitMs: number;
  readonly clock: HttpClock;
}

export interface Rate {
  /** Resolves when a request may be sent. Throws `VenueUnavailable` where the queue is full or would take too long. */
  take(signal: AbortSignal): Promise<void>;
  /** Lets nothing through for so many milliseconds: the venue asked for it. */
  pause(milliseconds: number): void;
}

export function createRate({ venue, perSecond, burst, maxWaiting, maxWaitMs, clock }: RateOptions): Rate {
  const interval = 1_000 / perSecond;
  /** When the bucket will be full again: each request moves it by one interval. */
  let fullAt = 0;
  let pausedUntil = 0;
  let waiting = 0;

  const slot = (): number => {
    const now = clock.uptime();
    const at = Math.max(now, pausedUntil, fullAt - (burst - 1) * interval);
    if (at > now && waiting >= maxWaiting)
      throw new VenueUnavailable(`${venue}: ${maxWaiting} requests are queued already`);
    if (at - now > maxWaitMs) throw new VenueUnavailable(`${venue}: takes no request within the next ${maxWaitMs} ms`);
    fullAt = Math.max(fullAt, at) + interval;
    return at - now;
  };

  return {
    take: async (signal) => {
      let wait = slot();
      while (wait > 0) {
        waiting += 1;
        try {
          await clock.sleep(wait, signal);
        } finally {
          waiting -= 1;
        }
        // A pause that began meanwhile holds for those in the queue too.
        wait = pausedUntil > clock.uptime() ? slot() : 0;
      }
    },
    pause: (milliseconds) => {
      pausedUntil = Math.max(pausedUntil, clock.uptime() + milliseconds);
    },
  };
}
