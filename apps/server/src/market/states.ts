/** The states of signals, folded from their streams and remembered where they were used last. */
import { type ExistingSignal, signalDecider, type SignalState, upcast } from '#libs/signal';
import { type EventStore, RecentlyUsed, type RecordedEvent } from '#libs/sourcing';
import { signalStream } from '../signals/handled-signal.ts';

/** The state after one more event of the stream. */
export function evolved(state: SignalState, { type, metadata, data }: RecordedEvent): SignalState {
  return signalDecider.evolve(state, upcast(type, metadata.schemaVersion, data));
}

export class States {
  readonly #events: EventStore;
  readonly #states: RecentlyUsed<ExistingSignal>;

  constructor(events: EventStore, capacity: number) {
    this.#events = events;
    this.#states = new RecentlyUsed(capacity);
  }

  /** The state of a signal, as remembered or read. */
  async get(id: string): Promise<ExistingSignal> {
    return this.#states.get(id) ?? this.read(id);
  }

  /** The state as its stream has it now. */
  async read(id: string): Promise<ExistingSignal> {
    let state = signalDecider.initial;
    for (const event of await this.#events.readStream(signalStream(id))) state = evolved(state, event);
    if (state.status === 'none') throw new Error(`there is no signal ${id}`);
    this.#states.set(id, state);
    return state;
  }

  /** The state after an event of the log; read where what is remembered is not the one before. */
  async after(id: string, event: RecordedEvent): Promise<ExistingSignal> {
    const before = this.#states.get(id);
    const base: SignalState = before ?? signalDecider.initial;
    const version = before?.version ?? 0;
    if (version > event.revision) return before!;
    if (version !== event.revision) return this.read(id);
    const state = evolved(base, event) as ExistingSignal;
    this.#states.set(id, state);
    return state;
  }

  set(id: string, state: ExistingSignal): void {
    this.#states.set(id, state);
  }
}
