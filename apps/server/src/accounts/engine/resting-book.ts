/**
 * The limit orders that rest on paper at one instrument, and which of them a price fills. It decides in decimals what
 * the market's index has found in doubles.
 */
import Big from 'big.js';
import { type Price, Watch } from '#libs/market';
import type { Decimal, OrderSide } from '#libs/account';

/** Prices that are remembered for orders which are heard of after prices that concern them. */
const RECENT_PRICES = 200;

export interface RestingOrder {
  readonly orderId: string;
  readonly accountId: string;
  readonly side: OrderSide;
  readonly limit: Decimal;
  /** Prices before this do not concern it, milliseconds since 1970. */
  readonly from: number;
}

/** A price that fills a resting order. */
export interface Touch {
  readonly order: RestingOrder;
  /** The limit, or better where the market jumped over it. */
  readonly price: Decimal;
  /** The time of the price, milliseconds since 1970. */
  readonly at: number;
}

export class RestingBook {
  readonly #watch = new Watch();
  readonly #orders = new Map<string, RestingOrder>();
  readonly #recent: Price[] = [];

  get size(): number {
    return this.#orders.size;
  }

  /** The time from which on prices concern one of its orders; Infinity where there is none. */
  get since(): number {
    let since = Infinity;
    for (const { from } of this.#orders.values()) since = Math.min(since, from);
    return since;
  }

  get(orderId: string): RestingOrder | null {
    return this.#orders.get(orderId) ?? null;
  }

  /** Takes an order in, or what changed of it. Answers the first price told before by which it is filled, if any. */
  set(order: RestingOrder): Touch | null {
    this.#orders.set(order.orderId, order);
    const limit = Number(order.limit);
    const below = order.side === 'buy' ? limit : null;
    const above = order.side === 'sell' ? limit : null;
    this.#watch.set(order.orderId, { below, above, until: null, next: false, trail: null, from: order.from });
    // Mostly none is as young as the order.
    let first = this.#recent.length;
    while (first > 0 && this.#recent[first - 1]!.time >= order.from) first -= 1;
    for (const price of this.#recent.slice(first)) {
      const touch = touchOf(order, price);
      if (touch !== null) return touch;
    }
    return null;
  }

  delete(orderId: string): void {
    if (this.#orders.delete(orderId)) this.#watch.delete(orderId);
  }

  /** The orders that a price fills. They stay until they are deleted. A price older than the last one fills none. */
  touched(price: Price): readonly Touch[] {
    if (price.time < this.#watch.latest) return [];
    this.#recent.push(price);
    if (this.#recent.length > RECENT_PRICES) this.#recent.shift();
    const touches: Touch[] = [];
    for (const orderId of this.#watch.touched(price)) {
      const touch = touchOf(this.#orders.get(orderId)!, price);
      if (touch !== null) touches.push(touch);
    }
    return touches;
  }
}

/**
 * How a price fills an order: at the limit where the market reached it, at the price where it jumped over it. A candle
 * that opened before the order came says nothing certain about it, and fills nothing.
 */
function touchOf(order: RestingOrder, price: Price): Touch | null {
  if (price.time < order.from) return null;
  if (price.kind === 'tick') {
    return reaches(order, price.price) ? { order, price: price.price, at: price.time } : null;
  }
  if (reaches(order, price.open)) return { order, price: price.open, at: price.time };
  const end = order.side === 'buy' ? price.low : price.high;
  return reaches(order, end) ? { order, price: order.limit, at: price.time + price.interval } : null;
}

/** Whether the limit is at the price, or the price is better. */
function reaches({ side, limit }: RestingOrder, price: Decimal): boolean {
  const order = new Big(price).cmp(limit);
  return side === 'buy' ? order <= 0 : order >= 0;
}
