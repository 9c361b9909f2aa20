/** Prices that were missed while nobody looked, fetched from the venue where it keeps them. */
import type { Venue } from '#libs/market';
import type { Desk } from './desk.ts';
import { surely } from './surely.ts';

const LONGEST_WAIT_MS = 30_000;

export interface PastPricesOptions {
  readonly venues: ReadonlyMap<string, Venue>;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
  /** So many missed prices of a desk have been judged. */
  readonly onMissed: (desk: string, prices: number) => void;
}

export class PastPrices {
  readonly #options: PastPricesOptions;
  /** Desks whose past prices are still to come, and whether prices were left out meanwhile that are past by then. */
  readonly #behind = new Map<Desk, { leftOut: boolean }>();

  constructor(options: PastPricesOptions) {
    this.#options = options;
  }

  /** Resolves after the first try. Where that fails, more follow in the desk's turn, and its prices wait behind them. */
  catchUp(desk: Desk): Promise<void> {
    const { signal, onTrouble } = this.#options;
    const options = {
      signal,
      onTrouble: (reason: string) => onTrouble(desk.name, reason),
      longestWaitMs: LONGEST_WAIT_MS,
    };
    const behind = { leftOut: false };
    this.#behind.set(desk, behind);
    return new Promise((resolve) => {
      const whole = desk.run(async () => {
        await surely(() => this.judge(desk, true).finally(resolve), options);
        this.#behind.delete(desk);
        // After those that wait.
        if (behind.leftOut) void this.catchUp(desk);
      });
      void whole.then(resolve);
    });
  }

  /** Whether a price of a desk may be left out: it is fetched once those before it can be had. */
  leaveOut(desk: Desk): boolean {
    const behind = this.#behind.get(desk);
    if (behind !== undefined) behind.leftOut = true;
    return behind !== undefined;
  }

  /**
   * Judges the prices since the cursor of a desk, or since its first signal came, as far as the venue has them; in the
   * desk's turn. @throws VenueUnavailable
   */
  async judge(desk: Desk, late: boolean): Promise<void> {
    const { venues, signal, onMissed } = this.#options;
    const venue = venues.get(desk.route.venue);
    const from = Math.max(desk.cursor, desk.since);
    if (venue?.history === undefined || from === Infinity) return;
    let prices = 0;
    for await (const { price, side } of venue.history(desk.route.symbol, from, Date.now(), signal)) {
      if ((side ?? null) !== desk.route.side) continue;
      await desk.price(price, Date.now(), late);
      prices += 1;
    }
    if (late && prices > 0) onMissed(desk.name, prices);
  }
}
