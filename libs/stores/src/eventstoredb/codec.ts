/** Events as EventStoreDB keeps them: data as they are, and all else the port knows of an event in its metadata. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type Append, type EventMetadata, messageOf, NO_STREAM, type RecordedEvent } from '#libs/sourcing';
import { streamIdentifier } from './requests.ts';

/** Kept beside the data of an event, as JSON. An event without it is not one of a ledger. */
interface Kept {
  readonly time: string;
  readonly channelId: string | null;
  readonly metadata: EventMetadata;
}

/** An event about to be sent. */
export interface Proposal {
  readonly id: string;
  readonly type: string;
  /** JSON. */
  readonly data: Buffer;
  /** JSON. */
  readonly kept: Buffer;
}

/** The server takes 1 MiB a whole append; what it adds to each event differs by its version, so some room is left. */
export const LARGEST_APPEND = 1_024 * 1_024 - 24 * 1_024;

/** What an event takes beside its data and metadata: its id, its frame, and its type at two bytes a character. */
const EVENT_FRAME = 64;

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * Puts events into bytes before anything is sent: the client's protocol has no way to take back half an append.
 * Throws for what is not JSON, for an id that is no lower-case UUID, for no events and for more than the server takes.
 */
export function proposals({ stream, events }: Append): readonly Proposal[] {
  if (events.length === 0) throw new Error(`an append to ${stream} without events`);
  const proposed = events.map(({ id, type, time, channelId, data, metadata }, index) => {
    const field = (name: string): string => `event ${index} (${type}) for ${stream}: ${name}`;
    if (!UUID.test(id)) throw new Error(`${field('id')} is not a lower-case UUID: ${JSON.stringify(id)}`);
    const kept: Kept = { time, channelId, metadata };
    return { id, type, data: json(data, field('data')), kept: json(kept, field('metadata')) };
  });
  const bytes = sizeOf(proposed);
  if (bytes > LARGEST_APPEND)
    throw new Error(
      `an append of ${events.length} events to ${stream} takes ${bytes} bytes; ${LARGEST_APPEND} is the most`,
    );
  return proposed;
}

/** What the events take of the server's limit, rather more than less. */
export function sizeOf(proposed: readonly Proposal[]): number {
  return proposed.reduce(
    (sum, { type, data, kept }) => sum + data.length + kept.length + 2 * type.length + EVENT_FRAME,
    0,
  );
}

/** `stream` by its name on the server. */
export function appendRequest(
  correlationId: string,
  stream: string,
  expected: number,
  proposed: readonly Proposal[],
): streams.BatchAppendReq {
  const options = new streams.BatchAppendReq.Options();
  options.setStreamIdentifier(streamIdentifier(stream));
  if (expected === NO_STREAM) options.setNoStream(new shared.Empty());
  else options.setStreamPosition(String(expected));
  const request = new streams.BatchAppendReq();
  request.setCorrelationId(uuid(correlationId));
  request.setOptions(options);
  request.setIsFinal(true);
  for (const { id, type, data, kept } of proposed) {
    const message = new streams.BatchAppendReq.ProposedMessage();
    message.setId(uuid(id));
    message.getMetadataMap().set('type', type).set('content-type', 'application/json');
    message.setData(data);
    message.setCustomMetadata(kept);
    request.addProposedMessages(message);
  }
  return request;
}

/** The event, in a stream by its own name, or null where it was not written by a ledger. */
export function recordedEvent(record: streams.ReadResp.ReadEvent.RecordedEvent, stream: string): RecordedEvent | null {
  const kept = parsed(record.getCustomMetadata_asU8()) as Partial<Kept> | null;
  if (kept?.metadata === undefined || kept.time === undefined || kept.channelId === undefined) return null;
  const data = parsed(record.getData_asU8());
  if (data === null) return null;
  return {
    id: uuidText(record.getId()!),
    type: record.getMetadataMap().get('type')!,
    time: kept.time,
    channelId: kept.channelId,
    data,
    metadata: kept.metadata,
    stream,
    revision: Number(record.getStreamRevision()),
    position: BigInt(record.getCommitPosition()),
  };
}

/** The name of an event's stream on the server. */
export function streamOf(record: streams.ReadResp.ReadEvent.RecordedEvent): string {
  return Buffer.from(record.getStreamIdentifier()!.getStreamName_asU8()).toString('utf8');
}

/** Servers write an id as text or as two numbers. */
export function uuidText(id: shared.UUID): string {
  const structured = id.getStructured();
  if (structured === undefined) return id.getString().toLowerCase();
  const hex = [structured.getMostSignificantBits(), structured.getLeastSignificantBits()]
    .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function uuid(text: string): shared.UUID {
  const id = new shared.UUID();
  id.setString(text);
  return id;
}

function json(value: unknown, field: string): Buffer {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new Error(`${field} is not JSON: ${messageOf(error)}`, { cause: error });
  }
  if (text === undefined) throw new Error(`${field} is not JSON: ${typeof value}`);
  return Buffer.from(text, 'utf8');
}

/** An object, or null for anything else. */
function parsed(bytes: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
