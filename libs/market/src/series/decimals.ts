/** Many decimals in little memory, each of which comes out as it was written. */

/** Longest decimal taken from outside. */
const MAX_LENGTH = 40;

const PLAIN = /^(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** Whether a text is a plain decimal above zero: no sign, no exponent, no needless leading zero, at most 40 characters. */
export function isPrice(text: string): boolean {
  return text.length <= MAX_LENGTH && PLAIN.test(text) && /[1-9]/.test(text);
}

/** A column that only grows. */
export interface Decimals {
  /** Adds a text for which `isPrice` holds. */
  push(text: string): void;
  /** The text at a place that was filled, digit for digit. */
  at(index: number): string;
  /** Gives back the memory that was kept for more. */
  trim(): void;
}

const FIRST_CAPACITY = 1_024;

/**
 * Digits as one whole number and how many of them stand behind the dot: 9 bytes a decimal. The few with more digits
 * than a double holds exactly are kept as texts.
 */
export function createDecimals(): Decimals {
  let digits = new Float64Array(FIRST_CAPACITY);
  let places = new Uint8Array(FIRST_CAPACITY);
  let length = 0;
  const long = new Map<number, string>();

  const resize = (capacity: number): void => {
    digits = resized(digits, new Float64Array(capacity));
    places = resized(places, new Uint8Array(capacity));
  };
  return {
    push: (text) => {
      if (length === digits.length) resize(length * 2);
      const dot = text.indexOf('.');
      const whole = Number(dot === -1 ? text : text.slice(0, dot) + text.slice(dot + 1));
      if (Number.isSafeInteger(whole)) {
        digits[length] = whole;
        places[length] = dot === -1 ? 0 : text.length - dot - 1;
      } else {
        long.set(length, text);
      }
      length += 1;
    },
    at: (index) => {
      const text = long.get(index);
      if (text !== undefined) return text;
      const behind = places[index]!;
      const whole = String(digits[index]);
      if (behind === 0) return whole;
      const padded = whole.padStart(behind + 1, '0');
      return `${padded.slice(0, -behind)}.${padded.slice(-behind)}`;
    },
    trim: () => resize(length),
  };
}

/** The same values in a larger array, or in a smaller one that they fit in. */
export function resized<Values extends Float64Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from.subarray(0, to.length));
  return to;
}
