/** The `EventStore` port on a SQLite file. */
import {
  type Append,
  type Appended,
  type EventMetadata,
  type EventStore,
  type LogPage,
  OutcomeUnknown,
  type RecordedEvent,
  RevisionConflict,
  StoreUnavailable,
  type SubscribeOptions,
  messageOf,
} from '#libs/sourcing';
import type { TellsCommits } from '../commits.ts';
import type { Synchronous } from './database.ts';
import { EventLog } from './event-log.ts';
import { Growth } from './growth.ts';
import type { LogAnswer, LogRequest, LogResult, LogRow, LogRows } from './rows.ts';
import { Thread, ThreadBusy, ThreadLost } from './thread.ts';

/** Events a page of a stream's read holds, so that a long stream does not keep others waiting. */
const STREAM_PAGE = 1_000;

interface LogCalls {
  append(request: LogRequest): Promise<LogAnswer>;
  ready(): Promise<void>;
  id(): Promise<string>;
  head(): Promise<number>;
  changes(): Promise<number>;
  readStream(stream: string, from: number, limit: number): Promise<readonly LogRow[]>;
  readAll(after: number, limit: number, prefix: string): Promise<LogRows>;
  close(): Promise<void>;
}

export interface SqliteEventStoreOptions {
  readonly synchronous?: Synchronous;
  /**
   * `true` (a server): writes and reads each on a thread of their own. `false` (a command, a thread that is one
   * itself): calls run where they are made, and block there.
   */
  readonly threads?: boolean;
  /** Appends that may wait for the writer. */
  readonly maxWaiting?: number;
}

/** Opens the log, making file, schema and store id where they are not there. Throws when it can't be trusted. */
export function openSqliteEventStore(
  path: string,
  { synchronous = 'FULL', threads = true, maxWaiting = 10_000 }: SqliteEventStoreOptions = {},
): EventStore & TellsCommits {
  return storeOn(threads ? onThreads(path, synchronous, maxWaiting) : inPlace(path, synchronous));
}

function onThreads(path: string, synchronous: Synchronous, maxWaiting: number): LogCalls {
  // Opened once here first: what is wrong with the file is then told by the call that opens it, not by a thread's end.
  new EventLog(path, { synchronous }).close();
  const writer = new Thread('./writer.thread', { path, synchronous }, maxWaiting);
  const reader = new Thread('./reader.thread', { path });
  return {
    append: (request) => writer.call('append', request),
    ready: () => writer.call('ready'),
    id: () => reader.call('id'),
    head: () => reader.call('head'),
    changes: () => reader.call('changes'),
    readStream: (stream, from, limit) => reader.call('readStream', stream, from, limit),
    readAll: (after, limit, prefix) => reader.call('readAll', after, limit, prefix),
    close: async () => {
      await writer.close();
      await reader.close();
    },
  };
}

function inPlace(path: string, synchronous: Synchronous): LogCalls {
  const log = new EventLog(path, { synchronous });
  return {
    append: async (request) => {
      const [result] = log.append([request]);
      return [result!, log.written];
    },
    ready: async () => log.ready(),
    id: async () => log.id(),
    head: async () => log.head(),
    changes: async () => log.changes(),
    readStream: async (stream, from, limit) => log.readStream(stream, from, limit),
    readAll: async (after, limit, prefix) => log.readAll(after, limit, prefix),
    close: async () => log.close(),
  };
}

function storeOn(log: LogCalls): EventStore & TellsCommits {
  const growth = new Growth(() => log.changes());
  let tellCommit: (events: number) => void = () => undefined;

  async function request(appends: readonly Append[]): Promise<readonly Appended[]> {
    const [result, committed] = await log.append(appends.map(rowsFrom)).catch((error: unknown) => {
      if (error instanceof ThreadBusy) throw new StoreUnavailable(error.message, 1, { cause: error });
      if (error instanceof ThreadLost) throw new OutcomeUnknown(error.message, { cause: error });
      throw error;
    });
    if (committed > 0) tellCommit(committed);
    const appended = appendedFrom(result);
    growth.grown();
    return appended;
  }

  async function readAll(after: bigint, limit: number, prefix = ''): Promise<LogPage> {
    const { rows, checkpoint } = await reading(log.readAll(Number(after), limit, prefix));
    return { events: rows.map(eventFrom), checkpoint: BigInt(checkpoint) };
  }

  async function* subscribe(after: bigint, { prefix, signal, limit = 500 }: SubscribeOptions): AsyncGenerator<LogPage> {
    let position = after;
    while (!signal.aborted) {
      const before = growth.count;
      const page = await readAll(position, limit, prefix);
      if (page.checkpoint === position) {
        await reading(growth.after(before, signal));
        continue;
      }
      position = page.checkpoint;
      if (!signal.aborted) yield page;
    }
  }

  return {
    id: () => reading(log.id()),
    append: async (append) => (await request([append]))[0]!,
    appendAll: request,
    readStream: async (stream, from = 0) => {
      const events: RecordedEvent[] = [];
      for (;;) {
        const rows = await reading(log.readStream(stream, from + events.length, STREAM_PAGE));
        for (const row of rows) events.push(eventFrom(row));
        if (rows.length < STREAM_PAGE) return events;
      }
    },
    readAll,
    subscribe,
    head: async () => BigInt(await reading(log.head())),
    ready: () => log.ready(),
    close: () => log.close(),
    onCommit: (tell) => void (tellCommit = tell),
  };
}

/** Whatever fails in a read, nothing was written, and another try may go better. */
async function reading<Result>(read: Promise<Result>): Promise<Result> {
  try {
    return await read;
  } catch (error) {
    throw new StoreUnavailable(`the event log can't be read: ${messageOf(error)}`, 1, { cause: error });
  }
}

function rowsFrom({ stream, expected, events }: Append): LogRequest[number] {
  return {
    stream,
    expected,
    events: events.map(
      (event) =>
        [
          event.id,
          event.type,
          event.time,
          event.channelId,
          JSON.stringify(event.data),
          JSON.stringify(event.metadata),
        ] as const,
    ),
  };
}

function appendedFrom(result: LogResult): readonly Appended[] {
  if ('appended' in result)
    return result.appended.map(({ revision, position }) => ({ revision, position: BigInt(position) }));
  if ('conflict' in result)
    throw new RevisionConflict(result.conflict.stream, result.conflict.expected, result.conflict.actual);
  if ('unavailable' in result) throw new StoreUnavailable(result.unavailable);
  if ('unknown' in result) throw new OutcomeUnknown(`the commit failed: ${result.unknown}`);
  throw new Error(result.failed);
}

function eventFrom([position, stream, revision, id, type, time, channelId, data, metadata]: LogRow): RecordedEvent {
  return {
    id,
    type,
    time,
    channelId,
    stream,
    revision,
    position: BigInt(position),
    data: JSON.parse(data) as object,
    metadata: JSON.parse(metadata) as EventMetadata,
  };
}
