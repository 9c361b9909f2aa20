/**
 * What prices do to accounts: they fill the limit orders that rest on paper, start each account's UTC day and trip its
 * breaker. It runs beside the market, in the one process that leads.
 *
 * All that it knows is found again at every start: the views tell who holds what and which orders are open, the log what
 * came since. It decides nothing: each fill and each judgement is a command that the account decides by itself.
 */
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { type AccountEvent, SIMULATED } from '#libs/account';
import type { Price, Quoted, Venue } from '#libs/market';
import { type Coordination, type EventStore, messageOf, type RecordedEvent, type ViewStore } from '#libs/sourcing';
import { ACCOUNT_STREAM_PREFIX, type AccountDocument, accountsView, type OrderDocument, ordersView } from '#libs/views';
import type { PriceFeed } from '../../market/feed.ts';
import { refusalOf } from '../../market/judging.ts';
import { surely } from '../../market/surely.ts';
import { together } from '../../market/together.ts';
import { handledAccount } from '../handled-account.ts';
import { AccountReader } from '../reader.ts';
import { allDocuments } from './all-documents.ts';
import { DailyLoss } from './daily-loss.ts';
import { HoldingPairs, markOf } from './holding-pairs.ts';
import type { LiveOrders } from './live-orders.ts';
import { tellMissed } from './missed-prices.ts';
import { PaperOrders } from './paper-orders.ts';
import { PriceCursors } from './price-cursors.ts';
import type { RestingOrder } from './resting-book.ts';
import type { Telling } from './told-account.ts';

/** How often cursors are kept and days are started. */
const EVERY_MS = 1_000;

/** Accounts that are looked up side by side at the start. */
const SIDE_BY_SIDE = 64;

/** A store that is away is asked again at least so often. */
const LONGEST_RETRY_MS = 5_000;

export interface AccountsEngineOptions extends Telling {
  readonly events: EventStore;
  readonly views: ViewStore;
  readonly coordination: Coordination;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly feed: PriceFeed;
  /** The venue that values holdings: `simulated`, `ccxt:binance`; null where there is none. */
  readonly source: string | null;
  /** Who carries out orders at a venue; null where nobody does. */
  readonly live: LiveOrders | null;
}

export class AccountsEngine {
  readonly #options: AccountsEngineOptions;
  readonly #orders: PaperOrders;
  readonly #days: DailyLoss;
  readonly #reader: AccountReader;
  readonly #cursors: PriceCursors;
  readonly #pairs: HoldingPairs;
  readonly #wanted = new Map<string, ReadonlySet<string>>();
  /** Those that orders rest by, or that value holdings. */
  readonly #venues: readonly Venue[];
  /** Accounts to be looked up once the log is read; null afterwards. One lookup is enough for all that happened by then. */
  #strangers: Set<string> | null = new Set();

  constructor(options: AccountsEngineOptions) {
    this.#options = options;
    this.#venues = [...options.venues.values()].filter(({ name }) => name === SIMULATED || name === options.source);
    this.#orders = new PaperOrders(options);
    this.#cursors = new PriceCursors(options.coordination);
    this.#pairs = new HoldingPairs({ ...options, onLearned: () => this.#want() });
    this.#days = new DailyLoss({ ...options, priceAt: (symbol, moment) => this.#pairs.priceAt(symbol, moment) });
    this.#reader = new AccountReader(options.events, options.views);
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { events, live, signal } = this.#options;
    const { from, unsettled } = await this.#load();
    let after = from;
    for (const head = await events.head(); after < head;) {
      const page = await events.readAll(after, 1_000, ACCOUNT_STREAM_PREFIX);
      await this.#heard(page.events);
      after = page.checkpoint;
      await breathe();
    }
    await this.#meetStrangers();
    this.#want();
    await together(signal, (running) => [
      this.#follow(after, running),
      this.#keep(running),
      ...this.#venues.map((venue) => this.#prices(venue, running)),
      ...(live === null ? [] : [live.run(unsettled, running)]),
    ]);
  }

