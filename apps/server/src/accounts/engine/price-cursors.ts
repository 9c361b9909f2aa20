/** How far the prices of each instrument are carried out, kept so that a start knows what it missed. */
import type { Coordination } from '#libs/sourcing';
import { cursorName } from './missed-prices.ts';

export class PriceCursors {
  readonly #coordination: Coordination;
  /** By instrument: the time of the last price whose fills are all durable, and the one that is kept. */
  readonly #cursors = new Map<string, { at: number; kept: number }>();

  constructor(coordination: Coordination) {
    this.#coordination = coordination;
  }

  /** All that a price of this time did is durable. `at`: milliseconds since 1970. */
  reached(instrument: string, at: number): void {
    const cursor = this.#cursors.get(instrument);
    if (cursor === undefined) this.#cursors.set(instrument, { at, kept: -Infinity });
    else cursor.at = Math.max(cursor.at, at);
  }

  /** Keeps those that have moved. @throws StoreUnavailable */
  async keep(): Promise<void> {
    for (const [instrument, cursor] of this.#cursors) {
      if (cursor.kept === cursor.at) continue;
      const { at } = cursor;
      await this.#coordination.keep(cursorName(instrument), String(at));
      cursor.kept = at;
    }
  }

  /** Nobody needs it any more. @throws StoreUnavailable */
  async forget(instrument: string): Promise<void> {
    this.#cursors.delete(instrument);
    await this.#coordination.forget(cursorName(instrument));
  }
}
