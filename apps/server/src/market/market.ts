/**
 * The market role: watches exactly the instruments with open signals, and lets their prices move them.
 *
 * What it knows is found again from the log at every start: the view tells which signals are open, the log what came
 * since. Prices that were missed while nobody looked are fetched from the venue, where it keeps them, from the cursor
 * of their desk on; a cursor is kept only after all steps before it are durable.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Quoted, type Venue, VenueUnavailable } from '#libs/market';
import {
  type Evidence,
  type ExistingSignal,
  isOver,
  type MarketCommand,
  type SignalCommand,
  signalDecider,
  type SignalState,
  subtract,
} from '#libs/signal';
import {
  type Coordination,
  type EventStore,
  type Handle,
  messageOf,
  type RecordedEvent,
  StoreUnavailable,
  type ViewStore,
} from '#libs/sourcing';
import { type SignalDocument, SIGNAL_STREAM_PREFIX, signalsView } from '#libs/views';
import { Desk, forceOf, type JudgedTick, metadataOf } from './desk.ts';
import { instant, sourceOf } from './judging.ts';
import { retrack } from './retrack.ts';
import { deskOf, type Route, routeOf, type RouteSettings } from './routes.ts';
import { type Settled, settlementHash, watchSettlements } from './settlements.ts';
import { evolved, States } from './states.ts';

/** Open signals read from the view in one go. */
const PAGE = 500;

/** How often cursors are kept, at most. */
const KEEP_MS = 1_000;

/** A desk with more tasks than this holds back the prices of its venue. */
const MOST_WAITING = 500;

const REMEMBERED_STATES = 50_000;

/** Signals of a resolved market that are settled side by side. */
const SIDE_BY_SIDE = 256;

const RETRY_MS = 200;
const LONGEST_RETRY_MS = 30_000;

export interface MarketOptions {
  readonly events: EventStore;
  readonly views: ViewStore;
  readonly coordination: Coordination;
  readonly handle: Handle<SignalState, SignalCommand>;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly routes: RouteSettings;
  readonly signal: AbortSignal;
  readonly tell: (news: MarketNews) => void;
}

/** What the role tells its parent, for the log and for readers of prices. */
export type MarketNews =
  | { readonly news: 'trouble'; readonly what: string; readonly reason: string }
  | { readonly news: 'watching'; readonly signals: number; readonly instruments: number; readonly seconds: number }
  | { readonly news: 'missed'; readonly what: string; readonly prices: number }
  | { readonly news: 'price'; readonly desk: string; readonly price: string; readonly at: number }
  | { readonly news: 'waiting'; readonly what: string; readonly reason: string }
  | { readonly news: 'unknown'; readonly desk: string }
  | { readonly news: 'steps'; readonly count: number; readonly ms: number };

export class Market {
  readonly #options: MarketOptions;
  readonly #states: States;
  readonly #desks = new Map<string, Desk>();
  /** Which desk an open signal is at. */
  readonly #deskOf = new Map<string, Desk>();
  /** By venue: the instruments with open signals. */
  readonly #watched = new Map<string, Map<string, number>>();
  readonly #kept = new Map<string, number>();
  /** By venue: the same as a set, until it changes. */
  readonly #symbols = new Map<string, ReadonlySet<string>>();
  /** Desks whose past prices are still to come, and whether prices were left out meanwhile that are past by then. */
  readonly #behind = new Map<Desk, { leftOut: boolean }>();
  /** All that was open at the start is taken up. */
  #started = false;

  /** Ends all of the role's work where a part of it has failed. */
  readonly #failed = new AbortController();

