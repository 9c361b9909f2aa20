/**
 * The write side: fold a stream, decide, append on an explicit revision.
 *
 * - a conflict: only the new events are folded on the state held, and it is decided again, a few times;
 * - an unknown outcome: the stream is searched for the command's event ids, never appended to blindly;
 * - a refusal, or a decision to do nothing, on a remembered state is checked against the stream first.
 */
import type { Decider, Decision, DomainEvent, Refusal } from './decider.ts';
import type { EventMetadata, NewEvent, RecordedEvent } from './events.ts';
import { derivedEventId } from './ids.ts';
import { type Append, type Appended, type EventStore, NO_STREAM, OutcomeUnknown, RevisionConflict, StoreUnavailable } from './ports.ts';
import {
  foldReservation,
  type IdempotencyKey,
  type Reserved,
  reservationEvent,
  reservationStream,
  type ReservationState,
} from './reservation.ts';
import { StateCache, type StreamState } from './state-cache.ts';
import { Turns } from './turns.ts';

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

export interface HandlerOptions {
  /** Streams whose state is remembered. */
  readonly cacheSize?: number;
  /** Tries after conflicts before `StoreUnavailable`. */
  readonly attempts?: number;
  /** Commands in work at once; more are refused as `StoreUnavailable` rather than queued without bound. */
  readonly maxInFlight?: number;
}

export type Outcome<State, Command> =
  | {
      readonly done: true;
      /** The command that was carried out: on a repeat under an idempotency key, the first one, with its ids. */
      readonly command: Command;
      readonly metadata: EventMetadata;
      readonly state: State;
      readonly revision: number;
      /** Position of the command's last event; null if it added none. */
      readonly position: bigint | null;
      /** True when an earlier try had done it. */
      readonly repeated: boolean;
    }
  | { readonly done: false; readonly refusal: Refusal };

/** Where a command's last event stands; `position` is null where it added none. */
interface Done<State> {
  readonly state: State;
  readonly revision: number;
  readonly position: bigint | null;
}

type Decided<State, Event> = Done<State> | { readonly base: StreamState<State>; readonly decision: Decision<Event> };

/** The same key came with another route or another body. */
export const KEY_REUSED: Refusal = {
  code: 'idempotency_key_reused',
  kind: 'conflict',
  message: 'this idempotency key was used before with another request',
  field: 'idempotencyKey',
};

export type Handle<State, Command> = (
  command: Command,
  metadata: EventMetadata,
  key?: IdempotencyKey,
) => Promise<Outcome<State, Command>>;

