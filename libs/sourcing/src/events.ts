/** What the log keeps of an event, whatever the domain. */

/** Who did it, on which request, heard when. Written into every event. */
export interface EventMetadata {
  /** Identity of the command; the ids of its events are derived from it. */
  readonly commandId: string;
  readonly requestId: string;
  readonly dialect: string;
  /** `channel:<id>`, `operator`, `market`. */
  readonly actor: string;
  /** The API key used, by its public id; null where none was. */
  readonly keyId: string | null;
  /** When the server received the request: ISO 8601, UTC, milliseconds. */
  readonly receivedAt: string;
  readonly schemaVersion: number;
}

/** An event about to be appended. */
export interface NewEvent {
  /** Lower-case UUID, derived from the command, so that a repeat is recognised. */
  readonly id: string;
  readonly type: string;
  /** ISO 8601, UTC, milliseconds: the later of `receivedAt` and the stream's last time. */
  readonly time: string;
  /** Whose it is; null for what belongs to no channel. */
  readonly channelId: string | null;
  readonly data: object;
  readonly metadata: EventMetadata;
}

/** An event as the log tells it. */
export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  /** Place in its stream, from 0, without gaps. */
  readonly revision: number;
  /** Place in the whole log: grows, may skip. A bigint in code, an opaque string outside. */
  readonly position: bigint;
}
