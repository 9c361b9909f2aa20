/**
 * One instrument: the open signals on it, and the prices that move them, one after the other. A price is done when
 * every step that it caused is durable; only then the next one is judged.
 */
import { knownAt, type Price, Watch } from '#libs/market';
import { type ExistingSignal, type Source, type Tracking, UNTRACKED } from '#libs/signal';
import { messageOf } from '#libs/sourcing';
import { judge, type JudgeOptions } from './judge.ts';
import { refusalOf, sourceOf, trackedBest, watchedWaits } from './judging.ts';
import { RecentPrices } from './recent-prices.ts';
import { forceOf, type JudgedTick } from './recorded.ts';
import { deskOf, type Route } from './routes.ts';
import type { AsOf, Subject } from './subject.ts';
import { Turn } from './turn.ts';

/** Signals that one price touches are judged side by side, at most so many: their appends share commits. */
const SIDE_BY_SIDE = 512;

/** A venue lists what it has told a price of for so long. */
const QUOTED_MS = 60_000;

export interface DeskOptions extends Omit<JudgeOptions, 'onTrouble' | 'lastBy'> {
  readonly route: Route;
  readonly onTrouble: (what: string, reason: string) => void;
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
  readonly #options: DeskOptions;
  readonly #judging: JudgeOptions;
  readonly #turn: Turn;
  readonly #watch = new Watch();
  readonly #subjects = new Map<string, Subject>();
  readonly #recent = new RecentPrices();
  /** The tick that a signal's last step rests on, where ticks of the same millisecond may come again. */
  readonly #resuming = new Map<string, JudgedTick>();
  #lastPrice: Price | null = null;
  #latest = -Infinity;
  #emptySince = Date.now();

  constructor(options: DeskOptions) {
    const { route, signal, onTrouble } = options;
    this.#options = options;
    this.route = route;
    this.name = deskOf(route);
    this.#judging = {
      ...options,
      onTrouble: (reason) => onTrouble(this.name, reason),
      lastBy: (time) => this.#recent.lastBy(time),
    };
    this.#turn = new Turn({ signal, onFailed: (error) => onTrouble(this.name, messageOf(error)) });
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

  /** Tasks that wait for their turn, or have it. */
  get waiting(): number {
    return this.#turn.waiting;
  }

  /** Since when, ms, it has had no signal and nothing to do that might bring one; null where it has either. */
  get idleSince(): number | null {
    return this.size === 0 && this.waiting === 0 ? this.#emptySince : null;
  }

  /** Whether its venue has told a price of the last minute, and so lists the instrument. */
  get isQuoted(): boolean {
    return this.#lastPrice !== null && Date.now() - knownAt(this.#lastPrice) < QUOTED_MS;
  }

  /** Runs tasks of this desk one after the other. A task that fails is told, and does not stop the next. */
  run(task: () => Promise<void>): Promise<void> {
    return this.#turn.run(task);
  }

  has(id: string): boolean {
    return this.#subjects.has(id);
  }

  versionOf(id: string): number {
    return this.#subjects.get(id)?.version ?? 0;
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

  forget(id: string): void {
    this.#watch.delete(id);
    this.#resuming.delete(id);
    if (!this.#subjects.delete(id)) return;
    this.#emptySince = Date.now();
    this.#options.onGone(id);
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
    this.#lastPrice = price;
    if (touched.length > 0) {
      const judged = touched.map((id) => ({ id, best: this.#watch.bestBefore(id) }));
      for (let at = 0; at < judged.length; at += SIDE_BY_SIDE) {
        await Promise.all(
          judged.slice(at, at + SIDE_BY_SIDE).map(async ({ id, best }) => {
            const subject = this.#subjects.get(id);
            if (subject === undefined || again.has(id)) return;
            const tracking = trackedBest(subject.tracking, best);
            await this.#judge({ id, subject, tracking, price, source, heard }).catch((error: unknown) => {
              if (this.#options.signal.aborted) throw error;
              // A fault of this one: it is left alone until the next start, and holds up no other.
              this.#options.onTrouble(`${this.name} ${id}`, messageOf(error));
              this.forget(id);
            });
          }),
        );
      }
    }
    this.#recent.add({ price, source });
    this.cursor = price.time;
  }

  /** Judges prices that were told before what concerns them was heard of. */
  async #judgeRecent(id: string, subject: Subject, from: number): Promise<void> {
    for (const { price, source } of this.#recent) {
      if (!this.#subjects.has(id)) return;
      if (price.time >= from) await this.#judge({ id, subject, tracking: subject.tracking, price, source });
    }
  }

  async #judge(judged: Parameters<typeof judge>[0]): Promise<void> {
    this.#place(judged.id, judged.subject, await judge(judged, this.#judging));
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

  /** Notes what a signal waits for now; one that waits for nothing is let go. */
  #place(id: string, subject: Subject, state: ExistingSignal): void {
    const waits = watchedWaits(state, subject.tracking, subject.from);
    if (waits === null) return this.forget(id);
    const next = waits.next || subject.closed !== null || subject.asOf !== null;
    this.#watch.set(id, { ...waits, next });
  }
}
