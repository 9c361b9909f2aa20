/** Appends the events of an export in their order, many to a commit where the store can. */
import {
  type Append,
  type Appended,
  type EventStore,
  LOG_START,
  type RecordedEvent,
  RevisionConflict,
} from '#libs/sourcing';
import { assertSame, otherOrder } from './import-check.ts';
import { CommandError } from './output.ts';

/** Events to one commit. */
const BATCH = 500;

/** Consecutive events of one stream: one append. */
interface Run extends Append {
  readonly events: RecordedEvent[];
}

export class ImportAppender {
  readonly #events: EventStore;
  #runs: Run[] = [];
  #waiting = 0;
  #added = 0;
  #last = LOG_START;

  constructor(events: EventStore) {
    this.#events = events;
  }

  /** True until the first event: from then on every place is expected to be free. */
  get idle(): boolean {
    return this.#added === 0 && this.#waiting === 0;
  }

  get added(): number {
    return this.#added + this.#waiting;
  }

  async add(event: RecordedEvent): Promise<void> {
    if (this.idle) this.#last = await this.#events.head();
    const run = this.#runs.at(-1);
    const previous = run?.events.at(-1);
    if (previous?.stream === event.stream) {
      if (previous.revision + 1 !== event.revision) throw gap(event, previous.revision);
      run!.events.push(event);
    } else {
      // Some stores check all appends of a commit against the state before it: a stream comes once in each.
      if (this.#runs.some(({ stream }) => stream === event.stream)) await this.flush();
      this.#runs.push({ stream: event.stream, expected: event.revision - 1, events: [event] });
    }
    this.#waiting += 1;
    if (this.#waiting >= BATCH) await this.flush();
  }

  /** Makes all that was added durable. */
  async flush(): Promise<void> {
    const runs = this.#runs;
    this.#runs = [];
    this.#waiting = 0;
    if (runs.length === 0) return;
    const { appendAll } = this.#events;
    if (appendAll !== undefined) {
      const appended = await this.#explained(runs, () => appendAll(runs.map(appendOf)));
      for (const [index, run] of runs.entries()) await this.#count(run, appended[index]!);
      return;
    }
    for (const run of runs) {
      const [appended] = await this.#explained([run], async () => [await this.#events.append(appendOf(run))]);
      await this.#count(run, appended!);
    }
  }

  /** A place before the last one: the very events stood there already, so the order would not be that of the export. */
  async #count(run: Run, { position }: Appended): Promise<void> {
    const first = run.events[0]!;
    if (position <= this.#last) {
      const there = await this.#events.readStream(first.stream, first.revision);
      for (const [index, event] of run.events.entries()) assertSame(there[index]!, event);
      throw otherOrder(first);
    }
    this.#last = position;
    this.#added += run.events.length;
  }

  async #explained<Result>(runs: readonly Run[], work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      const event = runs.find(({ stream }) => stream === error.stream)!.events[0]!;
      const [found] = await this.#events.readStream(event.stream, event.revision);
      if (found === undefined) throw gap(event, error.actual);
      assertSame(found, event);
      throw otherOrder(event);
    }
  }
}

/** What the store is given: an event without its old place. */
function appendOf({ stream, expected, events }: Run): Append {
  return {
    stream,
    expected,
    events: events.map(({ id, type, time, channelId, data, metadata }) => ({
      id,
      type,
      time,
      channelId,
      data,
      metadata,
    })),
  };
}

function gap({ stream, revision }: RecordedEvent, last: number): CommandError {
  return new CommandError(
    'events_missing',
    `${stream} revision ${revision} can't follow revision ${last}: the events between are missing`,
  );
}
