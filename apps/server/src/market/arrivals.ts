/** Signals that a desk takes up: where their prices have been judged up to, and what their trails have followed. */
import type { Venue } from '#libs/market';
import { type ExistingSignal, isOver, retracking, type Retracking } from '#libs/signal';
import { type EventStore, messageOf, type RecordedEvent } from '#libs/sourcing';
import { signalStream } from '../signals/handled-signal.ts';
import type { Desk } from './desk.ts';
import { folded, forceOf, isStep, judgedTick } from './recorded.ts';
import { followPast, type PastTrail, type Span, spanOf, timedEvents } from './retrack.ts';
import type { States } from './states.ts';
import { surely } from './surely.ts';
import type { Watched } from './watched.ts';

/** Trails of one desk that follow its past together. */
const TRAILS_AT_ONCE = 1_000;

const LONGEST_WAIT_MS = 30_000;

export interface ArrivalsOptions {
  readonly events: EventStore;
  readonly states: States;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly watched: Watched;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
}

interface Arrival {
  readonly id: string;
  readonly state: ExistingSignal;
  readonly events: readonly RecordedEvent[];
  /** When each of them came into force, ms. */
  readonly forces: readonly number[];
  /** Events at the start whose orders a price judged before has met. */
  readonly seen: number;
  readonly retracking: Retracking;
  /** The past prices that its trail has followed; null where it has none, or its venue keeps no past. */
  readonly span: Span | null;
}

export class Arrivals {
  readonly #options: ArrivalsOptions;
  /** By desk, signals found at the start whose trails are to follow its past together. */
  readonly #waiting = new Map<Desk, Set<string>>();

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /**
   * Takes up a signal that the desk does not know, in the desk's turn; `heard` are events of its stream. One that was
   * found at the start, and whose trail has followed past prices, waits for `takeWaiting`.
   * @throws VenueUnavailable, StoreUnavailable; it may then be tried again.
   */
  async take(
    desk: Desk,
    id: string,
    state: ExistingSignal,
    heard: readonly RecordedEvent[],
    atStart: boolean,
  ): Promise<void> {
    const arrival = await this.#arrival(desk, id, state, heard);
    this.#options.watched.add(id, desk);
    if (arrival.span === null || !atStart) return this.#open(desk, [arrival]);
    const waiting = this.#waiting.get(desk) ?? new Set();
    this.#waiting.set(desk, waiting.add(id));
  }

  /** The same for one that can't wait. */
  async takeNow(desk: Desk, id: string, state: ExistingSignal): Promise<void> {
    this.#options.watched.add(id, desk);
    await this.#open(desk, [await this.#arrival(desk, id, state, [])]);
  }

  /** After all that was found at the start, in the desk's turn: takes up who waits, with one look at the past for many. */
  async takeWaiting(desk: Desk): Promise<void> {
    const ids = [...(this.#waiting.get(desk) ?? [])];
    this.#waiting.delete(desk);
    for (let at = 0; at < ids.length; at += TRAILS_AT_ONCE)
      await this.#takeSome(desk, ids.slice(at, at + TRAILS_AT_ONCE));
  }

  /** Where that fails for a fault of one, it keeps no other from being taken up. */
  async #takeSome(desk: Desk, ids: readonly string[]): Promise<void> {
    const { signal, onTrouble } = this.#options;
    const store = {
      signal,
      onTrouble: (reason: string) => onTrouble(desk.name, reason),
      longestWaitMs: LONGEST_WAIT_MS,
    };
    try {
      await surely(() => this.#takeThese(desk, ids), store);
    } catch (error) {
      if (signal.aborted) throw error;
      if (ids.length === 1) return onTrouble(`${desk.name} ${ids[0]!}`, messageOf(error));
      for (const id of ids) await this.#takeSome(desk, [id]);
    }
  }

  async #takeThese(desk: Desk, ids: readonly string[]): Promise<void> {
    const { states, watched } = this.#options;
    const arrivals = await Promise.all(
      ids.map(async (id): Promise<readonly Arrival[]> => {
        if (desk.has(id)) return [];
        // What was heard of meanwhile may be newer.
        const state = await states.get(id);
        if (!isOver(state.status)) return [await this.#arrival(desk, id, state, [])];
        watched.remove(id);
        return [];
      }),
    );
    await this.#open(desk, arrivals.flat());
  }

  async #arrival(desk: Desk, id: string, state: ExistingSignal, heard: readonly RecordedEvent[]): Promise<Arrival> {
    const isWhole = heard[0]?.revision === 0 && heard.length === state.version;
    const events = isWhole ? heard : await this.#options.events.readStream(signalStream(id));
    const forces = events.map(forceOf);
    // Orders that a price judged before has met: one did up to the cursor, and whenever it led to a step.
    const seen = 1 + events.findLastIndex((event, at) => isStep(event) || forces[at]! <= desk.cursor);
    const timed = timedEvents(events);
    const keepsPast = this.#options.venues.get(desk.route.venue)?.history !== undefined;
    return {
      id,
      state,
      events,
      forces,
      seen,
      retracking: retracking(timed),
      span: keepsPast ? spanOf(timed, desk.cursor) : null,
    };
  }

  async #open(desk: Desk, arrivals: readonly Arrival[]): Promise<void> {
    const { venues, signal } = this.#options;
    const trails = arrivals.filter((arrival): arrival is Arrival & PastTrail => arrival.span !== null);
    await followPast(desk.route, trails, venues.get(desk.route.venue), signal);
    for (const { id, state, events, forces, seen, retracking: trail } of arrivals) {
      // What the provider said while nobody looked is in force from its own moment on, and not before.
      const known = 1 + events.findLastIndex((event, at) => at === 0 || isStep(event) || forces[at]! <= desk.cursor);
      const asOf =
        known === events.length ? null : { state: folded(events.slice(0, known)), later: events.slice(known) };
      const from = Math.max(...forces.slice(0, known));
      const tracking = { ...trail.end(), seen };
      await desk.open({ id, state, tracking, from, judged: judgedTick(events[known - 1]!), asOf });
    }
  }
}
