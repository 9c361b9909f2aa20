/**
 * What the open signals of one instrument wait for, so that a price touches only the signals that it may concern. Its
 * cost grows with their number and with the logarithm of how many are open.
 *
 * It decides nothing: prices are doubles here, whose order is that of the decimals they stand for, only coarser. So a
 * signal that a price concerns is always among the touched, rarely one beside it, and whoever asks decides in decimals.
 */
import { knownAt, type Price } from './price.ts';
import { SlotHeap } from './watch-heap.ts';
import { Trails } from './watch-trails.ts';
import { check, valueOf, type Waits } from './watch-waits.ts';

export type { Waits } from './watch-waits.ts';

const NONE: readonly string[] = [];

export class Watch {
  readonly #slots = new Map<string, number>();
  /** By slot; slot 0 is nobody's. */
  readonly #ids: string[] = [''];
  /** Slots of signals that are gone. */
  readonly #free: number[] = [];
  /** The highest first, so by its negative. */
  readonly #below = new SlotHeap();
  readonly #above = new SlotHeap();
  readonly #until = new SlotHeap();
  readonly #next = new SlotHeap();
  #rising: Trails | null = null;
  #falling: Trails | null = null;
  /** Signals that no price has reached yet, by `from`. Few: they came since the last price. */
  readonly #arrivals = new SlotHeap();
  readonly #arrived = new Map<number, Waits>();
  readonly #touched: number[] = [];
  /** By slot: the best price before the last price, of those with a trail that it touched. */
  readonly #before = new Map<number, string>();
  /** The time of the last price. */
  #latest: number;
  /** A price between these that is known before the deadline concerns nobody. Not so until it was measured. */
  #floor = Infinity;
  #ceiling = -Infinity;
  #deadline = -Infinity;

  /**
   * `since`: no price before this time will come. Signals from before it need not be kept aside until the first price,
   * which matters where very many are loaded at a start.
   */
  constructor(since = -Infinity) {
    this.#latest = since;
  }

  get size(): number {
    return this.#slots.size;
  }