  constructor(options: MarketOptions) {
    this.#options = { ...options, signal: AbortSignal.any([options.signal, this.#failed.signal]) };
    this.#states = new States(options.events, REMEMBERED_STATES);
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { events, signal, venues } = this.#options;
    const started = performance.now();
    let from = await this.#load();
    for (const head = await events.head(); from < head;) {
      const page = await events.readAll(from, 1_000, SIGNAL_STREAM_PREFIX);
      await this.#heard(page.events);
      from = page.checkpoint;
    }
    this.#options.tell({
      news: 'watching',
      signals: this.#deskOf.size,
      instruments: this.#desks.size,
      seconds: (performance.now() - started) / 1_000,
    });
    this.#started = true;
    const parts = [
      this.#follow(events.subscribe(from, { prefix: SIGNAL_STREAM_PREFIX, signal })),
      ...[...venues.values()].map((venue) => this.#serve(venue)),
      this.#keepCursors(),
    ];
    try {
      await Promise.all(parts);
    } finally {
      this.#failed.abort();
      await Promise.allSettled([...parts, ...[...this.#desks.values()].map((desk) => desk.run(async () => undefined))]);
    }
  }

  /** Past prices of a venue first, then those that come. */
  async #serve(venue: Venue): Promise<void> {
    const desks = [...this.#desks.values()].filter(({ route }) => route.venue === venue.name);
    await Promise.all(desks.map((desk) => this.#caughtUp(desk)));
    await Promise.all([this.#stream(venue), ...(venue.settlement === undefined ? [] : [this.#settlements(venue)])]);
  }

  #settlements(venue: Venue): Promise<void> {
    const { coordination, signal, tell } = this.#options;
    return watchSettlements({
      venue,
      coordination,
      signal,
      symbols: () => this.#symbolsOf(venue),
      onTrouble: (what, reason) => this.#trouble(what, reason),
      onWaiting: (symbol, reason) => tell({ news: 'waiting', what: `${venue.name} ${symbol}`, reason }),
      settle: async (symbol, settlement) => {
        const settled: string[] = [];
        for (const side of ['yes', 'no'] as const) {
          const desk = this.#desks.get(deskOf({ venue: venue.name, symbol, side }));
          await desk?.run(async () => {
            const ids = [...desk.ids];
            for (let at = 0; at < ids.length; at += SIDE_BY_SIDE) {
              await Promise.all(
                ids.slice(at, at + SIDE_BY_SIDE).map(async (id) => {
                  await this.#resolve(id, settlement, venue);
                  settled.push(id);
                  desk.forget(id);
                }),
              );
            }
          });
        }
        return settled;
      },
      correct: async (signals, settlement) => {
        for (const id of signals) await this.#resolve(id, settlement, venue);
      },
    });
  }

  /** Tells a signal what its market was resolved to. Told again, it adds nothing. */
  async #resolve(id: string, settlement: Settled, venue: Venue): Promise<void> {
    const state = await this.#states.read(id);
    const { yesPayout, outcome, at } = settlement;
    const payout = yesPayout === null ? null : state.direction === 'no' ? subtract('1', yesPayout) : yesPayout;
    const now = Date.now();
    const command: MarketCommand = {
      type: 'ResolveSignal',
      signalId: id,
      channelId: state.channelId,
      now: instant(now),
      payout,
      reason: outcome,
      at: instant(at ?? now),
      evidence: { decidedBy: 'settlement', source: venue.name, hash: settlementHash(settlement) },
    };
    const result = await this.#options.handle(command, metadataOf(id, state.version, now));
    if (!result.done) throw new Error(`${id}: ${result.refusal.message}`);
    if (result.state.status !== 'none') this.#states.set(id, result.state);
  }

  /** Takes up every signal that the view has as open. Answers the position that the log is followed from. */
  async #load(): Promise<bigint> {
    const { views } = this.#options;
    const live = await views.live(signalsView.name);
    // Before the first build there is no view: then the log tells all.
    if (live === null) return 0n;
    const from = live.checkpoint;
    for (let after = -1n; ;) {
      const page = await views.find(signalsView.name, {
        where: [{ field: 'open', is: 'gt', value: after }],
        orderBy: { field: 'open', direction: 'asc' },
        limit: PAGE,
      });
      const documents = page.map(({ json }) => JSON.parse(json) as SignalDocument);
      await Promise.all(documents.map((document) => this.#takeUp(document)));
      if (page.length < PAGE) break;
      after = BigInt(documents.at(-1)!.created);
    }
    return from;
  }

  async #takeUp(document: SignalDocument): Promise<void> {
    const route = this.#routeOf(document);
    if (route === null && document.closesSignalId === null) return;
    await this.#changed(document.id, await this.#options.events.readStream(SIGNAL_STREAM_PREFIX + document.id));
  }

  #routeOf({
    instrument,
    direction,
    sandbox,
  }: Pick<SignalDocument, 'instrument' | 'direction' | 'sandbox'> | ExistingSignal): Route | null {
    return routeOf(instrument, direction, sandbox, this.#options.routes);
  }

  /** Signals as they come and change. */
  async #follow(pages: AsyncIterable<{ readonly events: readonly RecordedEvent[] }>): Promise<void> {
    for await (const { events } of pages) await this.#heard(events);
  }

  async #heard(events: readonly RecordedEvent[]): Promise<void> {
    const byStream = Map.groupBy(events, ({ stream }) => stream);
    await Promise.all(
      [...byStream].map(([stream, own]) =>
        this.#changed(stream.slice(SIGNAL_STREAM_PREFIX.length), own).catch((error: unknown) =>
          this.#trouble(stream, messageOf(error)),
        ),
      ),
    );
  }

  /** Takes up a signal, or what changed of it: events of its stream, in order, the last one the latest known. */
  async #changed(id: string, events: readonly RecordedEvent[]): Promise<void> {
    const last = events.at(-1);
    if (last === undefined) return;
    const known = this.#deskOf.get(id);
    // Steps that this desk recorded come back by the log.
    if (known !== undefined && known.versionOf(id) > last.revision) return;
    let state: ExistingSignal | null = null;
    for (const event of events) state = await this.#states.after(id, event);
    if (state === null) return;
    if (state.closesSignalId !== null && state.side === 'close' && state.status === 'registered')
      return this.#close(state.closesSignalId, id, state, forceOf(events[0]!));
    const route = this.#routeOf(state);
    if (route === null) return;
    const desk = this.#desk(route);
    const started = this.#started;
    void desk.run(() =>
      this.#surely(desk.name, async () => {
        // What was heard of meanwhile may be newer.
        const current = await this.#states.get(id);
        if (isOver(current.status)) return desk.forget(id);
        if (desk.versionOf(id) >= current.version) return;
        if (desk.has(id)) return this.#update(desk, id, current);
        const isFirst = desk.size === 0;
        await this.#begin(desk, id, current, events);
        // Its venue was not asked for this instrument until now: prices since the receipt are past ones.
        if (isFirst && started) await this.#past(desk, false);
      }),
    );
  }

  /** What changed of a signal that the desk follows: prices of before are still judged by what was in force then. */
  async #update(desk: Desk, id: string, state: ExistingSignal): Promise<void> {
    const events = await this.#options.events.readStream(SIGNAL_STREAM_PREFIX + id);
    const judged = desk.versionOf(id);
    await desk.update(id, state, { state: folded(events.slice(0, judged)), later: events.slice(judged) });
  }

  /** A signal that the desk does not know: where its prices have been judged up to, and what its trail has followed. */
  async #begin(desk: Desk, id: string, state: ExistingSignal, heard: readonly RecordedEvent[]): Promise<void> {
    const whole = heard[0]?.revision === 0 && heard.length === state.version;
    const events = whole ? heard : await this.#options.events.readStream(SIGNAL_STREAM_PREFIX + id);
    const forces = events.map(forceOf);
    if (!this.#deskOf.has(id)) {
      this.#deskOf.set(id, desk);
      this.#watch(desk.route, 1);
    }
    // Orders that a price judged before has met: one did up to the cursor, and whenever it led to a step.
    const seen = 1 + events.findLastIndex((event, at) => isStep(event) || forces[at]! <= desk.cursor);
    const venue = this.#options.venues.get(desk.route.venue);
    const tracking = await retrack(events, seen, desk, venue, this.#options.signal);
    // What the provider said while nobody looked is in force from its own moment on, and not before.
    const known = 1 + events.findLastIndex((event, at) => at === 0 || isStep(event) || forces[at]! <= desk.cursor);
    const asOf = known === events.length ? null : { state: folded(events.slice(0, known)), later: events.slice(known) };
    const from = Math.max(...forces.slice(0, known));
    await desk.open({ id, state, tracking, from, judged: judgedTick(events[known - 1]!), asOf });
  }

  #gone(id: string): void {
    const desk = this.#deskOf.get(id);
    if (desk === undefined) return;
    this.#deskOf.delete(id);
    this.#watch(desk.route, -1);
  }

  #watch({ venue, symbol }: Route, change: 1 | -1): void {
    const symbols = this.#watched.get(venue) ?? new Map<string, number>();
    this.#watched.set(venue, symbols);
    const count = (symbols.get(symbol) ?? 0) + change;
    if (count > 0) symbols.set(symbol, count);
    else symbols.delete(symbol);
    if (count < 2) this.#symbols.delete(venue);
  }

  #symbolsOf({ name }: Venue): ReadonlySet<string> {
    let symbols = this.#symbols.get(name);
    if (symbols === undefined) {
      symbols = new Set(this.#watched.get(name)?.keys() ?? []);
      this.#symbols.set(name, symbols);
    }
    return symbols;
  }

  #desk(route: Route): Desk {
    const name = deskOf(route);
    let desk = this.#desks.get(name);
    if (desk !== undefined) return desk;
    const { handle, signal, tell } = this.#options;
    desk = new Desk({
      route,
      states: this.#states,
      handle,
      signal,
      onTrouble: (what, reason) => this.#trouble(what, reason),
      onSteps: (count, at) => tell({ news: 'steps', count, ms: Date.now() - at }),
      onClosed: (closing, state) => void this.#carryOut(closing, state),
      onGone: (id) => this.#gone(id),
    });
    this.#desks.set(name, desk);
    const opened = desk;
    void this.#askKnown(opened);
    void desk.run(async () => {
      const kept = await this.#options.coordination.kept(cursorName(name));
      if (kept !== null) opened.cursor = Number(kept);
    });
    return desk;
  }

  /** Tells where the venue knows no such instrument: its signals then stay as they are. */
  async #askKnown({ name, route }: Desk): Promise<void> {
    try {
      const found = await this.#options.venues.get(route.venue)?.resolve(route.symbol);
      if (found === null) this.#options.tell({ news: 'unknown', desk: name });
    } catch (error) {
      this.#trouble(name, messageOf(error));
    }
  }

  /** Resolves after the first try. Where that fails, more follow in the desk's turn, and its prices wait behind them. */
  #caughtUp(desk: Desk): Promise<void> {
    const behind = { leftOut: false };
    this.#behind.set(desk, behind);
    return new Promise((resolve) => {
      const whole = desk.run(async () => {
        await this.#surely(desk.name, () => this.#past(desk, true).finally(resolve));
        this.#behind.delete(desk);
        // After those that wait.
        if (behind.leftOut) void this.#caughtUp(desk);
      });
      void whole.then(resolve);
    });
  }

  /** Prices since the cursor that was kept, or since the first signal came, as far as the venue has them. */
  async #past(desk: Desk, late: boolean): Promise<void> {
    const { venues, signal, tell } = this.#options;
    const venue = venues.get(desk.route.venue);
    const from = Math.max(desk.cursor, desk.since);
    if (venue?.history === undefined || from === Infinity) return;
    let prices = 0;
    for await (const { price, side } of venue.history(desk.route.symbol, from, Date.now(), signal)) {
      if ((side ?? null) !== desk.route.side) continue;
      await desk.price(price, Date.now(), late);
      prices += 1;
    }
    if (late && prices > 0) tell({ news: 'missed', what: desk.name, prices });
  }

  /** Until venue and store can be asked, or the role ends: what is away delays, and nothing is skipped. */
  async #surely(what: string, task: () => Promise<void>): Promise<void> {
    const { signal } = this.#options;
    for (let wait = RETRY_MS; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      try {
        return await task();
      } catch (error) {
        const isAway = error instanceof VenueUnavailable || error instanceof StoreUnavailable;
        if (signal.aborted || !isAway) throw error;
        this.#trouble(what, error.message);
        await sleep(wait, undefined, { signal });
      }
    }
  }

  /** The prices of a venue, each to its desk. */
  async #stream(venue: Venue): Promise<void> {
    const { signal, tell } = this.#options;
    const symbols = (): ReadonlySet<string> => this.#symbolsOf(venue);
    const onTrouble = ({ symbol, reason }: { symbol: string | null; reason: string }): void =>
      this.#trouble(symbol === null ? venue.name : `${venue.name} ${symbol}`, reason);
    for await (const quoted of venue.stream(symbols, { signal, onTrouble })) {
      const desk = this.#desks.get(deskOf({ venue: venue.name, symbol: quoted.symbol, side: quoted.side ?? null }));
      if (desk === undefined) continue;
      const behind = desk.waiting >= MOST_WAITING ? this.#behind.get(desk) : undefined;
      if (behind !== undefined) {
        // Held back, it would hold back the prices of all others.
        behind.leftOut = true;
        continue;
      }
      const done = desk.run(() => desk.price(quoted.price, quoted.receivedAt));
      tell({ news: 'price', desk: desk.name, price: lastOf(quoted), at: quoted.price.time });
      if (desk.waiting > MOST_WAITING) await done;
    }
  }

  /** A closing signal: the one that it names is closed at its next price, or as reported where no venue knows it. */
  async #close(openId: string, closingId: string, closing: ExistingSignal, at: number): Promise<void> {
    const state = await this.#states.get(openId).catch(() => null);
    if (state === null || isOver(state.status)) return;
    const route = this.#routeOf(state);
    if (route !== null) {
      const desk = this.#desk(route);
      void desk.run(async () => {
        const current = await this.#states.read(openId);
        if (isOver(current.status)) return;
        if (current.position === null) return this.#withdraw(openId, current, at);
        if (!desk.has(openId)) await this.#begin(desk, openId, current, []);
        if (desk.has(openId)) await desk.close(openId, closingId, at);
      });
      return;
    }
    const price = closing.entry?.max ?? closing.entry?.min ?? null;
    if (price === null) return;
    const evidence = {
      decidedBy: 'reported' as const,
      ...sourceOf('provider', closingId, { kind: 'tick', time: at, price }),
    };
    const command: MarketCommand = {
      type: 'ReportClose',
      signalId: openId,
      channelId: state.channelId,
      now: instant(Date.now()),
      price,
      closedBySignalId: closingId,
      at: instant(at),
      evidence,
    };
    const outcome = await this.#options.handle(command, metadataOf(openId, state.version, Date.now()));
    if (!outcome.done || outcome.state.status === 'none') return;
    this.#states.set(openId, outcome.state);
    await this.#carryOut(closingId, outcome.state);
  }

  /** What was not entered is not closed but called off: nobody shall be entered later into what its provider gave up. */
  async #withdraw(id: string, state: ExistingSignal, at: number): Promise<void> {
    const { channelId, dialect, version } = state;
    const command = { type: 'CancelSignal', signalId: id, channelId, dialect, now: instant(at) } as const;
    const outcome = await this.#options.handle(command, metadataOf(id, version, at));
    if (outcome.done && outcome.state.status !== 'none') this.#states.set(id, outcome.state);
  }

  /** The closing signal is matched at what the other one was closed at. */
  async #carryOut(closingId: string, closed: ExistingSignal): Promise<void> {
    const { settled } = closed;
    if (settled === null || settled.price === null) return;
    const command: MarketCommand = {
      type: 'CarryOutClose',
      signalId: closingId,
      channelId: closed.channelId,
      now: instant(Date.now()),
      price: settled.price,
      at: settled.at,
      evidence: settled.evidence,
    };
    try {
      const outcome = await this.#options.handle(command, metadataOf(closingId, 1, Date.now()));
      if (outcome.done && outcome.state.status !== 'none') this.#states.set(closingId, outcome.state);
    } catch (error) {
      // The next start finds the closing signal as it is, and what it closes closed.
      this.#trouble(closingId, messageOf(error));
    }
  }

  async #keepCursors(): Promise<void> {
    const { coordination, signal } = this.#options;
    while (!signal.aborted) {
      await sleep(KEEP_MS, undefined, { signal }).catch(() => undefined);
      for (const desk of this.#desks.values()) {
        if (desk.cursor === -Infinity || this.#kept.get(desk.name) === desk.cursor) continue;
        const { cursor } = desk;
        try {
          await coordination.keep(cursorName(desk.name), String(cursor));
          this.#kept.set(desk.name, cursor);
        } catch (error) {
          this.#trouble(desk.name, messageOf(error));
        }
      }
    }
  }

  #trouble(what: string, reason: string): void {
    this.#options.tell({ news: 'trouble', what, reason });
  }
}

/** The tick that a step rests on; null for any other event, and for steps on candles, which never share a time. */
function judgedTick({ data }: RecordedEvent): JudgedTick | null {
  const { at, evidence } = data as { readonly at?: string; readonly evidence?: Evidence };
  if (at === undefined || evidence?.decidedBy !== 'tick') return null;
  return { time: Date.parse(at), hash: evidence.hash };
}

function isStep({ data }: RecordedEvent): boolean {
  return (data as { readonly at?: unknown }).at !== undefined;
}

function folded(events: readonly RecordedEvent[]): ExistingSignal {
  let state: SignalState = signalDecider.initial;
  for (const event of events) state = evolved(state, event);
  return state as ExistingSignal;
}

function cursorName(desk: string): string {
  return `market cursor ${desk}`;
}

function lastOf({ price }: Quoted): string {
  return price.kind === 'tick' ? price.price : price.close;
}
