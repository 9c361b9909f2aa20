/**
 * A client's idempotency key, kept as a stream of its own.
 *
 * The reservation holds the whole command with its ids, so that whoever meets it unfinished, after a crash or beside
 * another process, finishes that very command and gives the first answer.
 */
import { hash } from 'node:crypto';
import type { DomainEvent } from './decider.ts';
import type { EventMetadata, NewEvent, RecordedEvent } from './events.ts';
import { derivedEventId } from './ids.ts';

/** A key as the client sent it. */
export interface IdempotencyKey {
  /** Whose key it is. */
  readonly channelId: string;
  /** `header`, or the name of the dialect's own field. The same text under another kind is another key. */
  readonly kind: string;
  readonly key: string;
  /** Hash of route and canonical body: another one under the same key is a mismatch. */
  readonly fingerprint: string;
  /** The key alone decides: a repeat with another body gets the first answer too, and is told apart by `otherBody`. */
  readonly anyBody?: boolean;
}

/** The command a key stands for. */
interface Reserved<Command> {
  readonly type: 'IdempotencyKeyReserved';
  readonly data: {
    readonly fingerprint: string;
    readonly command: Command;
    readonly metadata: EventMetadata;
    /** Revision of the command's stream that it was decided on when it was reserved. */
    readonly revision: number;
    /** How many events it decided then; 0 means it was finished by that. */
    readonly events: number;
  };
}

/** The command turned out to add nothing, its stream being at that revision. */
interface Completed {
  readonly type: 'IdempotencyKeyCompleted';
  readonly data: { readonly revision: number };
}

/** The command was refused after all: the key is free again, since refusals are not kept. */
interface Released {
  readonly type: 'IdempotencyKeyReleased';
  readonly data: Readonly<Record<string, never>>;
}

export type ReservationEvent<Command> = Reserved<Command> | Completed | Released;

/** Where a key stands. `revision` is that of its own stream. */
export type ReservationState<Command> =
  | { readonly status: 'free'; readonly revision: number }
  | {
      readonly status: 'held';
      readonly revision: number;
      readonly reserved: Reserved<Command>['data'];
      /** Where the command added nothing: the revision of its stream that this was said of; else null. */
      readonly emptyAt: number | null;
    };

/** The key's stream. The key itself is hashed: clients put all sorts of things into it, of any length. */
export function reservationStream(key: IdempotencyKey): string {
  return `idempotency-${hash('sha256', JSON.stringify([key.channelId, key.kind, key.key]))}`;
}

export function foldReservation<Command>(events: readonly RecordedEvent[]): ReservationState<Command> {
  let state: ReservationState<Command> = { status: 'free', revision: -1 };
  for (const recorded of events) {
    const event = recorded as unknown as ReservationEvent<Command>;
    const revision = recorded.revision;
    switch (event.type) {
      case 'IdempotencyKeyReserved':
        state = {
          status: 'held',
          revision,
          reserved: event.data,
          emptyAt: event.data.events === 0 ? event.data.revision : null,
        };
        break;
      case 'IdempotencyKeyCompleted':
        if (state.status === 'held')
          state = { status: 'held', revision, reserved: state.reserved, emptyAt: event.data.revision };
        break;
      case 'IdempotencyKeyReleased':
        state = { status: 'free', revision };
        break;
      default:
        throw new Error(`unknown event ${(event satisfies never as DomainEvent).type} in ${recorded.stream}`);
    }
  }
  return state;
}

/** An event of a reservation's stream, its id derived from the command and the step. */
export function reservationEvent<Command>(
  event: ReservationEvent<Command>,
  metadata: EventMetadata,
  channelId: string,
): NewEvent {
  return {
    id: derivedEventId(metadata.commandId, RESERVATION_STEPS[event.type]),
    type: event.type,
    time: metadata.receivedAt,
    channelId,
    data: event.data,
    metadata,
  };
}

/** Beyond any index a command's own events can have. */
const RESERVATION_STEPS: Record<ReservationEvent<unknown>['type'], number> = {
  IdempotencyKeyReserved: 1_000_000,
  IdempotencyKeyCompleted: 1_000_001,
  IdempotencyKeyReleased: 1_000_002,
};
