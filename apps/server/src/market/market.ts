/**
 * The market role: watches exactly the instruments with open signals, and lets their prices move them.
 *
 * What it knows is found again from the log at every start: the view tells which signals are open, the log what came
 * since. Prices that were missed while nobody looked are fetched from the venue, where it keeps them, from the cursor
 * of their desk on; a cursor is kept only after all steps before it are durable.
 */
import type { Quoted, Venue } from '#libs/market';
import type { SignalCommand, SignalState } from '#libs/signal';
import type { Coordination, EventStore, Handle, ViewStore } from '#libs/sourcing';
import { Arrivals } from './arrivals.ts';
import { Closes } from './closes.ts';
import type { Desk } from './desk.ts';
import { Desks } from './desks.ts';
import type { PriceFeed } from './feed.ts';
import { Intake } from './intake.ts';
import type { MarketNews } from './news.ts';
import { PastPrices } from './past-prices.ts';
import { closeOf } from './recent-prices.ts';
import { followResolutions } from './resolutions.ts';
import { type Routed, routeOf, type RouteSettings } from './routes.ts';
import { States } from './states.ts';
import { Watched } from './watched.ts';

/** A desk with more tasks than this holds back the prices of its venue. */
const MOST_WAITING = 500;

const REMEMBERED_STATES = 50_000;

/** A desk is left so long after its last signal has gone. */
const IDLE_MS = 10 * 60_000;

export interface MarketOptions {
  readonly events: EventStore;
  readonly views: ViewStore;
  readonly coordination: Coordination;
  readonly handle: Handle<SignalState, SignalCommand>;
  readonly venues: ReadonlyMap<string, Venue>;
  /** Of these venues; it runs beside the role. */
  readonly feed: PriceFeed;
  readonly routes: RouteSettings;
  readonly signal: AbortSignal;
  readonly tell: (news: MarketNews) => void;
  readonly idleMs?: number;
}

export class Market {
  readonly #options: MarketOptions;
  readonly #states: States;
  readonly #watched = new Watched();
  readonly #desks: Desks;
  readonly #past: PastPrices;
  readonly #intake: Intake;
  /** Ends all of the role's work where a part of it has failed. */
  readonly #failed = new AbortController();

  constructor(options: MarketOptions) {
    const { tell, routes, idleMs = IDLE_MS } = options;
    const signal = AbortSignal.any([options.signal, this.#failed.signal]);
    this.#options = { ...options, signal };
    this.#states = new States(options.events, REMEMBERED_STATES);
    const onTrouble = (what: string, reason: string): void => tell({ news: 'trouble', what, reason });
    const shared = { ...this.#options, states: this.#states, watched: this.#watched, onTrouble };
    this.#past = new PastPrices({ ...shared, onMissed: (what, prices) => tell({ news: 'missed', what, prices }) });
    this.#desks = new Desks({
      ...shared,
      idleMs,
      onSteps: (count, at) => tell({ news: 'steps', count, ms: Date.now() - at }),
      onClosed: (closing, state) => void closes.carryOut(closing, state),
      onGone: (id) => this.#watched.remove(id),
      onUnknown: (desk) => tell({ news: 'unknown', desk }),
      onDropped: (desk) => tell({ news: 'dropped', desk }),
    });
    const arrivals = new Arrivals(shared);
    const takers = {
      ...shared,
      desks: this.#desks,
      arrivals,
      routeOf: ({ instrument, direction, sandbox }: Routed) => routeOf(instrument, direction, sandbox, routes),
    };
    const closes = new Closes(takers);
    this.#intake = new Intake({ ...takers, closes, past: this.#past });
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { venues, tell } = this.#options;
    const started = performance.now();
    const from = await this.#intake.start();
    tell({
      news: 'watching',
      signals: this.#watched.size,
      instruments: this.#desks.size,
      seconds: (performance.now() - started) / 1_000,
    });
    const parts = [
      this.#intake.follow(from),
      ...[...venues.values()].map((venue) => this.#serve(venue)),
      this.#desks.tend(),
    ];
    try {
      await Promise.all(parts);
    } finally {
      this.#failed.abort();
      await Promise.allSettled([...parts, ...[...this.#desks].map((desk) => desk.run(async () => undefined))]);
    }
  }

  /** Past prices of a venue first, then those that come. */
  async #serve(venue: Venue): Promise<void> {
    const { coordination, feed, handle, signal, tell } = this.#options;
    await Promise.all(this.#desksAt(venue).map((desk) => this.#past.catchUp(desk)));
    const symbols = (): ReadonlySet<string> => this.#watched.symbolsOf(venue.name);
    // Where others have followed the venue meanwhile, its stream does not go on from where the past ended.
    const again = feed.isStreaming(venue.name) ? this.#desksAt(venue) : [];
    feed.follow(venue.name, { symbols, onPrice: (quoted) => this.#price(venue, quoted) });
    for (const desk of again) void this.#past.catchUp(desk);
    if (venue.settlement === undefined) return;
    await followResolutions({
      venue,
      coordination,
      states: this.#states,
      handle,
      desks: this.#desks,
      symbols,
      signal,
      onTrouble: (what, reason) => this.#trouble(what, reason),
      onWaiting: (what, reason) => tell({ news: 'waiting', what, reason }),
    });
  }

  #desksAt({ name }: Venue): readonly Desk[] {
    return [...this.#desks].filter(({ route }) => route.venue === name);
  }

  /** A price, to its desk. Resolves when the desk can take another one. */
  async #price(venue: Venue, { symbol, side, price, receivedAt }: Quoted): Promise<void> {
    const desk = this.#desks.get({ venue: venue.name, symbol, side: side ?? null });
    if (desk === undefined) return;
    // Held back, it would hold back the prices of all others.
    if (desk.waiting >= MOST_WAITING && this.#past.leaveOut(desk)) return;
    const done = desk.run(() => desk.price(price, receivedAt));
    this.#options.tell({ news: 'price', desk: desk.name, price: closeOf(price), at: price.time });
    if (desk.waiting > MOST_WAITING) await done;
  }

  #trouble(what: string, reason: string): void {
    this.#options.tell({ news: 'trouble', what, reason });
  }
}
