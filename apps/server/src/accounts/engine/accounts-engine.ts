/**
 * What prices do to accounts: they fill the limit orders that rest on paper, start each account's UTC day and trip its
 * breaker. It runs beside the market, in the one process that leads.
 *
 * All that it knows is found again at every start: the views tell who holds what and which orders are open, the log what
 * came since. It decides nothing: each fill and each judgement is a command that the account decides by itself.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountEvent, Mark } from '#libs/account';
import { type Price, type Quoted, type Venue, VenueUnavailable } from '#libs/market';
import { type Coordination, type EventStore, messageOf, type RecordedEvent, type ViewStore } from '#libs/sourcing';
import { ACCOUNT_STREAM_PREFIX, type AccountDocument, accountsView, type OrderDocument, ordersView } from '#libs/views';
import type { PriceFeed } from '../../market/feed.ts';
import { refusalOf } from '../../market/judging.ts';
import { together } from '../../market/together.ts';
import { handledAccount } from '../handled-account.ts';
import { AccountReader } from '../reader.ts';
import { DailyLoss } from './daily-loss.ts';
import type { LiveOrders } from './live-orders.ts';
import { PaperOrders } from './paper-orders.ts';
import type { Telling } from './told-account.ts';

/** Documents read from a view in one go. */
const PAGE = 500;

