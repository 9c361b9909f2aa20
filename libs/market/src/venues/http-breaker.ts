/**
 * A circuit breaker: after so many failures in a row nothing is sent for a while, then a single request probes whether
 * the venue is back. A venue that is down is left alone, and its callers are told at once instead of after a time-out.
 */
export interface BreakerOptions {
  readonly failuresToOpen: number;
  readonly coolDownMs: number;
  /** Milliseconds since some moment. */
  readonly uptime: () => number;
}

/** One request that was let through; exactly one of its functions is called when it ends. */
interface Pass {
  succeeded(): void;
  failed(): void;
  /** It ended before it told anything of the venue. */
  abandoned(): void;
}

export interface Breaker {
  /** Milliseconds until a request may be let through; 0 where one may be now. */
  retryIn(): number;
  /** Lets a request through, or null while open and while another one probes. */
  enter(): Pass | null;
}

export function createBreaker({ failuresToOpen, coolDownMs, uptime }: BreakerOptions): Breaker {
  let failures = 0;
  let openUntil: number | null = null;
  let probing = false;

  const retryIn = (): number => {
    if (openUntil === null) return 0;
    const left = openUntil - uptime();
    return left > 0 ? left : probing ? 1 : 0;
  };

  return {
    retryIn,
    enter: () => {
      if (retryIn() > 0) return null;
      const probe = openUntil !== null;
      probing = probe;
      return {
        succeeded: () => {
          failures = 0;
          openUntil = null;
          if (probe) probing = false;
        },
        failed: () => {
          failures += 1;
          if (probe) probing = false;
          if (probe || (openUntil === null && failures >= failuresToOpen)) openUntil = uptime() + coolDownMs;
        },
        abandoned: () => {
          if (probe) probing = false;
        },
      };
    },
  };
}
