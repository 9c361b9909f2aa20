/** When to try again what failed: waits that double and differ, and one try at a time until one works. */
export interface Backoff {
  /** Milliseconds to wait; 0 for go, and then `failed` or `worked` must be told. */
  readonly enter: () => number;
  /** What was tried failed. Answers the milliseconds to wait, at least those given. */
  readonly failed: (atLeastMs?: number) => number;
  readonly worked: () => void;
}

export interface BackoffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** From 0 to 1: processes that failed together don't come back together. */
  readonly random?: () => number;
}

export function createBackoff(options: BackoffOptions): Backoff {
  const { firstMs, mostMs, now = () => performance.now(), random = Math.random } = options;
  let failures = 0;
  let notBefore = 0;
  let trying = false;
  return {
    enter: () => {
      if (failures === 0) return 0;
      const rest = notBefore - now();
      if (rest > 0) return Math.ceil(rest);
      if (trying) return firstMs;
      trying = true;
      return 0;
    },
    failed: (atLeastMs = 0) => {
      const time = now();
      // Several that were under way together fail for one reason: they count once.
      if (notBefore <= time) {
        failures += 1;
        notBefore = time + Math.min(mostMs, firstMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
      }
      notBefore = Math.max(notBefore, time + atLeastMs);
      trying = false;
      return Math.ceil(notBefore - time);
    },
    worked: () => {
      // An answer to what was sent before the failure proves nothing of now.
      if (notBefore > now()) return;
      failures = 0;
      trying = false;
    },
  };
}
