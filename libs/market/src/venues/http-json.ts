/** JSON of venues, without losing digits: what a double can't hold stays the text that was sent. */
import Big from 'big.js';

/** Any decimal written in so many characters survives as a double. */
const EXACT_AS_DOUBLE = 15;

/** A number longer than this is kept as text unseen. */
const LONGEST_COMPARED = 64;

/** Whether a text may hold such numbers at all. Ids in quotes make it true without need, which only costs time. */
const LONG_NUMBER = /[\d.]{16}|\d[eE]/;

/** Parses JSON; a number that a double would change becomes its own text. Throws where it is no JSON. */
export function parseVenueJson(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  const { source } = context;
  if (!Number.isFinite(value) || source.length > LONGEST_COMPARED) return source;
  if (source.length <= EXACT_AS_DOUBLE) return value;
  return new Big(source).eq(new Big(value)) ? value : source;
}
