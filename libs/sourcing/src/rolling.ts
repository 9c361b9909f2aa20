/** Counting in windows that roll: at most so many in any stretch of time, whenever it begins. */

/** At most `limit` in any `windowMs` milliseconds. */
export interface RollingRule {
  /** At most `ROLLING_LIMIT`: each that is taken is remembered until it is `windowMs` old. */
  readonly limit: number;
  readonly windowMs: number;
}

export interface RollingState {
  /** Whether one was taken. */
  readonly allowed: boolean;
  /** How many more may be taken at once. */
  readonly remaining: number;
  /** When the next of those taken is free again, milliseconds since 1970. */
  readonly resetAt: number;
}

export const ROLLING_LIMIT = 1_000;

/** For adapters, before anything is taken. @throws Error naming what is wrong with the rule. */
export function refuseRollingRule(name: string, { limit, windowMs }: RollingRule): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > ROLLING_LIMIT)
    throw new Error(`${name}: a rolling window takes 1 to ${ROLLING_LIMIT}, not ${limit}`);
  if (!(windowMs > 0)) throw new Error(`${name}: a rolling window lasts longer than ${windowMs} ms`);
}

/**
 * Takes one from the moments at which others were taken, oldest first. Answers the moments to remember; null where none
 * was taken, and what is remembered stays. Nothing counts as taken before the last one: of processes whose clocks differ
 * the one ahead decides, so that no clock lets more pass.
 */
export function takeRolling(
  taken: readonly number[],
  { limit, windowMs }: RollingRule,
  now: number,
): { readonly state: RollingState; readonly taken: readonly number[] | null } {
  const at = Math.max(now, taken.at(-1) ?? now);
  const counted = taken.filter((one) => one > at - windowMs);
  if (counted.length >= limit) {
    const resetAt = counted[counted.length - limit]! + windowMs;
    return { state: { allowed: false, remaining: 0, resetAt }, taken: null };
  }
  counted.push(at);
  const state = { allowed: true, remaining: limit - counted.length, resetAt: counted[0]! + windowMs };
  return { state, taken: counted };
}
