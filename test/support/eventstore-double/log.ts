/** What the double of an EventStoreDB keeps, in memory, with the rules of its writes. */

/** An event about to be written. */
export interface DoubleEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface DoubleRecord extends DoubleEvent {
  readonly stream: string;
  readonly revision: number;
  /** Grows by what a record takes, as places in a file do: no position between two records is one. */
  readonly position: bigint;
}

export type Written = { readonly revision: number; readonly position: bigint } | { readonly wrong: number };

/** Bytes that a record takes beside its data and metadata. */
const RECORD_FRAME = 93;

const FIRST_PLACE = 1_234n;

export class DoubleLog {
  readonly records: DoubleRecord[] = [];
  readonly #streams = new Map<string, DoubleRecord[]>();
  readonly #listeners = new Set<() => void>();
  #end = FIRST_PLACE;

  stream(name: string): readonly DoubleRecord[] | undefined {
    return this.#streams.get(name);
  }

  /**
   * All events at an explicit revision (-1: no stream), or the revision the stream is at instead. The same ids at the
   * same revision were written already: they are answered as the first time, also after later events, also where they are the
   * beginning of what was written.
   */
  append(stream: string, expected: number, events: readonly DoubleEvent[]): Written {
    const there = this.#streams.get(stream) ?? [];
    const current = there.length - 1;
    if (expected < current && events.every(({ id }, index) => there[expected + 1 + index]?.id === id)) {
      const { revision, position } = there[expected + events.length]!;
      return { revision, position };
    }
    if (expected !== current) return { wrong: current };
    this.#streams.set(stream, there);
    for (const event of events) {
      const record = { ...event, stream, revision: there.length, position: this.#end };
      there.push(record);
      this.records.push(record);
      this.#end += BigInt(RECORD_FRAME + event.data.length + event.metadata.length);
    }
    for (const listener of this.#listeners) listener();
    const { revision, position } = there.at(-1)!;
    return { revision, position };
  }

  /** Events of the server's own, such as it writes about itself. */
  appendOwn(count: number): void {
    const stream = '$stats-127.0.0.1:2113';
    const event = { type: '$statsCollected', contentType: 'application/json', metadata: new Uint8Array() };
    this.append(
      stream,
      (this.stream(stream)?.length ?? 0) - 1,
      Array.from({ length: count }, () => ({ ...event, id: crypto.randomUUID(), data: Buffer.from('{"proc-cpu":1}') })),
    );
  }

  /** Where the next record will stand. */
  get end(): bigint {
    return this.#end;
  }

  /** Index of the record at a position; null where none stands there. */
  indexAt(position: bigint): number | null {
    let low = 0;
    for (let high = this.records.length; low < high;) {
      const middle = (low + high) >> 1;
      if (this.records[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return this.records[low]?.position === position ? low : null;
  }

  /** Forgets everything, as a server that is begun again on an empty folder. Nobody may read meanwhile. */
  empty(): void {
    this.records.length = 0;
    this.#streams.clear();
    this.#end = FIRST_PLACE;
  }

  /** Calls back after each append until it is told to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
