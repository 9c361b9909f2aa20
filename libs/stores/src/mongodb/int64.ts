/**
 * A whole number as MongoDB keeps it, 64 bits wide. The driver would cut off what goes beyond, silently.
 * @throws Error naming `what`.
 */
export function int64(value: bigint, what: string): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new Error(`${what} is ${value}, which does not fit in 64 bits`);
  return value;
}
