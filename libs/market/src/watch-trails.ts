/**
 * The trailing stops of one instrument in one direction. Those that ride the same best price are a group, and a new
 * best moves groups, never stops one by one.
 *
 * What it costs, with n stops open:
 * - a price that makes no new best and touches nothing: two comparisons, whatever n is;
 * - a price that touches k stops in g groups: O(k + g), with g ≤ k but for the rare false positive;
 * - a new best: all groups at or below it become one, the smaller melded into the larger. A group ceases only once,
 *   and a stop is told of its new group only when that group is at least twice as large as its old one, so all melds
 *   together cost O(log n) for each `add`, however many prices come;
 * - `add` and `delete`: O(log n).
 *
 * Prices are held as doubles of the direction's sign, so that the best is the highest in both. A touch is decided with
 * some slack for what doubles round, so none is missed; which of two prices that are the same double is the better one,
 * is decided by their decimals.
 */
import Big from 'big.js';
import { grownSlots, NO_SLOTS } from './watch-arrays.ts';
import { SlotHeap } from './watch-heap.ts';
import { Trees } from './watch-trees.ts';

/**
 * Doubles of best, price and distance and the subtraction between them are off by at most 3 × 2^-53 of their sizes; this
 * is more than twice as much.
 */
const SLACK = 2 ** -50;

export class Trails {
  readonly #sign: 1 | -1;
  /** The stops of a group are a tree by distance. */
  readonly #trees = new Trees();
  /** By slot. Groups are numbered from 1 on. */
  #groups: Int32Array = NO_SLOTS;
  /** By group. */
  readonly #roots: number[] = [0];
  readonly #sizes: number[] = [0];
  readonly #bests: string[] = [''];
  /** Numbers of groups that ceased. */
  readonly #free: number[] = [];
  readonly #named = new Map<string, number>();
  /** Groups, the lowest best first: those that a new best takes along. */
  readonly #byBest = new SlotHeap();
  /** Groups, the highest level first, so by the level's negative: the price at which the first stop of each is touched. */
  readonly #byLevel = new SlotHeap();
  readonly #found: number[] = [];
  readonly #members: number[] = [];

  /** 1: the best price is the highest, and a fall from it touches. -1: the lowest, and a rise. */
  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  /** A price at which a stop is touched or a best is bettered lies at or below this, or at or above `ceiling`. */
  get floor(): number {
    return this.#sign === 1 ? -this.#byLevel.lowest : -this.#byBest.lowest;
  }

  /** See `floor`. */
  get ceiling(): number {
    return this.#sign === 1 ? this.#byBest.lowest : this.#byLevel.lowest;
  }

  /** Adds a slot that is not here. `value` is the double of `best`. */
  add(slot: number, distance: number, best: string, value: number): void {
    const group = this.#named.get(best) ?? this.#open(best, value * this.#sign);
    this.#trees.plant(slot, distance);
    this.#roots[group] = this.#trees.meld(this.#roots[group]!, slot);
    this.#sizes[group]! += 1;
    if (slot >= this.#groups.length) this.#groups = grownSlots(this.#groups, slot);
    this.#groups[slot] = group;
    this.#level(group);
  }

  delete(slot: number): void {
    const group = this.#groups[slot] ?? 0;
    if (group === 0) return;
    this.#groups[slot] = 0;
    this.#roots[group] = this.#trees.delete(this.#roots[group]!, slot);
    this.#sizes[group]! -= 1;
    if (this.#sizes[group] === 0) this.#close(group);
    else this.#level(group);
  }

  /** The best price so far of a slot; null for one that is not here. */
  best(slot: number): string | null {
    const group = this.#groups[slot] ?? 0;
    return group === 0 ? null : this.#bests[group]!;
  }

  /** Adds to `touched` the slots whose distance a price lies away from their best. */
  collect(value: number, touched: number[]): void {
    const price = value * this.#sign;
    if (this.#byLevel.lowest > -price) return;
    this.#found.length = 0;
    this.#byLevel.collect(-price, this.#found);
    for (const group of this.#found) {
      const best = this.#byBest.key(group);
      const limit = best - price + SLACK * (Math.abs(best) + Math.abs(price));
      this.#trees.collect(this.#roots[group]!, limit, touched);
    }
  }

  /** Adds to `touched` the slots that a price would touch once those with no better best had followed `followed`. */
  collectAfter(followed: number, value: number, touched: number[]): void {
    const best = followed * this.#sign;
    const price = value * this.#sign;
    if (this.#byBest.lowest > best) return;
    const limit = best - price + SLACK * (Math.abs(best) + Math.abs(price));
    this.#found.length = 0;
    this.#byBest.collect(best, this.#found);
    for (const group of this.#found) this.#trees.collect(this.#roots[group]!, limit, touched);
  }

  /** Has a price be the best of all that had none as good. `value` is the double of `text`. */
  follow(value: number, text: string): void {
    const price = value * this.#sign;
    if (this.#byBest.lowest > price) return;
    this.#found.length = 0;
    this.#byBest.collect(price, this.#found);
    let joined = 0;
    let better = false;
    for (const group of this.#found) {
      const gain = this.#byBest.key(group) < price ? 1 : this.#sign * compare(text, this.#bests[group]!);
      if (gain < 0) continue;
      better ||= gain > 0;
      joined = joined === 0 ? group : this.#join(joined, group);
    }
    if (!better) return;
    this.#named.delete(this.#bests[joined]!);
    this.#bests[joined] = text;
    this.#named.set(text, joined);
    this.#byBest.put(joined, price);
    this.#level(joined);
  }

  #open(best: string, value: number): number {
    const group = this.#free.pop() ?? this.#roots.length;
    this.#roots[group] = 0;
    this.#sizes[group] = 0;
    this.#bests[group] = best;
    this.#named.set(best, group);
    this.#byBest.put(group, value);
    return group;
  }

  #close(group: number): void {
    this.#named.delete(this.#bests[group]!);
    this.#bests[group] = '';
    this.#byBest.delete(group);
    this.#byLevel.delete(group);
    this.#free.push(group);
  }

  /** Makes one group of two, and answers which it is. */
  #join(one: number, other: number): number {
    const [large, small] = this.#sizes[one]! >= this.#sizes[other]! ? [one, other] : [other, one];
    this.#members.length = 0;
    this.#trees.collect(this.#roots[small]!, Infinity, this.#members);
    for (const slot of this.#members) this.#groups[slot] = large;
    this.#members.length = 0;
    this.#roots[large] = this.#trees.meld(this.#roots[large]!, this.#roots[small]!);
    this.#sizes[large]! += this.#sizes[small]!;
    this.#close(small);
    this.#level(large);
    return large;
  }

  /** Notes the price at which the first stop of a group is touched. */
  #level(group: number): void {
    const best = this.#byBest.key(group);
    const distance = this.#trees.key(this.#roots[group]!);
    this.#byLevel.put(group, -(best - distance + SLACK * (Math.abs(best) + Math.abs(distance))));
  }
}

/** Of two decimals; nearly always the same text. */
function compare(left: string, right: string): number {
  return left === right ? 0 : new Big(left).cmp(right);
}
