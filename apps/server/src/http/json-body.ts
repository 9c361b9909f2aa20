/**
 * JSON as a ledger takes it: what two parsers could read differently is refused.
 *
 * Refused beside broken JSON: bytes that are no UTF-8, a depth over 16, the same key twice in one object, `__proto__`
 * and `constructor.prototype`, NUL and lone surrogates in texts, numbers beyond a double, and numbers with more digits
 * than a double keeps: what is stored is what was sent.
 */
import { isUtf8 } from 'node:buffer';
import Big from 'big.js';
import { Fault } from './fault.ts';

/** Largest body in bytes. */
export const BODY_LIMIT = 64 * 1024;

/** Deepest nesting of objects and lists; the body itself is the first level. */
const DEPTH_LIMIT = 16;

/** Any decimal of so many digits survives as a double. */
const DIGITS_OF_A_DOUBLE = 15;

const QUOTE = 34;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

export interface JsonOptions {
  /** Some field takes a number as a text too: whoever sent one of too many digits is told to send it so. */
  readonly decimalTexts?: boolean;
}

/** Parses a request's body. Throws `Fault` `invalid`, with the field where there is one. */
export function parseJsonBody(bytes: Buffer, { decimalTexts = false }: JsonOptions = {}): unknown {
  if (!isUtf8(bytes)) throw new Fault('invalid', 'the body is not UTF-8', { field: 'body' });
  const text = bytes.toString('utf8');
  const { pairs, longNumbers } = survey(text);
  let value: unknown;
  try {
    value = longNumbers ? JSON.parse(text, refusingLostDigits(decimalTexts)) : JSON.parse(text);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('invalid', 'the body is not valid JSON', { field: 'body', cause: error });
  }
  const counted = { pairs: 0, escapes: text.includes('\\') };
  inspect(value, 'body', counted);
  if (counted.pairs !== pairs) throw new Fault('invalid', 'a key stands twice in the same object', { field: 'body' });
  return value;
}

/**
 * Counts `key: value` pairs by their colons outside of texts, bounds the depth before the parser recurses, and tells
 * whether there is a number of so many digits that a double may not keep them all.
 */
function survey(text: string): { readonly pairs: number; readonly longNumbers: boolean } {
  let pairs = 0;
  let depth = 0;
  let digits = 0;
  let longNumbers = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      digits += 1;
      if (digits > DIGITS_OF_A_DOUBLE) longNumbers = true;
      continue;
    }
    if (code !== DOT) digits = 0;
    switch (code) {
      case QUOTE:
        at = endOfText(text, at);
        break;
      case COLON:
        pairs += 1;
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        depth += 1;
        if (depth > DEPTH_LIMIT)
          throw new Fault('invalid', `the body is nested deeper than ${DEPTH_LIMIT} levels`, { field: 'body' });
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        depth -= 1;
        break;
      default:
    }
  }
  return { pairs, longNumbers };
}

/** A reviver that looks at numbers as they were written. */
function refusingLostDigits(decimalTexts: boolean): Reviver {
  return function (key, value, context) {
    if (typeof value !== 'number' || !Number.isFinite(value) || context?.source === undefined) return value;
    if (new Big(context.source).eq(new Big(value))) return value;
    const advice = decimalTexts ? '; send it as a string where the field takes one' : '';
    const field = Array.isArray(this) ? 'body' : key;
    throw new Fault('invalid', `the number has more digits than can be kept${advice}`, { field });
  };
}

/** Where the text that begins at a quote ends; past the end when it does not. */
function endOfText(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote;
  }
  return text.length;
}

type Reviver = (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) => unknown;

interface Counted {
  pairs: number;
  /** Whether the text has escapes at all: without them NUL and lone surrogates can't have come in. */
  readonly escapes: boolean;
}

function inspect(value: unknown, path: string, counted: Counted): void {
  if (typeof value === 'string') {
    if (counted.escapes) inspectText(value, path);
    return;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Fault('invalid', 'the number is too large', { field: path });
    return;
  }
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) inspect(item, `${path}.${index}`, counted);
    return;
  }
  for (const key of Object.keys(value)) {
    counted.pairs += 1;
    const inner = path === 'body' ? key : `${path}.${key}`;
    if (key === '__proto__') throw new Fault('invalid', 'the key __proto__ is not allowed', { field: 'body' });
    if (counted.escapes) inspectText(key, path);
    const nested = (value as Record<string, unknown>)[key];
    if (key === 'constructor' && nested !== null && typeof nested === 'object' && Object.hasOwn(nested, 'prototype')) {
      throw new Fault('invalid', 'the key constructor.prototype is not allowed', { field: 'body' });
    }
    inspect(nested, inner, counted);
  }
}

function inspectText(text: string, path: string): void {
  if (text.includes('\u0000')) throw new Fault('invalid', 'the text has a NUL character', { field: path });
  if (!text.isWellFormed()) throw new Fault('invalid', 'the text has half of a surrogate pair', { field: path });
}