  /**
   * Adds a signal, or replaces what it waits for: also the best price of its trail.
   * @throws RangeError where a number is none, and the signal stays as it was.
   */
  set(id: string, waits: Waits): void {
    check(waits);
    let slot = this.#slots.get(id);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#ids.length;
      this.#ids[slot] = id;
      this.#slots.set(id, slot);
    } else {
      this.#forget(slot);
    }
    if (waits.from <= this.#latest) {
      this.#admit(slot, waits);
    } else {
      this.#arrived.set(slot, waits);
      this.#arrivals.put(slot, waits.from);
    }
    this.#deadline = -Infinity;
  }

  delete(id: string): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#forget(slot);
    this.#slots.delete(id);
    this.#ids[slot] = '';
    this.#free.push(slot);
  }

  /**
   * The signals that a price may concern, each once, in an order that depends only on what was called before. They stay
   * as they are, so the next price may touch them again, until they are set anew or deleted. Trails follow the price.
   *
   * A candle is judged by what was in force at its open (outcome rules, rule 2); within it a trail meets the open, then
   * the end that is worse for it, then the better one, then the close (rules 10 and 14).
   * @throws RangeError where a price is no number, a candle impossible, or its time before that of the price before it:
   * rule 5.
   */
  touched(price: Price): readonly string[] {
    if (!(price.time >= this.#latest))
      throw new RangeError(`price.time: ${price.time} lies before ${this.#latest}, the time of the price before it`);
    if (this.#before.size > 0) this.#before.clear();
    switch (price.kind) {
      case 'tick': {
        const value = valueOf('price.price', price.price);
        this.#latest = price.time;
        if (this.#isCalm(value, value, price.time)) return NONE;
        this.#begin(price, value, value);
        for (const trails of [this.#rising, this.#falling]) {
          if (trails === null) continue;
          trails.collect(value, this.#touched);
          this.#remember(trails);
          trails.follow(value, price.price);
        }
        break;
      }
      case 'candle': {
        const open = valueOf('price.open', price.open);
        const high = valueOf('price.high', price.high);
        const low = valueOf('price.low', price.low);
        const close = valueOf('price.close', price.close);
        if (!(low <= open && open <= high && low <= close && close <= high))
          throw new RangeError(
            `price: ${price.open} and ${price.close} lie not both from ${price.low} to ${price.high}`,
          );
        this.#latest = price.time;
        if (this.#isCalm(low, high, knownAt(price))) return NONE;
        this.#begin(price, low, high);
        for (const trails of [this.#rising, this.#falling]) {
          if (trails === null) continue;
          const [worse, better, best] = trails === this.#rising ? [low, high, price.high] : [high, low, price.low];
          // The open touches none that the worse end does not.
          trails.collect(worse, this.#touched);
          trails.collectAfter(open, worse, this.#touched);
          trails.collectAfter(better, close, this.#touched);
          this.#remember(trails);
          trails.follow(better, best);
        }
        break;
      }
      default:
        throw new TypeError(`not a price: ${JSON.stringify(price satisfies never)}`);
    }
    this.#measureCalm();
    return this.#named();
  }

  /** The time of the last price; `since` before the first. */
  get latest(): number {
    return this.#latest;
  }

  /**
   * The best price that the trail of a signal had ridden when the last price came, of a signal which that price touched:
   * what the price is to be judged by, since its own high is in `best` already. Of any other signal it is `best`.
   */
  bestBefore(id: string): string | null {
    return this.#before.get(this.#slots.get(id) ?? 0) ?? this.best(id);
  }

  /** The best price that the trail of a signal has ridden, as the venue wrote it; null where it has no trail. */
  best(id: string): string | null {
    const slot = this.#slots.get(id);
    if (slot === undefined) return null;
    const arrived = this.#arrived.get(slot);
    if (arrived !== undefined) return arrived.trail?.best ?? null;
    return this.#rising?.best(slot) ?? this.#falling?.best(slot) ?? null;
  }

  /** Whether a price concerns nobody: most prices, and this is all that they cost. */
  #isCalm(low: number, high: number, known: number): boolean {
    return low > this.#floor && high < this.#ceiling && known < this.#deadline;
  }

  #measureCalm(): void {
    const { floor: fall = -Infinity, ceiling: best = Infinity } = this.#rising ?? {};
    const { floor: least = -Infinity, ceiling: rise = Infinity } = this.#falling ?? {};
    const isAwaited = this.#next.first !== 0;
    this.#floor = isAwaited ? Infinity : Math.max(-this.#below.lowest, fall, least);
    this.#ceiling = Math.min(this.#above.lowest, rise, best);
    this.#deadline = Math.min(this.#until.lowest, this.#arrivals.lowest);
  }

  #remember(trails: Trails): void {
    for (const slot of this.#touched) {
      const best = trails.best(slot);
      if (best !== null) this.#before.set(slot, best);
    }
  }

  /** Lets in who arrived, and collects all that a price from `low` to `high` touches but trails. */
  #begin(price: Price, low: number, high: number): void {
    this.#touched.length = 0;
    this.#reach(price.time);
    this.#below.collect(-low, this.#touched);
    this.#above.collect(high, this.#touched);
    this.#next.collect(0, this.#touched);
    this.#until.collect(knownAt(price), this.#touched);
  }

  /** Lets in what a price of this time concerns. */
  #reach(time: number): void {
    while (this.#arrivals.lowest <= time) {
      const slot = this.#arrivals.first;
      const waits = this.#arrived.get(slot)!;
      this.#arrivals.delete(slot);
      this.#arrived.delete(slot);
      this.#admit(slot, waits);
    }
  }

  #admit(slot: number, { below, above, until, next, trail }: Waits): void {
    if (below !== null) this.#below.put(slot, -below);
    if (above !== null) this.#above.put(slot, above);
    if (until !== null) this.#until.put(slot, until);
    if (next) this.#next.put(slot, 0);
    if (trail === null) return;
    const trails = trail.sign === 1 ? (this.#rising ??= new Trails(1)) : (this.#falling ??= new Trails(-1));
    trails.add(slot, trail.distance, trail.best, Number(trail.best));
  }

  #forget(slot: number): void {
    this.#before.delete(slot);
    if (this.#arrived.delete(slot)) {
      this.#arrivals.delete(slot);
      return;
    }
    this.#below.delete(slot);
    this.#above.delete(slot);
    this.#until.delete(slot);
    this.#next.delete(slot);
    this.#rising?.delete(slot);
    this.#falling?.delete(slot);
  }

  /** The ids of who was touched, each once, in the order of slots. */
  #named(): readonly string[] {
    if (this.#touched.length === 0) return NONE;
    const slots = this.#touched.toSorted((one, other) => one - other);
    const ids: string[] = [];
    let last = 0;
    for (const slot of slots) {
      if (slot !== last) ids.push(this.#ids[slot]!);
      last = slot;
    }
    return ids;
  }
}
