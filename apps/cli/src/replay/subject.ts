/** One signal on its way through a replay: what the server would hold of it, in memory. */
import {
  type ExistingSignal,
  observe,
  type PricePoint,
  type ProviderCommand,
  SIGNAL_SCHEMA_VERSION,
  signalDecider,
  type SignalEvent,
  type SignalState,
  type Source,
  type Tracking,
  UNTRACKED,
} from '#libs/signal';
import type { RecordedEvent, Refusal } from '#libs/sourcing';
import { SIGNAL_STREAM_PREFIX } from '#libs/views';
import type { HistorySignal } from './history.ts';

export interface Notice {
  readonly id: string;
  readonly at: string;
  readonly about: string;
  readonly reason: string;
}

export class Subject {
  readonly signal: HistorySignal;
  readonly events: RecordedEvent[] = [];
  tracking: Tracking = UNTRACKED;
  #state: SignalState = signalDecider.initial;

  constructor(signal: HistorySignal) {
    this.signal = signal;
  }

  /** Null until its creation was accepted. */
  get state(): ExistingSignal | null {
    return this.#state.status === 'none' ? null : this.#state;
  }

  /** Carries a command out, or answers why not. */
  handle(command: ProviderCommand): Refusal | null {
    const decision = signalDecider.decide(command, this.#state);
    if ('refused' in decision) return decision.refused;
    for (const event of decision.events) {
      this.#state = signalDecider.evolve(this.#state, event);
      this.#record(event, command.now);
    }
    return null;
  }

  /** Judges a price, by what is in force. `at` is when the price was known. */
  observe(tracking: Tracking, price: PricePoint, source: Source, at: string): void {
    const { events, state, tracking: after } = observe(this.state!, tracking, price, source);
    this.#state = state;
    this.tracking = after;
    for (const event of events) this.#record(event, at);
  }

  #record({ type, data }: SignalEvent, now: string): void {
    const before = this.events.at(-1)?.time ?? '';
    const { id } = this.signal;
    const revision = this.events.length;
    this.events.push({
      stream: SIGNAL_STREAM_PREFIX + id,
      revision,
      position: BigInt(revision + 1),
      id: `${id}-${revision}`,
      type,
      data,
      time: before > now ? before : now,
      channelId: null,
      metadata: {
        commandId: `${id}-${revision}`,
        requestId: '',
        dialect: 'anny',
        actor: 'replay',
        keyId: null,
        receivedAt: now,
        schemaVersion: SIGNAL_SCHEMA_VERSION,
      },
    });
  }
}
