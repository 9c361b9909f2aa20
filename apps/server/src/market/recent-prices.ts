/** The last prices of a desk, for signals and calls that are heard of after prices that concern them. */
import { knownAt, type Price } from '#libs/market';
import type { Source } from '#libs/signal';

/** At least so many are remembered, and less than twice as many. */
const RECENT_PRICES = 2_000;

export interface RecentPrice {
  readonly price: Price;
  readonly source: Source;
}

export class RecentPrices implements Iterable<RecentPrice> {
  readonly #prices: RecentPrice[] = [];

  add(recent: RecentPrice): void {
    this.#prices.push(recent);
    if (this.#prices.length > 2 * RECENT_PRICES) this.#prices.splice(0, RECENT_PRICES);
  }

  /** The last price that was known at a moment, ms (outcome rules, rule 4); null where none is remembered. */
  lastBy(time: number): string | null {
    const last = this.#prices.findLast(({ price }) => knownAt(price) <= time)?.price;
    return last === undefined ? null : closeOf(last);
  }

  /** The oldest first. */
  [Symbol.iterator](): Iterator<RecentPrice> {
    return this.#prices[Symbol.iterator]();
  }
}

/** What a price leaves behind as the last one. */
export function closeOf(price: Price): string {
  return price.kind === 'tick' ? price.price : price.close;
}
