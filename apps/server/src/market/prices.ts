/** The last prices, for those who answer requests, and where the prices of a signal come from. */
import type { Direction } from '#libs/signal';
import type { LastPriceOf } from '../signals/record.ts';
import type { PricesAtReceipt, Traded, Tracking } from '../signals/tracking.ts';
import type { MarketThreadNews } from './market.thread.ts';
import { deskOf, routeOf, type RouteSettings, trackingOf } from './routes.ts';

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
    else if (news.news === 'dropped') {
      this.#last.delete(news.desk);
      this.#unknown.delete(news.desk);
    }
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
