/**
 * Carrying out one command: fold its stream, decide, append on an explicit revision.
 *
 * - a conflict: only the new events are folded on the state held, and it is decided again, a few times;
 * - an unknown outcome: the stream is searched for the command's event ids, never appended to blindly;
 * - a refusal, or a decision to do nothing, on a remembered state is checked against the stream first.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision, DomainEvent } from './decider.ts';
import type { EventMetadata, NewEvent, RecordedEvent } from './events.ts';
import type { Handled, Outcome } from './handled.ts';
import { derivedEventId } from './ids.ts';
import {
  type Append,
  type Appended,
  type EventStore,
  NO_STREAM,
  OutcomeUnknown,
  RevisionConflict,
  StoreUnavailable,
} from './ports.ts';
import { RecentlyUsed } from './recently-used.ts';
import type { StreamState } from './stream-state.ts';

/** How long the events of an append without an outcome are looked for: its caller has waited for long already. */
const LONGEST_SEARCH_MS = 3_000;

/** What was decided, and on which state. */
interface Decided<State, Event> {
  readonly base: StreamState<State>;
  readonly decision: Decision<Event>;
}

/** The command was found carried out: how it left its stream. */
interface Found<State> {
  readonly state: State;
  readonly revision: number;
  readonly added: number;
  readonly position: bigint;
}

export interface ExecuteOptions<State, Event> {
  /** An append that must land in the same commit. A conflict on it is thrown. */
  readonly beside?: (revision: number, events: number) => Append;
  /** What was decided already: the first try appends that, without reading again. */
  readonly decided?: Decided<State, Event>;
  /** An earlier try of this very command may have got through: the stream is searched for it first. */
  readonly resumes?: boolean;
}

export interface Execution<State, Command, Event> {
  /** Decides without appending. */
  decide(command: Command): Promise<Decided<State, Event>>;
  /** @throws StoreUnavailable after too many conflicts, and whatever the store throws. */
  execute(
    command: Command,
    metadata: EventMetadata,
    options?: ExecuteOptions<State, Event>,
  ): Promise<Outcome<State, Command>>;
  /** The state of a stream as of a revision. */
  stateAt(stream: string, revision: number): Promise<StreamState<State>>;
}

export function createExecution<State, Command, Event extends DomainEvent>(
  handled: Handled<State, Command, Event>,
  store: EventStore,
  { cacheSize, attempts }: { cacheSize: number; attempts: number },
): Execution<State, Command, Event> {
  const { decider } = handled;
  // Only a saving: every append names the revision it was decided on, so a state that other processes have left behind
  // shows as a conflict, never as a wrong event.
  const cache = new RecentlyUsed<StreamState<State>>(cacheSize);
  const nothing: StreamState<State> = { state: decider.initial, revision: NO_STREAM, time: '' };

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

  /** Decides on the freshest state that is needed: a "no" or a "nothing to do" must not rest on a remembered one. */
  async function decide(command: Command): Promise<Decided<State, Event>> {
    const stream = handled.stream(command);
    const remembered = handled.creates(command) ? nothing : cache.get(stream);
    const base = remembered ?? (await catchUp(stream, nothing));
    const decision = decider.decide(command, base.state);
    if (remembered === undefined || ('events' in decision && decision.events.length > 0)) return { base, decision };
    const current = await catchUp(stream, remembered);
    return { base: current, decision: current === remembered ? decision : decider.decide(command, current.state) };
  }

  /** Reads what came after a state and searches it for the command itself; decides on it if it is not there. */
  async function decideAfter(
    base: StreamState<State>,
    command: Command,
    commandId: string,
  ): Promise<Decided<State, Event> | Found<State>> {
    const events = await store.readStream(handled.stream(command), base.revision + 1);
    const last = events.findLastIndex((event) => event.metadata.commandId === commandId);
    if (last !== -1) {
      const { state, revision } = fold(base, events.slice(0, last + 1));
      const added = events.filter((event) => event.metadata.commandId === commandId).length;
      return { state, revision, added, position: events[last]!.position };
    }
    const current = fold(base, events);
    return { base: current, decision: decider.decide(command, current.state) };
  }

  function newEvents(
    events: readonly Event[],
    base: StreamState<State>,
    metadata: EventMetadata,
    channelId: string | null,
  ): NewEvent[] {
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
  function advance(
    base: StreamState<State>,
    events: readonly Event[],
    appended: readonly NewEvent[],
  ): StreamState<State> {
    let state = base.state;
    for (const event of events) state = decider.evolve(state, event);
    return { state, revision: base.revision + events.length, time: appended[0]?.time ?? base.time };
  }

  async function execute(
    command: Command,
    metadata: EventMetadata,
    { beside, decided: given, resumes = false }: ExecuteOptions<State, Event> = {},
  ): Promise<Outcome<State, Command>> {
    const stream = handled.stream(command);
    let decided: Decided<State, Event> | Found<State> =
      given ?? (resumes ? await decideAfter(nothing, command, metadata.commandId) : await decide(command));
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if ('position' in decided) return { done: true, command, metadata, ...decided, repeated: resumes };
      const { base, decision } = decided;
      if ('refused' in decision) return { done: false, refusal: decision.refused };
      const { events } = decision;
      const appended = newEvents(events, base, metadata, handled.channelId(command));
      const appends: Append[] = beside === undefined ? [] : [beside(base.revision, events.length)];
      if (events.length > 0) appends.push({ stream, expected: base.revision, events: appended });
      try {
        const result = appends.length === 0 ? null : await appendSurely(store, appends);
        if (events.length === 0)
          return {
            done: true,
            command,
            metadata,
            state: base.state,
            revision: base.revision,
            added: 0,
            position: null,
            repeated: false,
          };
        const after = advance(base, events, appended);
        cache.set(stream, after);
        return {
          done: true,
          command,
          metadata,
          state: after.state,
          revision: after.revision,
          added: events.length,
          position: result!.position,
          repeated: false,
        };
      } catch (error) {
        if (!(error instanceof RevisionConflict) || error.stream !== stream) throw error;
        decided = await decideAfter(base, command, metadata.commandId);
      }
    }
    throw new StoreUnavailable(`${stream} changes faster than this command can be decided`);
  }

  async function stateAt(stream: string, revision: number): Promise<StreamState<State>> {
    const events = await store.readStream(stream);
    return fold(nothing, events.slice(0, revision + 1));
  }

  return { decide, execute, stateAt };
}

/**
 * Appends, as one where there are several, and answers for the last of them. When the store can't tell the outcome, its
 * events are looked for where they would stand, for three seconds at most; what can't be found stays unknown, for it may
 * still arrive.
 */
export async function appendSurely(store: EventStore, appends: readonly Append[]): Promise<Appended> {
  try {
    if (appends.length === 1) return await store.append(appends[0]!);
    const appended = await store.appendAll!(appends);
    return appended[appended.length - 1]!;
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error;
    const { stream, expected, events } = appends[appends.length - 1]!;
    const over = new AbortController();
    const there = await Promise.race([
      store.readStream(stream, expected + 1).catch(() => []),
      sleep(LONGEST_SEARCH_MS, [], { signal: over.signal }).catch(() => []),
    ]);
    over.abort();
    const last = there[events.length - 1];
    if (last === undefined || last.id !== events[events.length - 1]!.id) throw error;
    return { revision: last.revision, position: last.position };
  }
}
