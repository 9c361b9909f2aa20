/** Identities: unique, never an order (order and cursors come from positions). */
import { v5, v7, validate } from 'uuid';

/** A new id, UUIDv7, whose first 48 bits are exactly the given moment (milliseconds since 1970). */
export function newId(at: number): string {
  return v7({ msecs: at });
}

/** The id of a command's n-th event: the same for every try of that command. */
export function derivedEventId(commandId: string, index: number): string {
  return v5(String(index), commandId);
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
