/**
 * What prices do to accounts: they fill the limit orders that rest on paper, start each account's UTC day and trip its
 * breaker. It runs beside the market, in the one process that leads.
 *
 * All that it knows is found again at every start: the views tell who holds what and which orders are open, the log what
 * came since. It decides nothing: each fill and each judgement is a command that the account decides by itself.
 */
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import type { AccountEvent, Mark } from '#libs/account';
import { type Price, type Quoted, type Venue, VenueUnavailable } from '#libs/market';
import { type Coordination, type EventStore, messageOf, type RecordedEvent, type ViewStore } from '#libs/sourcing';
import { ACCOUNT_STREAM_PREFIX, type AccountDocument, accountsView, type OrderDocument, ordersView } from '#libs/views';
import type { PriceFeed } from '../../market/feed.ts';
import { refusalOf } from '../../market/judging.ts';
import { surely } from '../../market/surely.ts';
import { together } from '../../market/together.ts';
import { handledAccount } from '../handled-account.ts';
import { AccountReader } from '../reader.ts';
import { DailyLoss } from './daily-loss.ts';
import type { LiveOrders } from './live-orders.ts';
import { cursorName, tellMissed } from './missed-prices.ts';
import { PaperOrders } from './paper-orders.ts';
import type { RestingOrder } from './resting-book.ts';
import type { Telling } from './told-account.ts';

/** Documents read from a view in one go. */
const PAGE = 500;

/** How often cursors are kept and days are started. */
const EVERY_MS = 1_000;

/** Accounts that are looked up side by side at the start. */
const SIDE_BY_SIDE = 64;

/** A store that is away is asked again at least so often. */
const LONGEST_RETRY_MS = 5_000;

/** A price at a moment is looked for so far back. */
const PAST_MS = 600_000;

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

/** The venue of simulated prices. */
const SIMULATED = 'simulated';

export class AccountsEngine {
  readonly #options: AccountsEngineOptions;
  readonly #orders: PaperOrders;
  readonly #days: DailyLoss;
  readonly #reader: AccountReader;
  /** By instrument: the time of the last price whose fills are all durable, and the one that is kept. */
  readonly #cursors = new Map<string, { at: number; kept: number }>();
  /** By symbol: the pair that values it at the source; null where it lists none, undefined where it can't be asked. */
  readonly #pairs = new Map<string, Promise<string | null | undefined>>();
  readonly #known = new Map<string, string>();
  /** Symbols that the source could not be asked about. */
  readonly #unanswered = new Set<string>();
  readonly #wanted = new Map<string, ReadonlySet<string>>();
  /** Those that orders rest by, or that value holdings. */
  readonly #venues: readonly Venue[];
  /** Accounts to be looked up once the log is read; null afterwards. One lookup is enough for all that happened by then. */
  #strangers: Set<string> | null = new Set();

