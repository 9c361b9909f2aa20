/**
 * One instrument: the open signals on it, and the prices that move them, one after the other. A price is done when
 * every step that it caused is durable; only then the next one is judged.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { knownAt, type Price, Watch } from '#libs/market';
import {
  type ExistingSignal,
  isOver,
  type MarketCommand,
  observe,
  SIGNAL_SCHEMA_VERSION,
  type SignalCommand,
  type SignalState,
  type Source,
  tracked,
  type Tracking,
  UNTRACKED,
} from '#libs/signal';
import {
  dashedId,
  derivedEventId,
  type EventMetadata,
  type Handle,
  messageOf,
  OutcomeUnknown,
  type RecordedEvent,
  StoreUnavailable,
} from '#libs/sourcing';
import { instant, pointOf, refusalOf, sourceOf, trackedBest, watchedWaits } from './judging.ts';
import { deskOf, type Route } from './routes.ts';
import { evolved, type States } from './states.ts';

/** Signals that one price touches are judged side by side, at most so many: their appends share commits. */
const SIDE_BY_SIDE = 512;

/** Prices remembered for signals and calls that are heard of after prices that concern them. */
const RECENT_PRICES = 2_000;

const RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

/** What the desk remembers of an open signal; its state is read when a price touches it. */
interface Subject {
  readonly channelId: string;
  tracking: Tracking;
  /** The signal's version that `tracking` belongs to. */
  version: number;
  /** Prices before this do not concern it, ms. */
  from: number;
  /** The signal that closes it, at the first price at or after a moment, ms. */
  closed: { readonly by: string; readonly at: number } | null;
  /** While prices are caught up with: the signal as it was then, and what the provider said since. Else null. */
  asOf: AsOf | null;
}

/** A tick by its time, ms, and the hash of its evidence: of ticks of one millisecond those up to it were judged. */
export interface JudgedTick {
  readonly time: number;
  readonly hash: string;
}

/** A signal as of a moment in the past. */
interface AsOf {
  readonly state: ExistingSignal;
  /** In order; each is in force from its own moment on. */
  readonly later: readonly RecordedEvent[];
}

export interface DeskOptions {
  readonly route: Route;
  readonly states: States;
  readonly handle: Handle<SignalState, SignalCommand>;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
  /** A step was recorded. `at`: when the process heard of the price, ms. */
  readonly onSteps?: (count: number, at: number) => void;
  /** A signal was closed because another asked for it. */
  readonly onClosed?: (closing: string, state: ExistingSignal) => void;
  /** No price concerns a signal any more. */
  readonly onGone: (id: string) => void;
}

/** A signal as a desk takes it up. */
export interface Opened {
  readonly id: string;
  readonly state: ExistingSignal;
  readonly tracking?: Tracking;
  readonly from: number;
  readonly judged?: JudgedTick | null;
  readonly asOf?: AsOf | null;
}

