/** What the kernel asks of a store. One contract suite (`testing/event-store-contract.ts`) runs on every adapter. */
import type { NewEvent, RecordedEvent } from './events.ts';

/** The stream must not exist yet. */
export const NO_STREAM = -1;

/** Before the first event of the log. */
export const LOG_START = 0n;

/** Some events for one stream, all or none of them. */
export interface Append {
  readonly stream: string;
  /** The revision the stream must be at: that of its last event, or `NO_STREAM`. */
  readonly expected: number;
  readonly events: readonly NewEvent[];
}

/** Where an append ended. */
export interface Appended {
  /** Revision of the last event written. */
  readonly revision: number;
  /** Position of the last event written. */
  readonly position: bigint;
}

/**
 * An append-only log of streams.
 *
 * `append` resolves only when the events are durable. It throws `RevisionConflict` when a stream is elsewhere,
 * `StoreUnavailable` when certainly nothing was written, and `OutcomeUnknown` when that can't be said.
 * An append whose very events (by id) already stand at that place succeeds again with the original answer.
 */
export interface EventStore {
  /** Drawn at random when the store was made; another id means other events. */
  id(): Promise<string>;
  append(append: Append): Promise<Appended>;
  /**
   * Appends to several streams as one: all or nothing. Absent where the store can't.
   * A conflict names the first stream that stood elsewhere.
   */
  readonly appendAll?: (appends: readonly Append[]) => Promise<readonly Appended[]>;
  /** Events of a stream from `from` on, oldest first; none if it does not exist. */
  readStream(stream: string, from?: number): Promise<readonly RecordedEvent[]>;
  /** Events after a position, in order, at most `limit`; `prefix` keeps streams whose name begins so. */
  readAll(after: bigint, limit: number, prefix?: string): Promise<LogPage>;
  /**
   * Everything after a position, for good, in order, in batches: first what is there, then what comes.
   * Ends when the signal aborts. A batch may be empty: then only `checkpoint` moved.
   */
  subscribe(after: bigint, options: SubscribeOptions): AsyncIterable<LogPage>;
  /** Position of the last event; `LOG_START` when there is none. */
  head(): Promise<bigint>;
  /** Throws, or resolves when the store takes writes. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface LogPage {
  readonly events: readonly RecordedEvent[];
  /** All up to here was looked at: a reader may go on from it even if the filter left nothing. */
  readonly checkpoint: bigint;
}

export interface SubscribeOptions {
  readonly prefix?: string;
  readonly signal: AbortSignal;
  /** Largest batch. */
  readonly limit?: number;
}

/** The stream was not where the writer thought. `actual` is -1 for a stream that does not exist. */
export class RevisionConflict extends Error {
  override readonly name = 'RevisionConflict';
  readonly stream: string;
  readonly expected: number;
  readonly actual: number;
  constructor(stream: string, expected: number, actual: number) {
    super(`${stream} is at revision ${actual}, not ${expected}`);
    this.stream = stream;
    this.expected = expected;
    this.actual = actual;
  }
}

/** The events may or may not be there: never repeat blindly, look for their ids. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** Certainly nothing was written; trying later is safe. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  /** Seconds after which a try makes sense. */
  readonly retryAfter: number;
  constructor(message: string, retryAfter = 1, options?: ErrorOptions) {
    super(message, options);
    this.retryAfter = retryAfter;
  }
}
