/**
 * Heaps of slots, the lowest key first, that can be melded: leftist trees (Crane, 1972), any number of them in the same
 * arrays. A tree is named by the slot at its root, 0 for none; a slot is in one tree at most.
 *
 * To meld two trees and to take a slot out cost the logarithm of their size, however they came about; all slots up to
 * a key are read in the number of those found. 21 bytes a slot.
 */
import { grownNumbers, grownSlots, NO_NUMBERS, NO_SLOTS } from './watch-arrays.ts';

export class Trees {
  #keys: Float64Array = NO_NUMBERS;
  #left: Int32Array = NO_SLOTS;
  #right: Int32Array = NO_SLOTS;
  #parent: Int32Array = NO_SLOTS;
  /** Slots on the way from here to the right until none is left; to the left it is never shorter. 0 for slot 0. */
  #rank: Uint8Array = new Uint8Array(0);

  /** The key of a slot that is in a tree. */
  key(slot: number): number {
    return this.#keys[slot]!;
  }

  /** Makes a tree of a slot that is in none. */
  plant(slot: number, key: number): void {
    if (slot >= this.#keys.length) this.#grow(slot);
    this.#keys[slot] = key;
    this.#left[slot] = 0;
    this.#right[slot] = 0;
    this.#parent[slot] = 0;
    this.#rank[slot] = 1;
  }

  /** Makes one tree of two and answers its root. It calls itself along right sides only, some 40 times at most. */
  meld(one: number, other: number): number {
    if (one === 0) return other;
    if (other === 0) return one;
    const root = this.#keys[one]! <= this.#keys[other]! ? one : other;
    const right = this.meld(this.#right[root]!, root === one ? other : one);
    this.#right[root] = right;
    this.#parent[right] = root;
    this.#lean(root);
    return root;
  }

  /** Takes a slot out of the tree of this root; answers the root of what is left. */
  delete(root: number, slot: number): number {
    const parent = this.#parent[slot]!;
    const left = this.#left[slot]!;
    const right = this.#right[slot]!;
    if (left !== 0) this.#parent[left] = 0;
    if (right !== 0) this.#parent[right] = 0;
    const rest = this.meld(left, right);
    if (parent === 0) return rest;
    if (rest !== 0) this.#parent[rest] = parent;
    if (this.#left[parent] === slot) this.#left[parent] = rest;
    else this.#right[parent] = rest;
    // A rank that stays ends it; those that change grow by one on the way up, so they are few.
    for (let above = parent; above !== 0 && this.#lean(above); above = this.#parent[above]!);
    return root;
  }

  /** Adds to `found` every slot of a tree whose key is at or below `limit`. It looks at no more than twice as many others. */
  collect(root: number, limit: number, found: number[]): void {
    if (root === 0 || this.#keys[root]! > limit) return;
    const start = found.length;
    found.push(root);
    for (let at = start; at < found.length; at += 1) {
      const left = this.#left[found[at]!]!;
      const right = this.#right[found[at]!]!;
      if (left !== 0 && this.#keys[left]! <= limit) found.push(left);
      if (right !== 0 && this.#keys[right]! <= limit) found.push(right);
    }
  }

  /** Has the higher rank on the left. Answers whether the slot's own rank changed. */
  #lean(slot: number): boolean {
    const left = this.#left[slot]!;
    const right = this.#right[slot]!;
    const leftRank = this.#rank[left]!;
    const rightRank = this.#rank[right]!;
    if (leftRank < rightRank) {
      this.#left[slot] = right;
      this.#right[slot] = left;
    }
    const rank = Math.min(leftRank, rightRank) + 1;
    if (this.#rank[slot] === rank) return false;
    this.#rank[slot] = rank;
    return true;
  }

  #grow(slot: number): void {
    this.#keys = grownNumbers(this.#keys, slot);
    this.#left = grownSlots(this.#left, slot);
    this.#right = grownSlots(this.#right, slot);
    this.#parent = grownSlots(this.#parent, slot);
    const ranks = new Uint8Array(this.#keys.length);
    ranks.set(this.#rank);
    this.#rank = ranks;
  }
}