/** How often cursors are kept and days are started. */
const EVERY_MS = 1_000;

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
  /** By symbol: the pair that values it at the source; null where it lists none. */
  readonly #pairs = new Map<string, Promise<string | null>>();
  readonly #known = new Map<string, string>();
  /** Symbols that the source could not be asked about. */
  readonly #unanswered = new Set<string>();
  readonly #wanted = new Map<string, ReadonlySet<string>>();
  /** Those that orders rest by, or that value holdings. */
  readonly #venues: readonly Venue[];

  constructor(options: AccountsEngineOptions) {
    this.#options = options;
    this.#venues = [...options.venues.values()].filter(({ name }) => name === SIMULATED || name === options.source);
    this.#orders = new PaperOrders(options);
    this.#days = new DailyLoss({ ...options, priceAt: (symbol, moment) => this.#priceAt(symbol, moment) });
    this.#reader = new AccountReader(options.events, options.views);
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { events, feed, live, signal } = this.#options;
    const { from, unsettled } = await this.#load();
    let after = from;
    for (const head = await events.head(); after < head;) {
      const page = await events.readAll(after, 1_000, ACCOUNT_STREAM_PREFIX);
      await this.#heard(page.events);
      after = page.checkpoint;
    }
    for (const venue of this.#venues) await this.#past(venue);
    this.#want();
    for (const venue of this.#venues)
      feed.follow(venue.name, {
        symbols: () => this.#wanted.get(venue.name) ?? NONE,
        onPrice: (quoted) => this.#priced(venue.name, quoted),
      });
    await together(signal, (running) => [
      this.#follow(after, running),
      this.#keep(running),
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
      if (document.broker !== 'paper') unsettled.push(document);
      else if (document.price !== null)
        await this.#orders.set(this.#instrumentOf(document), {
          orderId: document.orderId,
          accountId: document.accountId,
          side: document.side,
          limit: document.price,
          from: Date.parse(document.updatedAt),
        });
    }
    for await (const document of this.#all<AccountDocument>(accountsView.name, 'active')) this.#days.know(document);
    return { from: accounts.checkpoint < orders.checkpoint ? accounts.checkpoint : orders.checkpoint, unsettled };
  }

  /** Documents that have a field, in its order. */
  async *#all<Doc extends { readonly created: string }>(view: string, field: string): AsyncGenerator<Doc> {
    for (let after = -1n; ;) {
      const page = await this.#options.views.find(view, {
        where: [{ field, is: 'gt', value: after }],
        orderBy: { field, direction: 'asc' },
        limit: PAGE,
      });
      const documents = page.map(({ json }) => JSON.parse(json) as Doc);
      yield* documents;
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
    const document = await this.#reader.get(accountId);
    if (document !== null) this.#days.know(document);
  }

  async #orderChanged(accountId: string, event: AccountEvent, at: number): Promise<void> {
    switch (event.type) {
      case 'OrderPlaced': {
        const { orderId, broker, price, side } = event.data;
        if (broker !== 'paper' || price === null) return;
        return this.#orders.set(this.#instrumentOf(event.data), { orderId, accountId, side, limit: price, from: at });
      }
      case 'OrderModified': {
        const order = this.#orders.get(event.data.orderId);
        if (order !== null) await this.#orders.change({ ...order, limit: event.data.price, from: at });
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

  /** Where an order rests: simulated prices never fill what was placed on real ones, nor the other way round. */
  #instrumentOf({ pair, simulated }: { readonly pair: string; readonly simulated: boolean }): string {
    const { source } = this.#options;
    return `${simulated || source === null ? SIMULATED : source} ${pair}`;
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

  #resolved(symbol: string): Promise<string | null> {
    let asked = this.#pairs.get(symbol);
    if (asked === undefined) {
      asked = this.#resolve(symbol);
      this.#pairs.set(symbol, asked);
    }
    return asked;
  }

  async #resolve(symbol: string): Promise<string | null> {
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
      if (error instanceof VenueUnavailable) this.#unanswered.add(symbol);
    }
    return null;
  }

  #askAgain(): void {
    if (this.#unanswered.size === 0) return;
    for (const symbol of this.#unanswered) this.#pairs.delete(symbol);
    this.#unanswered.clear();
    this.#want();
  }

  async #priced(venue: string, { symbol: pair, price, receivedAt }: Quoted): Promise<void> {
    const refused = refusalOf(price, receivedAt);
    if (refused !== null) return this.#options.onTrouble(`${venue} ${pair}`, refused);
    const instrument = `${venue} ${pair}`;
    await this.#orders.price(instrument, price);
    if (this.#orders.isWatched(instrument)) this.#reached(instrument, price.time);
    if (venue !== this.#options.source) return;
    const symbol = symbolOf(pair);
    await this.#days.price(symbol, markOf(price, venue));
  }

  #reached(instrument: string, at: number): void {
    const cursor = this.#cursors.get(instrument);
    if (cursor === undefined) this.#cursors.set(instrument, { at, kept: -Infinity });
    else cursor.at = Math.max(cursor.at, at);
  }

  /** Prices that were missed while nobody looked fill orders as they would have, as far as the venue keeps them. */
  async #past(venue: Venue): Promise<void> {
    const { coordination, onTrouble, signal } = this.#options;
    if (venue.history === undefined) return;
    for (const instrument of this.#orders.instruments()) {
      if (!instrument.startsWith(`${venue.name} `)) continue;
      const kept = Number((await coordination.kept(cursorName(instrument))) ?? -Infinity);
      const from = Math.max(kept, this.#orders.since(instrument));
      try {
        for await (const { price } of venue.history(
          instrument.slice(venue.name.length + 1),
          from,
          Date.now(),
          signal,
        )) {
          await this.#orders.price(instrument, price);
          this.#reached(instrument, price.time);
        }
      } catch (error) {
        if (!(error instanceof VenueUnavailable)) throw error;
        onTrouble(instrument, error.message);
      }
    }
  }

  /** The last price of a holding before a moment. */
  async #priceAt(symbol: string, moment: number): Promise<Mark | null> {
    const { signal, source, venues } = this.#options;
    const venue = source === null ? undefined : venues.get(source);
    const pair = await this.#resolved(symbol);
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

function cursorName(instrument: string): string {
  return `accounts cursor ${instrument}`;
}

/** `BTC` of `BTC/USDT`. */
function symbolOf(pair: string): string {
  return pair.slice(0, Math.max(0, pair.indexOf('/')));
}

function markOf(price: Price, source: string): Mark {
  const [text, at] = price.kind === 'tick' ? [price.price, price.time] : [price.close, price.time + price.interval];
  return { price: text, at: new Date(at).toISOString(), source };
}