  /** Takes up what the views have. Answers the position that the log is followed from, and orders left at a venue. */
  async #load(): Promise<{ readonly from: bigint; readonly unsettled: readonly OrderDocument[] }> {
    const { views } = this.#options;
    const [accounts, orders] = await Promise.all([views.live(accountsView.name), views.live(ordersView.name)]);
    // Before the first build there are no views: then the log tells all.
    if (accounts === null || orders === null) return { from: 0n, unsettled: [] };
    const unsettled: OrderDocument[] = [];
    for await (const document of allDocuments<OrderDocument>(views, ordersView.name, 'open')) {
      const { broker, orderId, accountId, side, price, updatedAt } = document;
      if (broker !== 'paper') unsettled.push(document);
      else if (price !== null)
        await this.#rests(document, { orderId, accountId, side, limit: price, from: Date.parse(updatedAt) });
    }
    for await (const document of allDocuments<AccountDocument>(views, accountsView.name, 'active'))
      this.#days.know(document);
    return { from: accounts.checkpoint < orders.checkpoint ? accounts.checkpoint : orders.checkpoint, unsettled };
  }

  async #follow(after: bigint, signal: AbortSignal): Promise<void> {
    for await (const { events } of this.#options.events.subscribe(after, { prefix: ACCOUNT_STREAM_PREFIX, signal }))
      if (events.length > 0) await this.#heard(events);
  }

  async #heard(events: readonly RecordedEvent[]): Promise<void> {
    const byStream = Map.groupBy(events, ({ stream }) => stream);
    await Promise.all(
      [...byStream].map(async ([stream, own]) => {
        const accountId = stream.slice(ACCOUNT_STREAM_PREFIX.length);
        try {
          for (const recorded of own) await this.#changed(accountId, recorded);
          this.#options.live?.heard(accountId, own);
        } catch (error) {
          this.#options.onTrouble(stream, messageOf(error));
        }
      }),
    );
    this.#want();
  }

  async #changed(accountId: string, recorded: RecordedEvent): Promise<void> {
    const event = handledAccount.upcast(recorded);
    await this.#orderChanged(accountId, event, Date.parse(recorded.time));
    if (this.#days.heard(accountId, event, recorded.revision)) return;
    if (this.#strangers === null) await this.#meet(accountId);
    else this.#strangers.add(accountId);
  }

  /** Looks an account up. A store that is away is waited for: what comes after this must not be lost. */
  async #meet(accountId: string): Promise<void> {
    const { onTrouble, signal } = this.#options;
    const document = await surely(() => this.#reader.get(accountId), {
      signal,
      onTrouble: (reason) => onTrouble(accountId, reason),
      longestWaitMs: LONGEST_RETRY_MS,
    });
    if (document !== null) this.#days.know(document);
  }

  async #meetStrangers(): Promise<void> {
    const { onTrouble, signal } = this.#options;
    const strangers = [...(this.#strangers ?? [])];
    this.#strangers = null;
    for (let at = 0; at < strangers.length && !signal.aborted; at += SIDE_BY_SIDE) {
      const met = strangers.slice(at, at + SIDE_BY_SIDE).map((accountId) =>
        // One that can't be folded holds up no other.
        this.#meet(accountId).catch((error: unknown) => onTrouble(accountId, messageOf(error))),
      );
      await Promise.all(met);
    }
  }

  async #orderChanged(accountId: string, event: AccountEvent, at: number): Promise<void> {
    switch (event.type) {
      case 'OrderPlaced': {
        const { orderId, broker, price, side } = event.data;
        if (broker !== 'paper' || price === null) return;
        return this.#rests(event.data, { orderId, accountId, side, limit: price, from: at });
      }
      case 'OrderModified': {
        const { orderId, price } = event.data;
        const order = this.#orders.get(orderId);
        if (order !== null && price !== null) await this.#orders.change({ ...order, limit: price, from: at });
        return;
      }
      case 'OrderFilled':
        if (event.data.completes) this.#orders.delete(event.data.orderId);
        return;
      case 'OrderCancelled':
      case 'OrderRejected':
        return this.#orders.delete(event.data.orderId);
      default:
    }
  }

  /**
   * Takes in an order that rests. Simulated prices never fill what was placed on real ones, nor the other way round:
   * without a venue of its kind an order waits until there is one again.
   */
  async #rests({ pair, simulated }: Pick<OrderDocument, 'pair' | 'simulated'>, order: RestingOrder): Promise<void> {
    const { source } = this.#options;
    if (simulated) await this.#orders.set(`${SIMULATED} ${pair}`, order);
    else if (source !== null && source !== SIMULATED) await this.#orders.set(`${source} ${pair}`, order);
  }

  /** Notes which instruments are followed at each venue. */
  #want(): void {
    const { source } = this.#options;
    for (const { name: venue } of this.#venues) {
      const pairs = new Set<string>();
      for (const instrument of this.#orders.instruments())
        if (instrument.startsWith(`${venue} `)) pairs.add(instrument.slice(venue.length + 1));
      if (venue === source)
        for (const symbol of this.#days.exposures.symbols()) {
          const pair = this.#pairs.get(symbol);
          if (pair !== null) pairs.add(pair);
        }
      this.#wanted.set(venue, pairs);
    }
  }

  /** The prices of a venue: those that were missed, then those that come. Another venue need not wait for it. */
  async #prices(venue: Venue, signal: AbortSignal): Promise<void> {
    const { coordination, feed, onTrouble } = this.#options;
    const onPrice = async (instrument: string, price: Price): Promise<void> => {
      await this.#orders.price(instrument, price);
      if (this.#orders.isWatched(instrument)) this.#cursors.reached(instrument, price.time);
    };
    await tellMissed(venue, { coordination, orders: this.#orders, signal, onTrouble, onPrice });
    if (signal.aborted) return;
    feed.follow(venue.name, {
      symbols: () => this.#wanted.get(venue.name) ?? NONE,
      onPrice: (quoted) => this.#priced(venue.name, quoted),
    });
  }

  async #priced(venue: string, { symbol: pair, price, receivedAt }: Quoted): Promise<void> {
    const refused = refusalOf(price, receivedAt) ?? (isAboveNothing(price) ? null : 'price: it is not above 0');
    if (refused !== null) return this.#options.onTrouble(`${venue} ${pair}`, refused);
    const instrument = `${venue} ${pair}`;
    // The day's loss comes first: what a price trips cancels the buys that the same price would fill.
    if (venue === this.#options.source) await this.#days.price(symbolOf(pair), markOf(price, venue));
    await this.#orders.price(instrument, price);
    if (this.#orders.isWatched(instrument)) this.#cursors.reached(instrument, price.time);
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { onTrouble } = this.#options;
    while (!signal.aborted) {
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      this.#days.turn();
      this.#pairs.askAgain();
      try {
        await this.#cursors.keep();
        for (const instrument of this.#orders.forgetIdle()) await this.#cursors.forget(instrument);
      } catch (error) {
        onTrouble('accounts', messageOf(error));
      }
    }
    await this.#days.idle();
  }
}

const NONE: ReadonlySet<string> = new Set();

/** `BTC` of `BTC/USDT`. */
function symbolOf(pair: string): string {
  return pair.slice(0, Math.max(0, pair.indexOf('/')));
}

/** What prediction markets may tell, coins are never worth: one price of 0 would take each account to its limit. */
function isAboveNothing(price: Price): boolean {
  return Number(price.kind === 'tick' ? price.price : price.low) > 0;
}
