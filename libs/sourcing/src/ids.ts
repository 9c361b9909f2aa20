/** Identities: unique, never an order (order and cursors come from positions). */
import { getRandomValues, hash } from 'node:crypto';
import { v7, validate } from 'uuid';

/** Random bytes are drawn for many ids at once: a call for each costs more than the rest of making one. */
const pool = new Uint8Array(16 * 256);
let drawn = pool.length;

function randomBytes(): Uint8Array {
  if (drawn === pool.length) {
    getRandomValues(pool);
    drawn = 0;
  }
  drawn += 16;
  return pool.subarray(drawn - 16, drawn);
}

/** A new id, UUIDv7, whose first 48 bits are exactly the given moment (milliseconds since 1970). */
export function newId(at: number): string {
  return v7({ msecs: at, random: randomBytes() });
}

/** The id of a command's n-th event: the same for every try of that command. UUIDv5 of the index under the command. */
export function derivedEventId(commandId: string, index: number): string {
  const digest = hash(
    'sha1',
    Buffer.from(compactId(commandId) + Buffer.from(String(index)).toString('hex'), 'hex'),
    'buffer',
  );
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  return dashedId(digest.toString('hex', 0, 16));
}

/** 32 hex digits, the form in streams and in most dialects. */
export function compactId(id: string): string {
  return id.replaceAll('-', '').toLowerCase();
}

/** The dashed form of 32 hex digits. */
export function dashedId(id: string): string {
  const hex = compactId(id);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const COMPACT = /^[0-9a-f]{32}$/i;

/** The compact form of an id written either way, or null if it is none. */
export function parseId(text: string): string | null {
  if (COMPACT.test(text)) return text.toLowerCase();
  return validate(text) ? compactId(text) : null;
}