export class Desk {
  readonly name: string;
  readonly route: Route;
  /** Time of the last price whose steps are all durable, ms; -Infinity before the first. */
  cursor = -Infinity;
  lastPrice: Price | null = null;
  readonly #options: DeskOptions;
  readonly #watch = new Watch();
  readonly #subjects = new Map<string, Subject>();
  readonly #recent: { readonly price: Price; readonly source: Source }[] = [];
  /** The tick that a signal's last step rests on, where ticks of the same millisecond may come again. */
  readonly #resuming = new Map<string, JudgedTick>();
  #latest = -Infinity;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.route = options.route;
    this.name = deskOf(options.route);
  }

  get size(): number {
    return this.#subjects.size;
  }

  get ids(): Iterable<string> {
    return this.#subjects.keys();
  }

  /** Prices before this concern none of its signals, ms; Infinity where it has none. */
  get since(): number {
    let since = Infinity;
    for (const { from } of this.#subjects.values()) since = Math.min(since, from);
    return since;
  }

  /** Tasks that wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Runs tasks of this desk one after the other. A task that fails is told, and does not stop the next. */
  run(task: () => Promise<void>): Promise<void> {
    this.#waiting += 1;
    const mine = this.#turn.then(async () => {
      try {
        if (!this.#options.signal.aborted) await task();
      } catch (error) {
        if (!this.#options.signal.aborted) this.#options.onTrouble(this.name, messageOf(error));
      } finally {
        this.#waiting -= 1;
      }
    });
    this.#turn = mine;
    return mine;
  }

  /** Takes a signal up, or what changed of it; prices that were judged before it was heard of are judged now. */
  async open({ id, state, tracking = UNTRACKED, from, judged = null, asOf = null }: Opened): Promise<void> {
    const subject: Subject = { channelId: state.channelId, tracking, version: state.version, from, closed: null, asOf };
    if (judged !== null) this.#resuming.set(id, judged);
    this.#subjects.set(id, subject);
    this.#place(id, subject, asOf?.state ?? state);
    await this.#judgeRecent(id, subject, from);
  }

  /** Takes note of what changed of a signal: `asOf` is the signal as it was judged last, and what came since. */
  async update(id: string, state: ExistingSignal, { state: before, later }: AsOf): Promise<void> {
    const subject = this.#subjects.get(id)!;
    subject.version = state.version;
    subject.tracking = trackedBest(subject.tracking, this.#watch.best(id));
    subject.asOf = { state: subject.asOf?.state ?? before, later: [...(subject.asOf?.later ?? []), ...later] };
    this.#place(id, subject, subject.asOf.state);
    await this.#judgeRecent(id, subject, forceOf(later[0]!));
  }

  /** Closes a signal at the first price at or after a moment. */
  async close(id: string, by: string, at: number): Promise<void> {
    const subject = this.#subjects.get(id)!;
    subject.closed = { by, at };
    this.#place(id, subject, subject.asOf?.state ?? (await this.#options.states.get(id)));
    await this.#judgeRecent(id, subject, at);
  }

  /** Judges prices that were told before what concerns them was heard of. */
  async #judgeRecent(id: string, subject: Subject, from: number): Promise<void> {
    for (const { price, source } of this.#recent) {
      if (!this.#subjects.has(id)) return;
      if (price.time >= from) await this.#judge(id, subject, subject.tracking, price, source);
    }
  }

  has(id: string): boolean {
    return this.#subjects.has(id);
  }

  versionOf(id: string): number {
    return this.#subjects.get(id)?.version ?? 0;
  }

  forget(id: string): void {
    this.#watch.delete(id);
    this.#resuming.delete(id);
    if (this.#subjects.delete(id)) this.#options.onGone(id);
  }

  /** Judges a price for every signal that it may touch. `late`: it was missed first, and fetched afterwards. */
  async price(price: Price, heard: number, late = false): Promise<void> {
    // What comes late or twice from a venue was judged, or is out of order, and decides nothing.
    if (price.time < this.#latest) return;
    const refused = refusalOf(price, Date.now());
    if (refused !== null) return this.#options.onTrouble(this.name, refused);
    const touched = this.#watch.touched(price);
    this.#latest = price.time;
    const source = sourceOf(this.route.venue, this.name, price, late);
    const again = this.#again(price, source);
    this.lastPrice = price;
    if (touched.length > 0) {
      const judged = touched.map((id) => ({ id, best: this.#watch.bestBefore(id) }));
      for (let at = 0; at < judged.length; at += SIDE_BY_SIDE) {
        await Promise.all(
          judged.slice(at, at + SIDE_BY_SIDE).map(async ({ id, best }) => {
            const subject = this.#subjects.get(id);
            if (subject === undefined || again.has(id)) return;
            await this.#judge(id, subject, trackedBest(subject.tracking, best), price, source, heard).catch(
              (error: unknown) => {
                if (this.#options.signal.aborted) throw error;
                // A fault of this one: it is left alone until the next start, and holds up no other.
                this.#options.onTrouble(`${this.name} ${id}`, messageOf(error));
                this.forget(id);
              },
            );
          }),
        );
      }
    }
    this.#recent.push({ price, source });
    if (this.#recent.length > 2 * RECENT_PRICES) this.#recent.splice(0, RECENT_PRICES);
    this.cursor = price.time;
  }

  /** Signals on which this tick was judged before: it comes again, not later than the one that their last step rests on. */
  #again(price: Price, { hash }: Source): ReadonlySet<string> {
    const again = new Set<string>();
    for (const [id, last] of this.#resuming) {
      if (price.time < last.time) continue;
      if (price.time === last.time) again.add(id);
      if (price.time > last.time || hash === last.hash) this.#resuming.delete(id);
    }
    return again;
  }

  /** Judges one price on one signal, until its steps are durable or there are none. */
  async #judge(
    id: string,
    subject: Subject,
    tracking: Tracking,
    price: Price,
    source: Source,
    heard = Date.now(),
  ): Promise<void> {
    const { states } = this.#options;
    let state = await this.#surely(() => states.get(id));
    const point = pointOf(price);
    for (;;) {
      const changedAt = nextChange(subject, price.time);
      const past = asOfState(subject, price.time);
      const judged = past ?? state;
      if (changedAt !== null)
        tracking = { ...tracked(judged, subject.tracking), last: this.#lastBy(changedAt) ?? tracking.last };
      const closedBy = subject.closed !== null && price.time >= subject.closed.at ? subject.closed.by : null;
      const { events, tracking: after, state: next } = observe(judged, tracking, point, source, closedBy);
      if (events.length === 0) {
        subject.tracking = after;
        return this.#place(id, subject, judged);
      }
      const command: MarketCommand = {
        signalId: id,
        channelId: subject.channelId,
        now: instant(heard),
        basedOn: state.version,
        ...(past === null
          ? { type: 'ObservePrice', tracking, price: point, source, closedBySignalId: closedBy }
          : { type: 'RecordSteps', events }),
      };
      const metadata = metadataOf(id, state.version, heard);
      const outcome = await this.#surely(() => this.#options.handle(command, metadata));
      if (outcome.done) {
        if (past !== null) state = await this.#surely(() => states.read(id));
        else states.set(id, (state = next));
        subject.asOf = null;
        subject.tracking = { ...after, seen: state.version };
        subject.version = state.version;
        subject.from = Math.max(subject.from, knownAt(price));
        this.#options.onSteps?.(events.length, heard);
        if (closedBy !== null && isOver(state.status)) this.#options.onClosed?.(closedBy, state);
        return this.#place(id, subject, state);
      }
      if (outcome.refusal.code !== 'judged_before') throw new Error(`${id}: ${outcome.refusal.message}`);
      // The provider was faster: what it said is in force, and the price is judged anew.
      state = await this.#surely(() => states.read(id));
      subject.asOf = null;
      subject.version = state.version;
      if (isOver(state.status)) return this.#place(id, subject, state);
    }
  }

  /** The last price that was known at a moment (outcome rules, rule 4). */
  #lastBy(time: number): string | null {
    return lastOf(this.#recent.findLast(({ price }) => knownAt(price) <= time)?.price ?? null);
  }

  /** Notes what a signal waits for now; one that waits for nothing is let go. */
  #place(id: string, subject: Subject, state: ExistingSignal): void {
    const waits = watchedWaits(state, subject.tracking, subject.from);
    if (waits === null) return this.forget(id);
    const next = waits.next || subject.closed !== null || subject.asOf !== null;
    this.#watch.set(id, { ...waits, next });
  }

  /** Until it succeeds, or the role ends: a store that is away delays, and no price is skipped. */
  async #surely<Result>(task: () => Promise<Result>): Promise<Result> {
    const { signal, onTrouble } = this.#options;
    for (let wait = RETRY_MS; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      try {
        return await task();
      } catch (error) {
        const isAway = error instanceof StoreUnavailable || error instanceof OutcomeUnknown;
        if (signal.aborted || !isAway) throw error;
        onTrouble(this.name, messageOf(error));
        await sleep(wait, undefined, { signal });
      }
    }
  }
}

function lastOf(price: Price | null): string | null {
  return price === null ? null : price.kind === 'tick' ? price.price : price.close;
}

/** When the last change came that a price of this time is the first to be judged with; null where none did. */
function nextChange({ asOf }: Subject, time: number): number | null {
  const change = asOf?.later.findLast((event) => forceOf(event) <= time);
  return change === undefined ? null : forceOf(change);
}

/** The signal as it was at a moment, where it is judged as of the past; null once all that came since is in force. */
function asOfState(subject: Subject, time: number): ExistingSignal | null {
  if (subject.asOf === null) return null;
  let { state } = subject.asOf;
  let count = 0;
  for (const event of subject.asOf.later) {
    if (forceOf(event) > time) break;
    state = evolved(state, event) as ExistingSignal;
    count += 1;
  }
  const later = subject.asOf.later.slice(count);
  subject.asOf = later.length === 0 ? null : { state, later };
  return subject.asOf === null ? null : state;
}

/** The ids of a step's events follow from the signal and its version, so that no step is ever recorded twice. */
export function metadataOf(id: string, version: number, heard: number): EventMetadata {
  return {
    commandId: derivedEventId(dashedId(id), version),
    requestId: '',
    dialect: 'market',
    actor: 'market',
    keyId: null,
    receivedAt: instant(heard),
    schemaVersion: SIGNAL_SCHEMA_VERSION,
  };
}

/** When an event came into force: a step of the market at the time of its price, anything else when it was received. */
export function forceOf({ time, data }: RecordedEvent): number {
  const { at } = data as { readonly at?: string };
  return Date.parse(at ?? time);
}
