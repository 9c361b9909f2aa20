/**
 * What the processes of one ledger share and nobody audits: counters of a window, last-used times. None of it is an
 * event; lost, it costs a window that begins anew.
 */

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
  /** Notes when names were last used, milliseconds since 1970; never backwards. */
  touch(uses: readonly { readonly name: string; readonly at: number }[]): Promise<void>;
  /** When each of these names was last used; names never used are absent. */
  lastUsed(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
  ready(): Promise<void>;
  close(): Promise<void>;
}
