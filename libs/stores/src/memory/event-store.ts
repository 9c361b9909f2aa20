/** The `EventStore` port in memory: for tests, and as the shortest telling of what the port means. */
import { randomUUID } from 'node:crypto';
import {
  type Append,
  type Appended,
  type EventStore,
  type LogPage,
  LOG_START,
  NO_STREAM,
  type RecordedEvent,
  RevisionConflict,
  type SubscribeOptions,
} from '#libs/sourcing';

export interface MemoryEventStoreOptions {
  /** False: like a store that can't append to several streams at once. */
  readonly atomic?: boolean;
}

export function createMemoryEventStore({ atomic = true }: MemoryEventStoreOptions = {}): EventStore {
  const storeId = randomUUID();
  const log: RecordedEvent[] = [];
  const streams = new Map<string, RecordedEvent[]>();
  const ids = new Set<string>();
  const wakers = new Set<() => void>();

  /** Where the append would land, or where it already stands; throws when it can do neither. */
  function check({ stream, expected, events }: Append): Appended | null {
    const there = streams.get(stream) ?? [];
    const actual = there.length - 1;
    const repeated = events.every((event, index) => there[expected + 1 + index]?.id === event.id);
    if (repeated) return { revision: expected + events.length, position: there[expected + events.length]!.position };
    if (actual !== expected) throw new RevisionConflict(stream, expected, actual);
    const elsewhere = events.find((event) => ids.has(event.id));
    if (elsewhere !== undefined) throw new Error(`an event id of ${stream} stands elsewhere in the log`);
    return null;
  }

  function write({ stream, expected, events }: Append): Appended {
    const there = streams.get(stream) ?? [];
    streams.set(stream, there);
    for (const [index, event] of events.entries()) {
      // Through JSON, as in every other store: what does not survive that must not survive here.
      const { data, metadata } = JSON.parse(JSON.stringify({ data: event.data, metadata: event.metadata })) as Pick<
        RecordedEvent,
        'data' | 'metadata'
      >;
      const recorded = {
        ...event,
        data,
        metadata,
        stream,
        revision: expected + 1 + index,
        position: BigInt(log.length + 1),
      };
      log.push(recorded);
      there.push(recorded);
      ids.add(event.id);
    }
    const last = there[there.length - 1]!;
    return { revision: last.revision, position: last.position };
  }

  function appendAll(appends: readonly Append[]): readonly Appended[] {
    const before = appends.map(check);
    const appended = appends.map((append, index) => before[index] ?? write(append));
    for (const wake of wakers) wake();
    return appended;
  }

  function pageAfter(after: bigint, limit: number, prefix = ''): LogPage {
    const events: RecordedEvent[] = [];
    for (let place = Number(after); place < log.length && events.length < limit; place += 1) {
      const event = log[place]!;
      if (event.stream.startsWith(prefix)) events.push(event);
    }
    const head = BigInt(log.length);
    return { events, checkpoint: events.length === limit ? events[limit - 1]!.position : head > after ? head : after };
  }

  async function* subscribe(after: bigint, { prefix, signal, limit = 500 }: SubscribeOptions): AsyncGenerator<LogPage> {
    let position = after;
    while (!signal.aborted) {
      // Looked at and waited for in one go: what is appended between the two would go unnoticed.
      const page = pageAfter(position, limit, prefix);
      if (page.checkpoint > position) {
        position = page.checkpoint;
        yield page;
        continue;
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          wakers.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        wakers.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }

  return {
    id: async () => storeId,
    append: async (append) => appendAll([append])[0]!,
    ...(atomic && { appendAll: async (appends: readonly Append[]) => appendAll(appends) }),
    readStream: async (stream, from = NO_STREAM + 1) => (streams.get(stream) ?? []).slice(from),
    readAll: async (after, limit, prefix) => pageAfter(after, limit, prefix),
    subscribe,
    head: async () => (log.length === 0 ? LOG_START : BigInt(log.length)),
    ready: async () => undefined,
    close: async () => undefined,
  };
}
