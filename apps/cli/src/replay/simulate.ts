/**
 * A history of signals against a history of prices, by the very rules of the server: the deciders of signals, and the
 * index of what they wait for.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Hole, knownAt, mergeSeries, type Price, type Series, Watch } from '#libs/market';
import { isOver, tracked } from '#libs/signal';
import { Fault } from '../../../server/src/http/fault.ts';
import { instant, pointOf, sourceOf, trackedBest, watchedWaits } from '../../../server/src/market/judging.ts';
import { callCommand, createCommand } from './commands.ts';
import type { HistoryCall, HistorySignal } from './history.ts';
import { type Notice, Subject } from './subject.ts';

/** As steps name where their prices came from. */
const SOURCE = 'replay';

/** Prices between two turns of the event loop. */
const PRICES_A_TURN = 20_000;

export interface SimulateOptions {
  readonly signal: AbortSignal;
  /** Prices looked at so far. */
  readonly onProgress?: (prices: number) => void;
}

export interface Simulated {
  /** In the order of the history. */
  readonly subjects: readonly Subject[];
  readonly notices: readonly Notice[];
}

/** Something the provider did, in order of time; what came on earlier lines first. */
interface Action {
  readonly at: number;
  readonly subject: Subject;
  /** Null: the signal itself. */
  readonly call: HistoryCall | null;
}

/** Runs each instrument on its own: nothing about one can touch another. */
export async function simulate(
  history: readonly HistorySignal[],
  series: readonly Series[],
  { signal, onProgress }: SimulateOptions,
): Promise<Simulated> {
  const subjects = history.map((one) => new Subject(one));
  const notices: Notice[] = [];
  const byInstrument = Map.groupBy(subjects, ({ signal: { body } }) => instrumentOf(body));
  const seriesOf = Map.groupBy(series, ({ instrument }) => instrument.toUpperCase());
  let looked = 0;
  for (const [instrument, group] of byInstrument) {
    const own = seriesOf.get(instrument) ?? [];
    const run = new InstrumentRun(instrument, group, notices);
    if (own.every(({ length }) => length === 0)) run.withoutPrices();
    for (const price of mergeSeries(own, { onHole: (hole) => run.hole(hole) })) {
      run.price(price);
      looked += 1;
      if (looked % PRICES_A_TURN !== 0) continue;
      onProgress?.(looked);
      await nextTurn();
      signal.throwIfAborted();
    }
    run.rest();
  }
  return { subjects, notices: notices.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)) };
}

/** `BTC/USDT`, of bodies that name both; what names none is refused when its turn comes. */
function instrumentOf({ coin, trade_market: market }: HistorySignal['body']): string {
  return `${String(coin)}/${String(market)}`.toUpperCase();
}

class InstrumentRun {
  readonly #instrument: string;
  readonly #subjects: ReadonlyMap<string, Subject>;
  readonly #actions: readonly Action[];
  readonly #notices: Notice[];
  readonly #watch = new Watch();
  #done = 0;
  /** The last price and the one before it: of them the later that was closed is the last price of a moment. */
  #last: Price | null = null;
  #before: Price | null = null;

  constructor(instrument: string, subjects: readonly Subject[], notices: Notice[]) {
    this.#instrument = instrument;
    this.#subjects = new Map(subjects.map((subject) => [subject.signal.id, subject]));
    this.#actions = subjects
      .flatMap((subject): Action[] => [
        { at: subject.signal.at, subject, call: null },
        ...subject.signal.calls.map((call) => ({ at: call.at, subject, call })),
      ])
      .sort((one, other) => one.at - other.at);
    this.#notices = notices;
  }

  withoutPrices(): void {
    for (const { signal } of this.#subjects.values()) {
      if (typeof signal.body['coin'] !== 'string' || typeof signal.body['trade_market'] !== 'string') continue;
      this.#notice(signal.id, signal.at, 'prices', `there are no prices of ${this.#instrument}`);
    }
  }

  /** A hole in the prices decides nothing; every signal that was open is told of it (outcome rules, rule 5). */
  hole({ from, to }: Hole): void {
    this.#actUntil(from);
    for (const { signal, state } of this.#subjects.values()) {
      if (state !== null && !isOver(state.status))
        this.#notice(signal.id, from, 'prices', `there are no prices from ${instant(from)} to ${instant(to)}`);
    }
  }

  price(price: Price): void {
    this.#actUntil(price.time);
    const touched = this.#watch.touched(price);
    if (touched.length > 0) {
      const point = pointOf(price);
      const source = sourceOf(SOURCE, this.#instrument, price);
      const at = instant(knownAt(price));
      for (const id of touched) {
        const subject = this.#subjects.get(id)!;
        subject.observe(trackedBest(subject.tracking, this.#watch.bestBefore(id)), point, source, at);
        this.#place(subject, price.time);
      }
    }
    this.#before = this.#last;
    this.#last = price;
  }

  /** What was called after the last price. */
  rest(): void {
    this.#actUntil(Infinity);
    const last = this.#last;
    if (last === null) return;
    for (const { signal, state } of this.#subjects.values()) {
      if (state !== null && signal.at > last.time)
        this.#notice(signal.id, signal.at, 'prices', `no price of ${this.#instrument} comes after it`);
    }
  }

  /** What comes at the moment of a price comes before it (outcome rules, rules 2 and 4). */
  #actUntil(time: number): void {
    for (let action = this.#actions[this.#done]; action !== undefined && action.at <= time;) {
      this.#act(action);
      this.#done += 1;
      action = this.#actions[this.#done];
    }
  }

  #act({ subject, call, at }: Action): void {
    const { signal } = subject;
    const about = call?.call ?? 'signal';
    try {
      const command = call === null ? createCommand(signal) : callCommand(signal, call, this.#lastPrice(at));
      const late = call?.call === 'cancel' && subject.state !== null && isOver(subject.state.status);
      const refused = late ? `the signal has ended as ${subject.state.status}` : subject.handle(command)?.message;
      if (refused !== undefined) return this.#notice(signal.id, at, about, refused);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return this.#notice(signal.id, at, about, error.message);
    }
    const mode = signal.body['entry_mode'];
    if (call === null && mode !== undefined && mode !== null && mode !== 'range')
      this.#notice(signal.id, at, 'entry_mode', `the entry mode ${JSON.stringify(mode)} is treated as range`);
    // A trail goes on from the best price that it has followed by now, and another begins where it was called for.
    const followed = trackedBest(subject.tracking, this.#watch.best(signal.id));
    subject.tracking = { ...tracked(subject.state!, followed), last: this.#lastPrice(at) };
    this.#place(subject, at);
  }

  /** Notes what a signal waits for now. */
  #place(subject: Subject, from: number): void {
    const { signal, state, tracking } = subject;
    const waits = state === null ? null : watchedWaits(state, tracking, from);
    if (waits === null) this.#watch.delete(signal.id);
    else this.#watch.set(signal.id, waits);
  }

  /** The close of the last candle that had closed by a moment, or the last tick (outcome rules, rule 4). */
  #lastPrice(at: number): string | null {
    for (const price of [this.#last, this.#before]) {
      if (price !== null && knownAt(price) <= at) return price.kind === 'tick' ? price.price : price.close;
    }
    return null;
  }

  #notice(id: string, at: number, about: string, reason: string): void {
    this.#notices.push({ id, at: instant(at), about, reason });
  }
}