/** The command handler of one domain on one store. */
export function createHandle<State, Command, Event extends DomainEvent>(
  handled: Handled<State, Command, Event>,
  store: EventStore,
  { cacheSize = 10_000, attempts = 8, maxInFlight = 10_000 }: HandlerOptions = {},
): Handle<State, Command> {
  const { decider } = handled;
  const cache = new StateCache<State>(cacheSize);
  const turns = new Turns();
  const nothing: StreamState<State> = { state: decider.initial, revision: NO_STREAM, time: '' };
  let inFlight = 0;

  function fold(base: StreamState<State>, events: readonly RecordedEvent[]): StreamState<State> {
    if (events.length === 0) return base;
    let { state, time } = base;
    for (const event of events) {
      state = decider.evolve(state, handled.upcast(event));
      time = event.time;
    }
    return { state, revision: base.revision + events.length, time };
  }

  async function catchUp(stream: string, base: StreamState<State>): Promise<StreamState<State>> {
    const current = fold(base, await store.readStream(stream, base.revision + 1));
    if (current.revision !== NO_STREAM) cache.set(stream, current);
    return current;
  }

  function newEvents(events: readonly Event[], base: StreamState<State>, metadata: EventMetadata, channelId: string | null): NewEvent[] {
    const time = base.time > metadata.receivedAt ? base.time : metadata.receivedAt;
    return events.map((event, index) => ({
      id: derivedEventId(metadata.commandId, index),
      type: event.type,
      time,
      channelId,
      data: event.data,
      metadata,
    }));
  }

  /** The state after an append that went through. */
  function advance(base: StreamState<State>, events: readonly Event[], appended: readonly NewEvent[]): StreamState<State> {
    let state = base.state;
    for (const event of events) state = decider.evolve(state, event);
    return { state, revision: base.revision + events.length, time: appended[0]?.time ?? base.time };
  }

  /**
   * Decides on the freshest state that is needed: a "no" or a "nothing to do" must not rest on a remembered one.
   * With `held`, only what came after it is read, and searched for the command itself: an earlier try of it may have
   * got through.
   */
  async function decideOn(command: Command, commandId: string, held?: StreamState<State>): Promise<Decided<State, Event>> {
    const stream = handled.stream(command);
    if (held !== undefined) {
      const events = await store.readStream(stream, held.revision + 1);
      const done = findCommand(held, events, commandId);
      if (done !== null) return done;
      const base = fold(held, events);
      return { base, decision: decider.decide(command, base.state) };
    }
    const remembered = handled.creates(command) ? nothing : cache.get(stream);
    const base = remembered ?? (await catchUp(stream, nothing));
    const decision = decider.decide(command, base.state);
    if (remembered === undefined || ('events' in decision && decision.events.length > 0)) return { base, decision };
    const current = await catchUp(stream, remembered);
    return { base: current, decision: current === remembered ? decision : decider.decide(command, current.state) };
  }

  /** Where the events of a command stand among those read, if they do. */
  function findCommand(base: StreamState<State>, events: readonly RecordedEvent[], commandId: string): Done<State> | null {
    const last = events.findLastIndex((event) => event.metadata.commandId === commandId);
    if (last === -1) return null;
    const { state, revision } = fold(base, events.slice(0, last + 1));
    return { state, revision, position: events[last]!.position };
  }

  /** Appends; when the answer was lost, looks for the events. Null: they are where they should be, found by looking. */
  async function appendSurely(appends: readonly Append[], stream: string, commandId: string): Promise<Appended | Done<State>> {
    try {
      if (appends.length === 1) return await store.append(appends[0]!);
      const appended = await store.appendAll!(appends);
      return appended[appended.length - 1]!;
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error;
      cache.delete(stream);
      const events = await store.readStream(stream, 0).catch(() => []);
      const done = findCommand(nothing, events, commandId);
      if (done === null) throw error;
      return done;
    }
  }

  /**
   * Carries one command out. `beside` is an append that must land in the same commit; a conflict on it is thrown.
   * `resumes`: an earlier try may have got through.
   */
  async function execute(
    command: Command,
    metadata: EventMetadata,
    { beside, resumes = false }: { beside?: (events: number) => Append; resumes?: boolean } = {},
  ): Promise<Outcome<State, Command>> {
    const stream = handled.stream(command);
    const done = (at: Done<State>, repeated = false): Outcome<State, Command> => ({ done: true, command, metadata, ...at, repeated });
    let held = resumes ? nothing : undefined;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const decided = await decideOn(command, metadata.commandId, held);
      if ('position' in decided) return done(decided, resumes);
      const { base, decision } = decided;
      if ('refused' in decision) return { done: false, refusal: decision.refused };
      const { events } = decision;
      const appended = newEvents(events, base, metadata, handled.channelId(command));
      const appends: Append[] = beside === undefined ? [] : [beside(events.length)];
      if (events.length > 0) appends.push({ stream, expected: base.revision, events: appended });
      if (appends.length === 0) return done({ state: base.state, revision: base.revision, position: null });
      try {
        const result = await appendSurely(appends, stream, metadata.commandId);
        if ('state' in result) return done(result);
        const after = advance(base, events, appended);
        if (events.length > 0) cache.set(stream, after);
        return done({ state: after.state, revision: after.revision, position: result.position });
      } catch (error) {
        if (!(error instanceof RevisionConflict) || error.stream !== stream) throw error;
        cache.delete(stream);
        held = base;
      }
    }
    throw new StoreUnavailable(`${stream} changes faster than this command can be decided`);
  }

  async function readKey(key: IdempotencyKey): Promise<ReservationState<Command>> {
    return foldReservation<Command>(await store.readStream(reservationStream(key)));
  }

  /** Gives the first answer again, finishing the first command where that was cut short. */
  async function repeat(held: Extract<ReservationState<Command>, { status: 'held' }>, key: IdempotencyKey): Promise<Outcome<State, Command>> {
    const { command, metadata, fingerprint } = held.reserved;
    if (fingerprint !== key.fingerprint) return { done: false, refusal: KEY_REUSED };
    if (held.finished) {
      const { state, revision } = await catchUp(handled.stream(command), nothing);
      return { done: true, command, metadata, state, revision, position: null, repeated: true };
    }
    return finish(command, metadata, key, held.revision, true);
  }

  /** Carries out a command whose reservation stands, and notes in it what left no event. */
  async function finish(command: Command, metadata: EventMetadata, key: IdempotencyKey, revision: number, resumes = false): Promise<Outcome<State, Command>> {
    const outcome = await execute(command, metadata, { resumes });
    const note = !outcome.done ? 'IdempotencyKeyReleased' : outcome.position === null ? 'IdempotencyKeyCompleted' : null;
    if (note !== null) {
      const event = reservationEvent<Command>({ type: note, data: {} }, metadata, key.channelId);
      try {
        await store.append({ stream: reservationStream(key), expected: revision, events: [event] });
      } catch (error) {
        // Another process met the same reservation and noted the same: its note is as good.
        if (!(error instanceof RevisionConflict)) throw error;
      }
    }
    return outcome;
  }

  async function executeOnce(command: Command, metadata: EventMetadata, key: IdempotencyKey): Promise<Outcome<State, Command>> {
    const stream = reservationStream(key);
    const reserve = (expected: number) => (events: number): Append => {
      const data: Reserved<Command>['data'] = { fingerprint: key.fingerprint, command, metadata, events };
      return { stream, expected, events: [reservationEvent<Command>({ type: 'IdempotencyKeyReserved', data }, metadata, key.channelId)] };
    };
    let expected = NO_STREAM;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        if (store.appendAll !== undefined) {
          const outcome = await execute(command, metadata, { beside: reserve(expected) });
          if (outcome.done) return outcome;
          const known = await readKey(key);
          return known.status === 'held' ? await repeat(known, key) : outcome;
        }
        const known = await readKey(key);
        if (known.status === 'held') return await repeat(known, key);
        const decided = await decideOn(command, metadata.commandId);
        if ('position' in decided) throw new Error('a new command was found carried out');
        if ('refused' in decided.decision) return { done: false, refusal: decided.decision.refused };
        const { revision } = await store.append(reserve(known.revision)(decided.decision.events.length));
        return await finish(command, metadata, key, revision);
      } catch (error) {
        if (!(error instanceof RevisionConflict) || error.stream !== stream) throw error;
        const known = await readKey(key);
        if (known.status === 'held') return await repeat(known, key);
        expected = known.revision;
      }
    }
    throw new StoreUnavailable('this idempotency key is in use by many requests at once');
  }

  return async (command, metadata, key) => {
    if (inFlight >= maxInFlight) throw new StoreUnavailable('too many commands are waiting');
    inFlight += 1;
    try {
      const task = (): Promise<Outcome<State, Command>> =>
        key === undefined ? execute(command, metadata) : executeOnce(command, metadata, key);
      if (key !== undefined) return await turns.run(reservationStream(key), () => (handled.creates(command) ? task() : turns.run(handled.stream(command), task)));
      return await (handled.creates(command) ? task() : turns.run(handled.stream(command), task));
    } finally {
      inFlight -= 1;
    }
  };
}
