/** What is known of a stream: its state, folded up to a revision. */
export interface StreamState<State> {
  readonly state: State;
  /** Revision of the last event folded in; -1 before the first. */
  readonly revision: number;
  /** Time of the last event; empty before the first. */
  readonly time: string;
}

/**
 * The states of the streams used last. Only a saving: every append names the revision it was decided on, so a state
 * that other processes have left behind shows as a conflict, never as a wrong event.
 */
export class StateCache<State> {
  readonly #entries = new Map<string, StreamState<State>>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(stream: string): StreamState<State> | undefined {
    const entry = this.#entries.get(stream);
    if (entry === undefined) return undefined;
    this.#entries.delete(stream);
    this.#entries.set(stream, entry);
    return entry;
  }

  set(stream: string, entry: StreamState<State>): void {
    if (this.#capacity === 0) return;
    this.#entries.delete(stream);
    this.#entries.set(stream, entry);
    if (this.#entries.size > this.#capacity) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
  }

  delete(stream: string): void {
    this.#entries.delete(stream);
  }
}
