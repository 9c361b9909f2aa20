/** Time as the client of a venue uses it; tests bring their own. */
import { setTimeout as wait } from 'node:timers/promises';

export interface HttpClock {
  /** Milliseconds since 1970. May jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds since some moment. Never jumps: what is waited for is measured with it. */
  uptime(): number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const SYSTEM_CLOCK: HttpClock = {
  now: () => Date.now(),
  uptime: () => performance.now(),
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
};
