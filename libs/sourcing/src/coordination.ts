/**
 * What the processes of one ledger share and nobody audits: counters of a window, last-used times, small texts, leases.
 * None of it is an event; lost, it costs a window that begins anew.
 */
import type { RollingRule, RollingState } from './rolling.ts';

/** At most `limit` in a fixed window of `windowMs`, which begins with the first that is taken. */
export interface WindowRule {
  readonly limit: number;
  readonly windowMs: number;
}

/** Where a window stands. */
export interface WindowState {
  readonly remaining: number;
  /** When the window ends, milliseconds since 1970; for a window that has not begun, when it would. */
  readonly resetAt: number;
}

export interface Coordination {
  /**
   * Takes `cost` from the window of a name, all or nothing, exactly once however many processes ask at once.
   * `now` is milliseconds since 1970.
   */
  take(name: string, cost: number, rule: WindowRule, now: number): Promise<WindowState & { readonly allowed: boolean }>;
  /** The same without taking. */
  peek(name: string, rule: WindowRule, now: number): Promise<WindowState>;
  /**
   * Takes one from the rolling window of a name, exactly once however many processes ask at once: at most `limit` in
   * any stretch of `windowMs`. `now` is milliseconds since 1970.
   * @throws Error naming the name, where the rule is none (`refuseRollingRule`).
   */
  takeRolling(name: string, rule: RollingRule, now: number): Promise<RollingState>;
  /** Notes when names were last used, milliseconds since 1970; never backwards. */
  touch(uses: readonly { readonly name: string; readonly at: number }[]): Promise<void>;
  /** When each of these names was last used; names never used are absent. */
  lastUsed(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Keeps a small text under a name; the last one written is kept. It outlives the process, not surely a power cut,
   * which may give back an older one.
   * @throws Error naming the name, where the text is longer than `KEPT_LIMIT`.
   */
  keep(name: string, text: string): Promise<void>;
  /** The text kept under a name; null where there is none. */
  kept(name: string): Promise<string | null>;
  /** Forgets the text kept under a name; nothing where there is none. */
  forget(name: string): Promise<void>;
  /**
   * Takes the lease of a name for a holder, or renews it, until `now + ttlMs`. False where another holder's has not
   * ended by `now`. `now` is milliseconds since 1970, of the caller's clock: holders whose clocks differ by more than
   * `ttlMs` may both believe that they have it.
   */
  lease(name: string, holder: string, ttlMs: number, now: number): Promise<boolean>;
  /** Ends the lease of a name, where this holder has it. */
  release(name: string, holder: string): Promise<void>;
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** Bytes of UTF-8 that one kept text may take. */
export const KEPT_LIMIT = 65_536;

/** For adapters, before they keep a text. @throws Error naming the name, where the text is longer than `KEPT_LIMIT`. */
export function refuseLongText(name: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > KEPT_LIMIT)
    throw new Error(`${name}: a text of ${bytes} bytes is more than the ${KEPT_LIMIT} that are kept`);
}
