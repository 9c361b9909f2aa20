/**
 * Long and short are mirror images. Each rule about prices is written once, for a sign: 1 where profit lies at higher
 * prices, -1 where it lies at lower ones, 0 where a signal has no such side (yes and no, no direction, a close).
 * Under sign 0 no rule about sides applies, only those about the form of a price.
 */
import { compare } from './decimal.ts';
import type { Decimal, Direction, Entry, Side } from './events.ts';

export type Sign = 1 | -1 | 0;

export function signOf(side: Side, direction: Direction | null): Sign {
  if (side === 'close') return 0;
  return direction === 'long' ? 1 : direction === 'short' ? -1 : 0;
}

/** Strictly on the profit side: above for a long, below for a short. True under sign 0. */
export function onProfitSide(sign: Sign, price: Decimal, bound: Decimal): boolean {
  return sign === 0 || compare(price, bound) === sign;
}

/** Strictly on the losing side: below for a long, above for a short. True under sign 0. */
export function onLosingSide(sign: Sign, price: Decimal, bound: Decimal): boolean {
  return sign === 0 || compare(price, bound) === -sign;
}

/** For messages. */
export function profitWord(sign: Sign): string {
  return sign < 0 ? 'below' : 'above';
}

/** For messages. */
export function losingWord(sign: Sign): string {
  return sign < 0 ? 'above' : 'below';
}

/** The price of the entry furthest to the profit side; null where the signal enters at any price. */
export function profitBound(sign: Sign, entry: Entry | null): Decimal | null {
  return sign < 0 ? lowest(entry) : highest(entry);
}

/** The price of the entry furthest to the losing side; null where the signal enters at any price. */
export function losingBound(sign: Sign, entry: Entry | null): Decimal | null {
  return sign < 0 ? highest(entry) : lowest(entry);
}

function highest(entry: Entry | null): Decimal | null {
  return entry?.max ?? entry?.mid ?? entry?.min ?? null;
}

function lowest(entry: Entry | null): Decimal | null {
  return entry?.min ?? entry?.mid ?? entry?.max ?? null;
}
