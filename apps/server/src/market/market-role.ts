/** Starts the market's thread, tells the log what it says, and knows the last prices for those who ask. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Direction } from '#libs/signal';
import type { LastPriceOf } from '../signals/record.ts';
import type { PricesAtReceipt, Traded, Tracking } from '../signals/tracking.ts';
import type { MarketThreadNews, MarketThreadSettings } from './market.thread.ts';
import { deskOf, routeOf, type RouteSettings, trackingOf } from './routes.ts';

const RESTART_MS = 1_000;
const STOP_MS = 10_000;

/** The same trouble is told to the log at most so often. */
const TROUBLE_MS = 60_000;
const MOST_TROUBLES = 1_000;

/** Last prices older than this are none to measure by. */
const STALE_MS = 60_000;

/** A last price, and when the venue had it. */
export interface LastPrice {
  readonly price: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What this process knows of prices: all of it where it has the market role, only the routes elsewhere. */
export class Prices implements Tracking, PricesAtReceipt {
  readonly #routes: RouteSettings;
  readonly #last = new Map<string, LastPrice>();
  readonly #unknown = new Set<string>();

  constructor(routes: RouteSettings) {
    this.#routes = routes;
  }

  of(instrument: Traded['instrument'], sandbox: boolean, direction: Direction | null): string {
    const route = this.#route({ instrument, sandbox, direction });
    if (route === null) return direction === null ? 'no_direction' : 'no_venue';
    return this.#unknown.has(deskOf(route)) ? 'unknown_instrument' : trackingOf(route);
  }

  /** The last price of what a signal trades, the side's own on a prediction market; null where none is known. */
  last(signal: Traded): LastPrice | null {
    const route = this.#route(signal);
    return route === null ? null : (this.#last.get(deskOf(route)) ?? null);
  }

  isFollowed(signal: Traded): boolean {
    const route = this.#route(signal);
    return route !== null && !this.#unknown.has(deskOf(route));
  }

  /** A last price young enough to measure a distance by. */
  reference(signal: Traded, now: number): string | null {
    const last = this.last(signal);
    return last !== null && now - last.at <= STALE_MS ? last.price : null;
  }

  note(news: MarketThreadNews): void {
    if (news.news === 'price') {
      this.#last.set(news.desk, { price: news.price, at: news.at });
      this.#unknown.delete(news.desk);
    } else if (news.news === 'unknown') this.#unknown.add(news.desk);
  }

  #route({ instrument, sandbox, direction }: Traded) {
    return routeOf(instrument, direction, sandbox, this.#routes);
  }
}

/** The last prices in the form that a track record marks open positions by. */
export function marks(prices: Prices): LastPriceOf {
  return (document) => {
    const last = prices.last(document);
    return last === null ? null : { price: last.price, at: new Date(last.at).toISOString() };
  };
}

export class MarketRole {
  readonly #settings: MarketThreadSettings;
  readonly #log: Logger;
  readonly #prices: Prices;
  readonly #onNews: (news: MarketThreadNews) => void;
  readonly #troubles = new Map<string, number>();
  #worker: Worker | null = null;
  #stopped = false;

  constructor(
    settings: MarketThreadSettings,
    prices: Prices,
    log: Logger,
    onNews: (news: MarketThreadNews) => void = () => undefined,
  ) {
    this.#settings = settings;
    this.#prices = prices;
    this.#log = log;
    this.#onNews = onNews;
  }

  start(): void {
    const extension = extname(import.meta.url);
    const worker = new Worker(new URL(`./market.thread${extension}`, import.meta.url), {
      workerData: this.#settings,
      // Run from its sources, it takes those of the libraries too.
      execArgv: extension === '.ts' ? ['--conditions=mono-source'] : [],
    });
    this.#worker = worker;
    worker.on('message', (news: MarketThreadNews) => {
      this.#prices.note(news);
      this.#onNews(news);
      this.#report(news);
    });
    worker.on('error', (error) => this.#log.error({ err: error }, 'the market died'));
    worker.on('exit', () => {
      if (this.#stopped) return;
      setTimeout(() => !this.#stopped && this.start(), RESTART_MS).unref();
    });
  }

  /** Lets the steps in hand become durable. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('stop');
    const timer = setTimeout(() => void worker.terminate(), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  #report(news: MarketThreadNews): void {
    switch (news.news) {
      case 'trouble':
        if (this.#isNew(`${news.what} ${news.reason}`)) this.#log.warn(news, 'the market has trouble');
        return;
      case 'watching':
        return this.#log.info(news, 'the market watches');
      case 'missed':
        return this.#log.info(news, 'prices that were missed have been judged');
      case 'waiting':
        return this.#log.info(news, 'a market is not settled');
      case 'unknown':
        return this.#log.warn(news, 'no such instrument at its venue: its signals stay as they are');
      case 'standby':
        return this.#log.info('another process follows the prices');
      case 'leading':
        return this.#log.info('this process follows the prices');
      case 'steps':
      case 'price':
        return;
    }
  }

  /** Bounded: the oldest half is forgotten when there are too many. */
  #isNew(trouble: string): boolean {
    const now = Date.now();
    const before = this.#troubles.get(trouble);
    if (before !== undefined && now - before < TROUBLE_MS) return false;
    if (this.#troubles.size >= MOST_TROUBLES)
      for (const old of [...this.#troubles.keys()].slice(0, MOST_TROUBLES / 2)) this.#troubles.delete(old);
    this.#troubles.set(trouble, now);
    return true;
  }
}
