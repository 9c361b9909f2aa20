/** The open signals, as the view and then the log tell of them, and what becomes known of each: to its desk. */
import { type ExistingSignal, isOver } from '#libs/signal';
import { type EventStore, messageOf, type RecordedEvent, type ViewStore } from '#libs/sourcing';
import { SIGNAL_STREAM_PREFIX } from '#libs/views';
import { signalStream } from '../signals/handled-signal.ts';
import type { Arrivals } from './arrivals.ts';
import type { Closes } from './closes.ts';
import type { Desk } from './desk.ts';
import type { Desks } from './desks.ts';
import { readOpenSignals } from './open-signals.ts';
import type { PastPrices } from './past-prices.ts';
import { folded, forceOf } from './recorded.ts';
import type { Route, Routed } from './routes.ts';
import type { States } from './states.ts';
import { surely } from './surely.ts';
import type { Watched } from './watched.ts';

/** Events read in one go until all that was there at the start is known. */
const PAGE = 1_000;

const LONGEST_WAIT_MS = 30_000;

export interface IntakeOptions {
  readonly events: EventStore;
  readonly views: ViewStore;
  readonly states: States;
  readonly watched: Watched;
  readonly desks: Desks;
  readonly arrivals: Arrivals;
  readonly closes: Closes;
  readonly past: PastPrices;
  readonly routeOf: (signal: Routed) => Route | null;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
}

export class Intake {
  readonly #options: IntakeOptions;
  /** All that was open at the start is taken up. */
  #started = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Takes up all that is open. Answers the position that the log is followed from. */
  async start(): Promise<bigint> {
    const { events, views, desks, arrivals, routeOf } = this.#options;
    let from = await readOpenSignals(views, async (documents) => {
      const routed = documents.filter((one) => one.closesSignalId !== null || routeOf(one) !== null);
      await Promise.all(routed.map(async ({ id }) => this.#changed(id, await events.readStream(signalStream(id)))));
    });
    for (const head = await events.head(); from < head;) {
      const page = await events.readAll(from, PAGE, SIGNAL_STREAM_PREFIX);
      await this.#heard(page.events);
      from = page.checkpoint;
    }
    this.#started = true;
    for (const desk of desks) void desk.run(() => arrivals.takeWaiting(desk));
    return from;
  }

  /** Signals as they come and change, until the signal aborts. */
  async follow(from: bigint): Promise<void> {
    const { events, signal } = this.#options;
    for await (const page of events.subscribe(from, { prefix: SIGNAL_STREAM_PREFIX, signal }))
      await this.#heard(page.events);
  }

  async #heard(events: readonly RecordedEvent[]): Promise<void> {
    const byStream = Map.groupBy(events, ({ stream }) => stream);
    await Promise.all(
      [...byStream].map(([stream, own]) =>
        this.#changed(stream.slice(SIGNAL_STREAM_PREFIX.length), own).catch((error: unknown) =>
          this.#options.onTrouble(stream, messageOf(error)),
        ),
      ),
    );
  }

  /** Takes up a signal, or what changed of it: events of its stream, in order, the last one the latest known. */
  async #changed(id: string, events: readonly RecordedEvent[]): Promise<void> {
    const { states, watched, desks, closes, routeOf, signal, onTrouble } = this.#options;
    const last = events.at(-1);
    if (last === undefined) return;
    const known = watched.deskOf(id);
    // Steps that this desk recorded come back by the log.
    if (known !== undefined && known.versionOf(id) > last.revision) return;
    let state: ExistingSignal | null = null;
    for (const event of events) state = await states.after(id, event);
    if (state === null) return;
    if (state.closesSignalId !== null && state.side === 'close' && state.status === 'registered')
      return closes.begin({ id, state, opened: state.closesSignalId, at: forceOf(events[0]!) });
    const route = routeOf(state);
    if (route === null) return;
    const desk = desks.of(route);
    const isNew = this.#started;
    const away = {
      signal,
      onTrouble: (reason: string) => onTrouble(desk.name, reason),
      longestWaitMs: LONGEST_WAIT_MS,
    };
    void desk.run(() => surely(() => this.#take(desk, id, events, isNew), away));
  }

  /** In the desk's turn. `isNew`: the role was running when the signal, or what changed of it, was heard of. */
  async #take(desk: Desk, id: string, heard: readonly RecordedEvent[], isNew: boolean): Promise<void> {
    const { states, watched, arrivals, past } = this.#options;
    // What was heard of meanwhile may be newer.
    const current = await states.get(id);
    if (isOver(current.status)) {
      desk.forget(id);
      return watched.remove(id);
    }
    if (desk.versionOf(id) >= current.version) return;
    if (desk.has(id)) return this.#update(desk, id, current);
    const isFirst = desk.size === 0;
    await arrivals.take(desk, id, current, heard, !isNew);
    // Its venue was not asked for this instrument until now: prices since the receipt are past ones.
    if (isFirst && isNew) await past.judge(desk, false);
  }

  /** What changed of a signal that the desk follows: prices of before are still judged by what was in force then. */
  async #update(desk: Desk, id: string, state: ExistingSignal): Promise<void> {
    const events = await this.#options.events.readStream(signalStream(id));
    const judged = desk.versionOf(id);
    await desk.update(id, state, { state: folded(events.slice(0, judged)), later: events.slice(judged) });
  }
}
