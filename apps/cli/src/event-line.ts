/** The lines of an export: a header, then one event a line, in the order of the log. */
import { z } from 'zod';
import type { RecordedEvent } from '#libs/sourcing';
import { CommandError } from './output.ts';

export interface ExportHeader {
  /** Version of this form. */
  readonly signal_ledger_export: 1;
  /** The event store the events came from. */
  readonly store_id: string;
  /** Position of the last event: a file that ends before it was cut short. */
  readonly head: string;
}

/** An event as one line of JSON. `position` tells where it stood; another store gives it a place of its own. */
export function eventLine({
  position,
  id,
  stream,
  revision,
  type,
  time,
  channelId,
  data,
  metadata,
}: RecordedEvent): string {
  return JSON.stringify({ position: String(position), id, stream, revision, type, time, channelId, data, metadata });
}

const position = z.string().regex(/^\d{1,18}$/, 'must be a whole number as text');
const instant = z.iso.datetime({ precision: 3, error: 'must be a time in UTC with milliseconds' });
const text = z.string().min(1).max(1_000);
const jsonObject = z.custom<object>(
  (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
  'must be an object',
);

const headerSchema = z.strictObject({ signal_ledger_export: z.literal(1), store_id: text, head: position });

const eventSchema = z.strictObject({
  position,
  id: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a lower-case UUID'),
  stream: text,
  revision: z.int().min(0),
  type: text,
  time: instant,
  channelId: text.nullable(),
  data: jsonObject,
  metadata: z.looseObject({
    commandId: text,
    // Empty where no request led to it: what prices do.
    requestId: z.string().max(1_000),
    dialect: text,
    actor: text,
    keyId: text.nullable(),
    receivedAt: instant,
    schemaVersion: z.int().min(1),
  }),
});

/** Reads the first line of an export. Throws a `CommandError` when it is none. */
export function parseHeader(line: string): ExportHeader {
  const parsed = headerSchema.safeParse(parseJson(line));
  if (parsed.success) return parsed.data;
  throw new CommandError(
    'not_an_export',
    'line 1 is not the header of a signal-ledger export that this release can read',
  );
}

/** Reads an event's line, exactly as it was told. Throws a `CommandError` that names the line and what is wrong with it. */
export function parseEvent(line: string, lineNumber: number): RecordedEvent {
  const value = parseJson(line);
  if (value === undefined) throw badLine(lineNumber, 'it is not JSON');
  const parsed = eventSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw badLine(lineNumber, `${path.length === 0 ? 'the event' : path.join('.')}: ${message}`);
  }
  // The value as read, not as the schema would copy it: the order of its keys is part of what is kept.
  return { ...(value as RecordedEvent), position: BigInt(parsed.data.position) };
}

/** A line that can't be what an export wrote. */
export function badLine(lineNumber: number, reason: string): CommandError {
  return new CommandError('bad_line', `line ${lineNumber}: ${reason}`);
}

/** Undefined for text that is not JSON. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
