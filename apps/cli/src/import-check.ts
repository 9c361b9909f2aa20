/** Whether the store has an event of an export already, and has it unchanged. */
import { isDeepStrictEqual } from 'node:util';
import { type EventStore, LOG_START, type RecordedEvent } from '#libs/sourcing';
import { CommandError } from './output.ts';

const PAGE = 1_000;

/**
 * Walks the log of the store beside the lines of the export, which is cheap while they tell the same story. Where the
 * store has an event in between that the export lacks, the place is looked up in its stream.
 */
export class ImportCheck {
  readonly #events: EventStore;
  #page: readonly RecordedEvent[] = [];
  #next = 0;
  #checkpoint = LOG_START;

  constructor(events: EventStore) {
    this.#events = events;
  }

  /** False: the place is free. Throws a `CommandError` when another event stands there, or this one in another order. */
  async stands(event: RecordedEvent): Promise<boolean> {
    const beside = await this.#peek();
    if (beside === undefined) return false;
    if (beside.stream === event.stream && beside.revision === event.revision) {
      assertSame(beside, event);
      this.#next += 1;
      return true;
    }
    const [found] = await this.#events.readStream(event.stream, event.revision);
    if (found === undefined) return false;
    assertSame(found, event);
    if (found.position < beside.position) throw otherOrder(event);
    this.#page = [];
    this.#next = 0;
    this.#checkpoint = found.position;
    return true;
  }

  async #peek(): Promise<RecordedEvent | undefined> {
    while (this.#next === this.#page.length) {
      const { events, checkpoint } = await this.#events.readAll(this.#checkpoint, PAGE);
      if (checkpoint === this.#checkpoint) return undefined;
      this.#page = events;
      this.#next = 0;
      this.#checkpoint = checkpoint;
    }
    return this.#page[this.#next];
  }
}

/** Throws when the event at a place is not the one of the export, to the last value. */
export function assertSame(stored: RecordedEvent, event: RecordedEvent): void {
  if (isDeepStrictEqual({ ...stored, position: event.position }, event)) return;
  throw new CommandError(
    'event_differs',
    `the store has another event at ${event.stream} revision ${event.revision}; nothing was changed there`,
  );
}

/** The event stands, but behind events that come after it in the export. */
export function otherOrder({ stream, revision }: RecordedEvent): CommandError {
  return new CommandError(
    'order_differs',
    `the store has ${stream} revision ${revision} at another place in the order of the log; it can't take the rest in order`,
  );
}
