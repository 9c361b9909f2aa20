/** Arrays of numbers by slot, which double when they are full: no garbage for each signal, and close together in memory. */

/** What is empty starts with these, so that what stays empty costs no array. */
export const NO_NUMBERS = new Float64Array(0);
export const NO_SLOTS = new Int32Array(0);

/** A copy, zero where it is longer, in which `index` is within bounds. */
export function grownSlots(array: Int32Array, index: number): Int32Array {
  const grown = new Int32Array(lengthFor(index));
  grown.set(array);
  return grown;
}

/** A copy, zero where it is longer, in which `index` is within bounds. */
export function grownNumbers(array: Float64Array, index: number): Float64Array {
  const grown = new Float64Array(lengthFor(index));
  grown.set(array);
  return grown;
}

/** The next power of two above an index, at least 4. */
function lengthFor(index: number): number {
  return Math.max(4, 2 ** (32 - Math.clz32(index)));
}
