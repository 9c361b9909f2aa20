/** Bytes as letters and digits: what a key is made of, so that a double click selects all of it. */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = 62n;

/** Characters that so many bytes take at most, and so always. */
export function base62Length(bytes: number): number {
  return Math.ceil((bytes * 8) / Math.log2(62));
}

/** Always as long as `base62Length` says: filled up with zeros in front. */
export function base62Of(bytes: Uint8Array): string {
  let rest = BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (; rest > 0n; rest /= BASE) text = DIGITS[Number(rest % BASE)]! + text;
  return text.padStart(base62Length(bytes.length), '0');
}

/** The bytes of a text that `base62Of` made; null for one that it never makes. */
export function bytesOfBase62(text: string, length: number): Uint8Array | null {
  if (text.length !== base62Length(length)) return null;
  let value = 0n;
  for (const digit of text) {
    const at = DIGITS.indexOf(digit);
    if (at === -1) return null;
    value = value * BASE + BigInt(at);
  }
  const hex = value.toString(16).padStart(2 * length, '0');
  return hex.length > 2 * length ? null : Buffer.from(hex, 'hex');
}