  constructor(options: AccountsEngineOptions) {
    this.#options = options;
    this.#venues = [...options.venues.values()].filter(({ name }) => name === SIMULATED || name === options.source);
    this.#orders = new PaperOrders(options);
    this.#days = new DailyLoss({ ...options, priceAt: (symbol, moment) => this.#priceAt(symbol, moment) });
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
    for await (const document of this.#all<OrderDocument>(ordersView.name, 'open')) {
      const { broker, orderId, accountId, side, price, updatedAt } = document;
      if (broker !== 'paper') unsettled.push(document);
      else if (price !== null)
        await this.#rests(document, { orderId, accountId, side, limit: price, from: Date.parse(updatedAt) });
    }
    for await (const document of this.#all<AccountDocument>(accountsView.name, 'active')) this.#days.know(document);
    return { from: accounts.checkpoint < orders.checkpoint ? accounts.checkpoint : orders.checkpoint, unsettled };
  }

  /** Documents that have a field, in its order. A store that answers at once must not keep the lease from being renewed. */
  async *#all<Doc extends { readonly created: string }>(view: string, field: string): AsyncGenerator<Doc> {
    for (let after = -1n; ;) {
      const page = await this.#options.views.find(view, {
        where: [{ field, is: 'gt', value: after }],
        orderBy: { field, direction: 'asc' },
        limit: PAGE,
      });
      const documents = page.map(({ json }) => JSON.parse(json) as Doc);
      yield* documents;
      await breathe();
      if (page.length < PAGE) return;
      after = BigInt(documents.at(-1)!.created);
    }
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
          const pair = this.#pairOf(symbol);
          if (pair !== null) pairs.add(pair);
        }
      this.#wanted.set(venue, pairs);
    }
  }

  /** The pair that values a holding, once the source has told it. */
  #pairOf(symbol: string): string | null {
    if (!this.#pairs.has(symbol)) void this.#resolved(symbol).then(() => this.#want());
    return this.#known.get(symbol) ?? null;
  }

  #resolved(symbol: string): Promise<string | null | undefined> {
    let asked = this.#pairs.get(symbol);
    if (asked === undefined) {
      asked = this.#resolve(symbol);
      this.#pairs.set(symbol, asked);
    }
    return asked;
  }

  async #resolve(symbol: string): Promise<string | null | undefined> {
    const { onTrouble, source, venues } = this.#options;
    const venue = source === null ? undefined : venues.get(source);
    try {
      for (const quote of ['USDT', 'USD']) {
        const found = (await venue?.resolve(`${symbol}/${quote}`)) ?? null;
        if (found !== null) {
          this.#known.set(symbol, found.symbol);
          return found.symbol;
        }
      }
    } catch (error) {
      onTrouble(symbol, messageOf(error));
      if (error instanceof VenueUnavailable) {
        this.#unanswered.add(symbol);
        return undefined;
      }
    }
    return null;
  }

  #askAgain(): void {
    if (this.#unanswered.size === 0) return;
    for (const symbol of this.#unanswered) this.#pairs.delete(symbol);
    this.#unanswered.clear();
    this.#want();
  }

  /** The prices of a venue: those that were missed, then those that come. Another venue need not wait for it. */
  async #prices(venue: Venue, signal: AbortSignal): Promise<void> {
    const { coordination, feed, onTrouble } = this.#options;
    const onPrice = async (instrument: string, price: Price): Promise<void> => {
      await this.#orders.price(instrument, price);
      if (this.#orders.isWatched(instrument)) this.#reached(instrument, price.time);
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
    if (this.#orders.isWatched(instrument)) this.#reached(instrument, price.time);
  }

  #reached(instrument: string, at: number): void {
    const cursor = this.#cursors.get(instrument);
    if (cursor === undefined) this.#cursors.set(instrument, { at, kept: -Infinity });
    else cursor.at = Math.max(cursor.at, at);
  }

  /**
   * The last price of a holding before a moment; null where the venue has none.
   * @throws VenueUnavailable where it can't be asked.
   */
  async #priceAt(symbol: string, moment: number): Promise<Mark | null> {
    const { signal, source, venues } = this.#options;
    const venue = source === null ? undefined : venues.get(source);
    const pair = await this.#resolved(symbol);
    if (pair === undefined) throw new VenueUnavailable(`${source} can't be asked for the pair of ${symbol}`);
    if (venue?.history === undefined || pair === null) return null;
    let last: Price | null = null;
    for await (const { price } of venue.history(pair, moment - PAST_MS, moment, signal)) last = price;
    return last === null ? null : markOf(last, venue.name);
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { coordination, onTrouble } = this.#options;
    while (!signal.aborted) {
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      this.#days.turn();
      this.#askAgain();
      try {
        for (const [instrument, cursor] of this.#cursors) {
          if (cursor.kept === cursor.at) continue;
          const { at } = cursor;
          await coordination.keep(cursorName(instrument), String(at));
          cursor.kept = at;
        }
        for (const instrument of this.#orders.forgetIdle()) {
          this.#cursors.delete(instrument);
          await coordination.forget(cursorName(instrument));
        }
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

function markOf(price: Price, source: string): Mark {
  const [text, at] = price.kind === 'tick' ? [price.price, price.time] : [price.close, price.time + price.interval];
  return { price: text, at: new Date(at).toISOString(), source };
}

/** What prediction markets may tell, coins are never worth: one price of 0 would take each account to its limit. */
function isAboveNothing(price: Price): boolean {
  return Number(price.kind === 'tick' ? price.price : price.low) > 0;
}
