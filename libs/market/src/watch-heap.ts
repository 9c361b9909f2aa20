import { grownNumbers, grownSlots, NO_NUMBERS, NO_SLOTS } from './watch-arrays.ts';

/**
 * A heap of slots, the lowest key first, that knows where each slot lies: a key is put, changed and taken out in the
 * logarithm of their number, and all slots up to a key are read in the number of those found.
 *
 * Slots are small integers from 1 on; 0 stands for none. Everything is in arrays of numbers that double when they are
 * full, so a slot costs 12 bytes here and 4 more for its place, and the collector of garbage has nothing to look at.
 * The arrays don't shrink.
 */
export class SlotHeap {
  /** By place, from 1 on: the children of place p lie at 2p and 2p + 1. */
  #keys: Float64Array = NO_NUMBERS;
  #slots: Int32Array = NO_SLOTS;
  /** By slot: its place, 0 for a slot that is not here. */
  #places: Int32Array = NO_SLOTS;
  #size = 0;

  /** The lowest key; Infinity where there is none. */
  get lowest(): number {
    return this.#size === 0 ? Infinity : this.#keys[1]!;
  }

  /** The slot of the lowest key; 0 where there is none. */
  get first(): number {
    return this.#size === 0 ? 0 : this.#slots[1]!;
  }

  has(slot: number): boolean {
    return slot < this.#places.length && this.#places[slot] !== 0;
  }

  /** The key of a slot that is here. */
  key(slot: number): number {
    return this.#keys[this.#places[slot]!]!;
  }

  /** Adds a slot, or changes its key. */
  put(slot: number, key: number): void {
    let place = slot < this.#places.length ? this.#places[slot]! : 0;
    if (place === 0) {
      place = ++this.#size;
      if (place >= this.#slots.length) {
        this.#keys = grownNumbers(this.#keys, place);
        this.#slots = grownSlots(this.#slots, place);
      }
      if (slot >= this.#places.length) this.#places = grownSlots(this.#places, slot);
    }
    this.#settle(place, slot, key);
  }

  /** Takes a slot out; one that is not here is none of its business. */
  delete(slot: number): void {
    if (!this.has(slot)) return;
    const place = this.#places[slot]!;
    this.#places[slot] = 0;
    const last = this.#size--;
    if (place !== last) this.#settle(place, this.#slots[last]!, this.#keys[last]!);
  }

  /** Adds to `found` every slot whose key is at or below `limit`. It looks at no more than twice as many others. */
  collect(limit: number, found: number[]): void {
    if (this.#size === 0 || this.#keys[1]! > limit) return;
    const start = found.length;
    found.push(this.#slots[1]!);
    // What was found last serves as the queue of whose children are looked at next.
    for (let at = start; at < found.length; at += 1) {
      const child = this.#places[found[at]!]! * 2;
      if (child <= this.#size && this.#keys[child]! <= limit) found.push(this.#slots[child]!);
      if (child < this.#size && this.#keys[child + 1]! <= limit) found.push(this.#slots[child + 1]!);
    }
  }

  /** Puts a slot where it belongs, on the way up or down from a place that is free to be overwritten. */
  #settle(from: number, slot: number, key: number): void {
    const keys = this.#keys;
    const slots = this.#slots;
    const places = this.#places;
    let place = from;
    for (let parent = place >> 1; parent > 0 && keys[parent]! > key; parent = place >> 1) {
      keys[place] = keys[parent]!;
      slots[place] = slots[parent]!;
      places[slots[place]!] = place;
      place = parent;
    }
    for (let child = place * 2; child <= this.#size; child = place * 2) {
      if (child < this.#size && keys[child + 1]! < keys[child]!) child += 1;
      if (keys[child]! >= key) break;
      keys[place] = keys[child]!;
      slots[place] = slots[child]!;
      places[slots[place]!] = place;
      place = child;
    }
    keys[place] = key;
    slots[place] = slot;
    places[slot] = place;
  }
}
