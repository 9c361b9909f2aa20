/** What the write side asks of a domain, and what it answers. */
import type { Decider, DomainEvent, Refusal } from './decider.ts';
import type { EventMetadata, RecordedEvent } from './events.ts';

/** A domain as the handler uses it. */
export interface Handled<State, Command, Event extends DomainEvent> {
  readonly decider: Decider<State, Command, Event>;
  /** The stream a command speaks to. */
  stream(command: Command): string;
  /** Whether the command makes its stream, under an id nobody has used: then nothing is read first. */
  creates(command: Command): boolean;
  /** Whose events they will be; null where no channel is meant. */
  channelId(command: Command): string | null;
  /** An event as stored, in the form of today. */
  upcast(recorded: RecordedEvent): Event;
}

export type Outcome<State, Command> =
  | {
      readonly done: true;
      /** The command that was carried out: on a repeat under an idempotency key, the first one, with its ids. */
      readonly command: Command;
      readonly metadata: EventMetadata;
      /** As the command left it, also on a repeat long after. */
      readonly state: State;
      readonly revision: number;
      /** Events that the command added, the last of them at `revision`; 0 if it added none. */
      readonly added: number;
      /** Position of the command's last event; null if it added none. */
      readonly position: bigint | null;
      /** True when an earlier try had done it. */
      readonly repeated: boolean;
      /** True on a repeat that came with another route or body, where its key allows that. */
      readonly otherBody?: boolean;
    }
  | { readonly done: false; readonly refusal: Refusal };
