/**
 * Reads fields of a venue's answer. Everything read is checked; what is not as it should be throws `VenueUnavailable`
 * naming the place, so that a changed answer is noticed and never guessed at. `place` says whose field it is.
 */
import Big from 'big.js';
import { VenueUnavailable } from '../venue.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A price or payout as text, without needless zeros: a decimal from 0 to 1. */
export type UnitDecimal = string;

const UNIT_DECIMAL = /^[01](?:\.\d{1,40})?$/;
const AMOUNT = /^\d{1,20}(?:\.\d{1,40})?$/;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d(?::?\d\d)?)$/;
/** Titles of markets on several games together run to some hundreds. */
const LONGEST_TEXT = 4_000;

/** `what` is not as it should be. */
export function notUnderstood(place: string, what: string): VenueUnavailable {
  return new VenueUnavailable(`${place}: ${what}`);
}

export function objectOf(value: unknown, place: string): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw notUnderstood(place, 'must be an object');
  return value as JsonObject;
}

export function listOf(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw notUnderstood(place, 'must be a list');
  return value;
}

/** A field's own value; undefined for absent, null and empty ones: venues use all three for "none". */
function given(object: JsonObject, name: string): unknown {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return value === null || value === '' ? undefined : value;
}

/** A text, null where there is none. */
export function textOrNull(object: JsonObject, name: string, place: string): string | null {
  const value = given(object, name);
  if (value === undefined) return null;
  if (typeof value !== 'string' || value.length > LONGEST_TEXT)
    throw notUnderstood(place, `${name} must be a text of at most ${LONGEST_TEXT} characters`);
  return value;
}

export function text(object: JsonObject, name: string, place: string): string {
  const value = textOrNull(object, name, place);
  if (value === null) throw notUnderstood(place, `${name} is missing`);
  return value;
}

/** A yes or no, null where there is none. */
export function flagOrNull(object: JsonObject, name: string, place: string): boolean | null {
  const value = given(object, name);
  if (value === undefined) return null;
  if (typeof value !== 'boolean') throw notUnderstood(place, `${name} must be true or false`);
  return value;
}

export function flag(object: JsonObject, name: string, place: string): boolean {
  const value = flagOrNull(object, name, place);
  if (value === null) throw notUnderstood(place, `${name} is missing`);
  return value;
}

/** A time in milliseconds since 1970, from a text with date, time and zone; null where there is none. */
export function timeOrNull(object: JsonObject, name: string, place: string): number | null {
  const value = textOrNull(object, name, place);
  if (value === null) return null;
  // `2026-03-19 23:20:15+00` is how Gamma writes it; the language wants a T and the zone's minutes.
  const time = TIME.test(value) ? Date.parse(value.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')) : Number.NaN;
  if (Number.isNaN(time)) throw notUnderstood(place, `${name} must be a time`);
  return time;
}

/** A decimal from 0 to 1 given as a text or, where `parseVenueJson` kept its digits, as a number. */
export function unitDecimalOf(value: unknown, what: string, place: string): UnitDecimal {
  const decimal = plain(value);
  if (decimal === null || !UNIT_DECIMAL.test(decimal) || new Big(decimal).gt(1))
    throw notUnderstood(place, `${what} must be a decimal from 0 to 1`);
  return new Big(decimal).toFixed();
}

/** A decimal from 0 up, of at most 20 digits before the point. */
export function amountOf(value: unknown, what: string, place: string): string {
  const decimal = plain(value);
  if (decimal === null || !AMOUNT.test(decimal)) throw notUnderstood(place, `${what} must be a decimal from 0 up`);
  return new Big(decimal).toFixed();
}

/** A decimal from 0 to 1 in a text field, null where there is none. */
export function unitTextOrNull(object: JsonObject, name: string, place: string): UnitDecimal | null {
  const value = textOrNull(object, name, place);
  return value === null ? null : unitDecimalOf(value, name, place);
}

/** What the other side of a prediction market costs or pays. */
export function restToOne(decimal: UnitDecimal): UnitDecimal {
  return new Big(1).minus(decimal).toFixed();
}

/** Whether it is a price someone may pay: 0 and 1 are how venues write "nobody offers". */
export function isBetween(decimal: UnitDecimal): boolean {
  return decimal !== '0' && decimal !== '1';
}

/** A venue's word, short enough to be told. */
export function shown(word: string): string {
  return JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word);
}

/** Without exponent: a number this small or large may be written with one. */
function plain(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return new Big(value).toFixed();
  return typeof value === 'string' ? value : null;
}
