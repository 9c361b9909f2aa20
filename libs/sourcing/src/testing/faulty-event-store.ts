/** Stores that fail on purpose, wrapped around stores that work. */
import type { Append, Appended, EventStore } from '../ports.ts';

export interface Faults {
  /** Before an append reaches the store; `nth` counts them from 1. Throwing keeps it from the store. */
  readonly before?: (appends: readonly Append[], nth: number) => void | Promise<void>;
  /** After the store has taken it. Throwing loses the answer, not the events. */
  readonly after?: (appends: readonly Append[], nth: number) => void | Promise<void>;
  /** Before a stream is read. */
  readonly read?: (stream: string, from: number) => void;
}

/** The store with these faults, and a record of what was asked of it. */
export interface FaultyEventStore extends EventStore {
  readonly reads: { readonly stream: string; readonly from: number }[];
  readonly appends: (readonly Append[])[];
}

export function withFaults(store: EventStore, { before, after, read }: Faults = {}): FaultyEventStore {
  const reads: FaultyEventStore['reads'] = [];
  const appends: FaultyEventStore['appends'] = [];
  async function through<Result>(asked: readonly Append[], append: () => Promise<Result>): Promise<Result> {
    appends.push(asked);
    const nth = appends.length;
    await before?.(asked, nth);
    const result = await append();
    await after?.(asked, nth);
    return result;
  }
  const { appendAll } = store;
  return {
    ...store,
    reads,
    appends,
    append: (append) => through([append], () => store.append(append)),
    ...(appendAll !== undefined && {
      appendAll: (asked: readonly Append[]): Promise<readonly Appended[]> => through(asked, () => appendAll(asked)),
    }),
    readStream: async (stream, from = 0) => {
      reads.push({ stream, from });
      read?.(stream, from);
      return store.readStream(stream, from);
    },
  };
}
