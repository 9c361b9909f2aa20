/** The write side as a domain's callers see it: one function that carries commands out, once for each idempotency key. */
import type { DomainEvent, Refusal } from './decider.ts';
import type { EventMetadata } from './events.ts';
import { appendSurely, createExecution, type ExecuteOptions } from './execution.ts';
import type { Handled, Outcome } from './handled.ts';
import { type Append, type EventStore, NO_STREAM, RevisionConflict, StoreUnavailable } from './ports.ts';
import {
  foldReservation,
  type IdempotencyKey,
  reservationEvent,
  reservationStream,
  type ReservationState,
} from './reservation.ts';
import { Turns } from './turns.ts';

export interface HandlerOptions {
  /** Streams whose state is remembered. */
  readonly cacheSize?: number;
  /** Tries after conflicts before `StoreUnavailable`. */
  readonly attempts?: number;
  /** Commands in work at once; more are refused as `StoreUnavailable` rather than queued without bound. */
  readonly maxInFlight?: number;
}

/** The same key came with another route or another body. */
export const KEY_REUSED: Refusal = {
  code: 'idempotency_key_reused',
  kind: 'conflict',
  message: 'this idempotency key was used before with another request',
  field: 'idempotencyKey',
};

/**
 * Carries a command out: its events are durable when this resolves.
 * @throws StoreUnavailable when certainly nothing was written, OutcomeUnknown when that can't be said. After either, the
 * same command under the same key may be sent again.
 */
export interface Handle<State, Command> {
  (command: Command, metadata: EventMetadata, key?: IdempotencyKey): Promise<Outcome<State, Command>>;
  /**
   * The first answer under a key, or null where the key is free: for a caller that has found, before there is a
   * command, that it can't be carried out today.
   */
  repeat(key: IdempotencyKey): Promise<Outcome<State, Command> | null>;
}

type Held<Command> = Extract<ReservationState<Command>, { status: 'held' }>;

/** The command handler of one domain on one store. */
export function createHandle<State, Command, Event extends DomainEvent>(
  handled: Handled<State, Command, Event>,
  store: EventStore,
  { cacheSize = 10_000, attempts = 8, maxInFlight = 10_000 }: HandlerOptions = {},
): Handle<State, Command> {
  const { decide, execute, stateAt } = createExecution(handled, store, { cacheSize, attempts });
  const turns = new Turns();
  let inFlight = 0;

  async function readKey(key: IdempotencyKey): Promise<ReservationState<Command>> {
    return foldReservation<Command>(await store.readStream(reservationStream(key)));
  }

  /** Gives the first answer again, finishing the first command where that was cut short. */
  async function repeat(
    { reserved, revision, emptyAt }: Held<Command>,
    key: IdempotencyKey,
  ): Promise<Outcome<State, Command>> {
    const { command, metadata, fingerprint } = reserved;
    const otherBody = fingerprint !== key.fingerprint;
    if (otherBody && key.anyBody !== true) return { done: false, refusal: KEY_REUSED };
    if (emptyAt === null) {
      const outcome = await finish(command, metadata, key, revision, { resumes: true });
      return outcome.done ? { ...outcome, repeated: true, otherBody } : outcome;
    }
    const { state } = await stateAt(handled.stream(command), emptyAt);
    return {
      done: true,
      command,
      metadata,
      state,
      revision: emptyAt,
      added: 0,
      position: null,
      repeated: true,
      otherBody,
    };
  }

  /** Carries out a command whose reservation stands, and notes in it what left no event. */
  async function finish(
    command: Command,
    metadata: EventMetadata,
    key: IdempotencyKey,
    expected: number,
    options: ExecuteOptions<State, Event>,
  ): Promise<Outcome<State, Command>> {
    const outcome = await execute(command, metadata, options);
    if (outcome.done && outcome.position !== null) return outcome;
    const note = outcome.done
      ? reservationEvent<Command>(
          { type: 'IdempotencyKeyCompleted', data: { revision: outcome.revision } },
          metadata,
          key.channelId,
        )
      : reservationEvent<Command>({ type: 'IdempotencyKeyReleased', data: {} }, metadata, key.channelId);
    try {
      await store.append({ stream: reservationStream(key), expected, events: [note] });
    } catch (error) {
      // Another process met the same reservation and noted the same: its note is as good.
      if (!(error instanceof RevisionConflict)) throw error;
    }
    return outcome;
  }

  async function executeOnce(
    command: Command,
    metadata: EventMetadata,
    key: IdempotencyKey,
  ): Promise<Outcome<State, Command>> {
    const stream = reservationStream(key);
    const reserve = (expected: number, revision: number, events: number): Append => {
      const data = { fingerprint: key.fingerprint, command, metadata, revision, events };
      return {
        stream,
        expected,
        events: [reservationEvent<Command>({ type: 'IdempotencyKeyReserved', data }, metadata, key.channelId)],
      };
    };
    /** Both in one commit. Only a conflict or a refusal makes it worth reading the key. */
    async function atOnce(expected: number): Promise<Outcome<State, Command>> {
      const outcome = await execute(command, metadata, {
        beside: (revision, events) => reserve(expected, revision, events),
      });
      if (outcome.done) return outcome;
      const known = await readKey(key);
      return known.status === 'held' ? repeat(known, key) : outcome;
    }
    /** First the reservation, then the command: whoever finds the one without the other can finish it. */
    async function inTwoSteps(): Promise<Outcome<State, Command>> {
      const known = await readKey(key);
      if (known.status === 'held') return repeat(known, key);
      const decided = await decide(command);
      if ('refused' in decided.decision) return { done: false, refusal: decided.decision.refused };
      const { state, revision } = decided.base;
      const { events } = decided.decision;
      const reserved = await appendSurely(store, [reserve(known.revision, revision, events.length)]);
      if (events.length === 0)
        return { done: true, command, metadata, state, revision, added: 0, position: null, repeated: false };
      return finish(command, metadata, key, reserved.revision, { decided });
    }
    let expected = NO_STREAM;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        return await (store.appendAll === undefined ? inTwoSteps() : atOnce(expected));
      } catch (error) {
        if (!(error instanceof RevisionConflict) || error.stream !== stream) throw error;
        const known = await readKey(key);
        if (known.status === 'held') return await repeat(known, key);
        expected = known.revision;
      }
    }
    throw new StoreUnavailable('this idempotency key is in use by many requests at once');
  }

  const handle = async (
    command: Command,
    metadata: EventMetadata,
    key?: IdempotencyKey,
  ): Promise<Outcome<State, Command>> => {
    if (inFlight >= maxInFlight) throw new StoreUnavailable('too many commands are waiting');
    inFlight += 1;
    try {
      const task = (): Promise<Outcome<State, Command>> =>
        key === undefined ? execute(command, metadata) : executeOnce(command, metadata, key);
      const inTurn = (): Promise<Outcome<State, Command>> =>
        handled.creates(command) ? task() : turns.run(handled.stream(command), task);
      return await (key === undefined ? inTurn() : turns.run(reservationStream(key), inTurn));
    } finally {
      inFlight -= 1;
    }
  };
  return Object.assign(handle, {
    repeat: async (key: IdempotencyKey) => {
      const known = await readKey(key);
      return known.status === 'held' ? repeat(known, key) : null;
    },
  });
}
