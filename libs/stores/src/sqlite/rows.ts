/** Events as they are stored and as they cross threads: arrays, which are cheaper to copy than objects. */

/** An event as a row. Its JSON is made where the load is, not on the writer. */
export type EventRow = readonly [
  id: string,
  type: string,
  time: string,
  channelId: string | null,
  data: string,
  metadata: string,
];

/** All or none of these events, at this revision. */
export interface LogAppend {
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly EventRow[];
}

/** One or several appends that stand or fall together. */
export type LogRequest = readonly LogAppend[];

export interface LogPlace {
  readonly revision: number;
  readonly position: number;
}

export type LogResult =
  | { readonly appended: readonly LogPlace[] }
  | { readonly conflict: { readonly stream: string; readonly expected: number; readonly actual: number } }
  /** Only this request is at fault. Nothing of it was written. */
  | { readonly failed: string }
  /** Certainly nothing was written: the transaction could not begin. */
  | { readonly unavailable: string }
  /** The commit failed: it can't be said what a crash would bring back. */
  | { readonly unknown: string };

/** A row as read: position, stream, revision, then the event. */
export type LogRow = readonly [position: number, stream: string, revision: number, ...event: EventRow];

/** A result as it travels, and how many events its commit wrote: told with the first result of a commit, 0 with the others. */
export type LogAnswer = readonly [result: LogResult, committed: number];

export interface LogRows {
  readonly rows: readonly LogRow[];
  readonly checkpoint: number;
}
