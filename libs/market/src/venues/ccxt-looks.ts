/** Looking for an order at an exchange: by its ids, then among all that the exchange tells of its time. */
import { ArgumentsRequired, type Exchange, NotSupported } from 'ccxt';
import { clientIdWays } from '../brokers/client-ids.ts';
import type { Found, OrderName, Trade, VenueOrder } from '../broker.ts';
import { tradeOf, venueOrderOf } from './ccxt-orders.ts';
import { isMissing } from './ccxt-trading-errors.ts';

export interface Looks {
  /** Throws what ccxt throws: then nothing is known. */
  find(order: OrderName): Promise<Found>;
  /** The order's trades in ccxt's form, all of them. */
  trades(order: OrderName & { readonly venueOrderId: string }): Promise<readonly unknown[]>;
}

type Params = Readonly<Record<string, unknown>>;
/** An answer from `since` on, up to `until` if told, oldest first, at most `limit`. */
type Page = (
  since: number,
  limit: number,
  until: number | null,
) => Promise<readonly { id?: unknown; timestamp?: unknown }[]>;

/** What venues let be asked for at once differs; ccxt caps it, or the venue does. */
const PAGE = 500;
/** No venue cuts pages shorter, as far as is known: what is shorter was told whole. */
const LEAST_PAGE = 20;
const MOST_PAGES = 40;
/** Orders that are asked for one by one to explain trades. */
const MOST_STRAYS = 10;
/** The venue's clock may be behind this machine's. */
const CLOCK_MS = 60_000;

export function createLooks(exchange: Exchange): Looks {
  const can = (method: string): boolean => exchange.has[method] === true;

  /** How many one request brings; null where ccxt does not say. */
  function mostOf(method: string, pair: string): number | null {
    const told: unknown = exchange.featureValue(pair, method, 'limit');
    return typeof told === 'number' && told > 0 ? Math.min(told, PAGE) : null;
  }

  function tradesFrom(pair: string, since: number, until: number | null): Promise<readonly unknown[]> {
    const page: Page = (from, limit, to) => exchange.fetchMyTrades(pair, from, limit, upTo(to));
    return pages(page, since, until, mostOf('fetchMyTrades', pair));
  }

  /** Null where the exchange says that it knows none. */
  async function asked(ask: () => Promise<unknown>): Promise<VenueOrder | null> {
    try {
      return venueOrderOf(await ask());
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** Null too where the exchange, or ccxt for it, does not tell an order by its id: then the lists may. */
  async function byVenueId(venueOrderId: string, pair: string): Promise<VenueOrder | null> {
    // ccxt wants it said that Bybit knows no more than the last 500 orders by their ids.
    const params = exchange.id === 'bybit' ? { acknowledged: true } : {};
    try {
      return await asked(() => exchange.fetchOrder(venueOrderId, pair, params));
    } catch (error) {
      if (error instanceof ArgumentsRequired || error instanceof NotSupported) return null;
      throw error;
    }
  }

  async function byClientId({ clientOrderId, pair, since }: OrderName, id: string): Promise<VenueOrder | null> {
    const { find } = clientIdWays(exchange.id, clientOrderId);
    switch (find.way) {
      case 'order':
        return asked(() => exchange.fetchOrder('', pair, find.params));
      case 'lists': {
        const one = mostOf('fetchClosedOrders', pair) ?? PAGE;
        const open = ours(await exchange.fetchOpenOrders(pair, undefined, undefined, find.params), id);
        return open ?? ours(await exchange.fetchClosedOrders(pair, since - CLOCK_MS, one, find.params), id);
      }
      case 'none':
        return null;
      default:
        return find satisfies never;
    }
  }

  /** Orders made between two moments, whatever became of them. */
  async function madeBetween(pair: string, since: number, until: number | null): Promise<readonly VenueOrder[]> {
    const page = (method: 'fetchOrders' | 'fetchClosedOrders' | 'fetchCanceledOrders'): Promise<readonly unknown[]> =>
      pages((from, limit, to) => exchange[method](pair, from, limit, upTo(to)), since, until, mostOf(method, pair));
    if (can('fetchOrders')) return (await page('fetchOrders')).map(venueOrderOf);
    const closed = await page('fetchClosedOrders');
    const cancelled = can('fetchCanceledOrders') ? await page('fetchCanceledOrders') : [];
    return [...closed, ...cancelled].map(venueOrderOf);
  }

  return {
    find: async (order) => {
      const { venueOrderId, clientOrderId, pair, side } = order;
      const { id } = clientIdWays(exchange.id, clientOrderId);
      if (venueOrderId !== null && can('fetchOrder')) {
        const known = await byVenueId(venueOrderId, pair);
        if (known !== null) return { outcome: 'found', order: known };
      }
      const isOurs = (one: VenueOrder): boolean => one.venueOrderId === venueOrderId || one.clientOrderId === id;
      const named = await byClientId(order, id);
      if (named !== null && (named.clientOrderId === null || isOurs(named))) return { outcome: 'found', order: named };
      const open = (await exchange.fetchOpenOrders(pair)).map(venueOrderOf);
      const resting = open.find(isOurs);
      if (resting !== undefined) return { outcome: 'found', order: resting };
      const since = order.since - CLOCK_MS;
      const until = order.until === null ? null : order.until + CLOCK_MS;
      const made = await madeBetween(pair, since, until);
      const over = made.find(isOurs);
      if (over !== undefined) return { outcome: 'found', order: over };
      if (!can('fetchMyTrades')) throw new Error(`${exchange.id} does not tell own trades`);
      const trades = await tradesFrom(pair, since, until);
      const nameless = [...open, ...made].find((one) => one.side !== other(side) && !isNamed(one));
      if (nameless !== undefined) return missing(`order ${nameless.venueOrderId}, which has no client order id`);
      const explained = new Set([...open, ...made].map((one) => one.venueOrderId));
      const strays = trades
        .map(tradeOf)
        .filter((trade) => trade.side !== other(side) && !explained.has(trade.venueOrderId ?? ''));
      return missing(await unexplainedOf(strays, pair));
    },

    trades: async ({ venueOrderId, pair, since }) => {
      if (can('fetchOrderTrades')) {
        const most = mostOf('fetchOrderTrades', pair) ?? mostOf('fetchMyTrades', pair);
        const trades = await exchange.fetchOrderTrades(venueOrderId, pair, undefined, most ?? PAGE);
        if (trades.length < (most ?? LEAST_PAGE)) return trades;
        if (exchange.id === 'binance') return byTradeId(pair, venueOrderId, trades);
      }
      const all = await tradesFrom(pair, since - CLOCK_MS, null);
      return all.filter((one) => (one as { order?: unknown }).order === venueOrderId);
    },
  };

  /** Of trades whose orders were not made in that time: one that can't be shown to be another order's; null: none. */
  async function unexplainedOf(trades: readonly Trade[], pair: string): Promise<string | null> {
    const orders = new Map(trades.map((trade) => [trade.venueOrderId, trade]));
    if (orders.size > MOST_STRAYS) return `${trades.length} trades of ${orders.size} orders`;
    for (const [orderId, { tradeId }] of orders) {
      const order = orderId === null ? null : await byVenueId(orderId, pair);
      if (order === null || !isNamed(order)) return `trade ${tradeId} of order ${orderId ?? 'unknown'}`;
    }
    return null;
  }

  /** Binance goes on from a trade's id. */
  async function byTradeId(pair: string, orderId: string, first: readonly unknown[]): Promise<readonly unknown[]> {
    const all = [...first];
    for (let page = first; page.length >= PAGE;) {
      if (all.length >= PAGE * MOST_PAGES) throw new Error(`order ${orderId} has more than ${all.length} trades`);
      const fromId = (BigInt(tradeOf(page.at(-1)).tradeId) + 1n).toString();
      page = await exchange.fetchMyTrades(pair, undefined, PAGE, { orderId, fromId });
      all.push(...page);
    }
    return all;
  }
}

/**
 * All from a moment on, page by page until one brings nothing new: venues cut pages shorter than they were asked for, and
 * begin them with the oldest or end them with the newest. @throws Error where there are too many, or one does not lead on
 */
async function pages(
  page: Page,
  since: number,
  until: number | null,
  most: number | null,
): Promise<readonly unknown[]> {
  const all = new Map<unknown, unknown>();
  let left = MOST_PAGES;
  /** The first and the last moment of a page; null: it brought nothing new. */
  async function read(from: number, to: number | null): Promise<{ first: number; last: number; full: boolean } | null> {
    if (left === 0) throw new Error(`the venue tells more than ${all.size} since ${new Date(since).toISOString()}`);
    left -= 1;
    const rows = await page(from, most ?? PAGE, to);
    const known = all.size;
    for (const row of rows) all.set(row.id, row);
    if (all.size === known) return null;
    const full = rows.length >= (most ?? LEAST_PAGE);
    const [first, last] = [Number(rows[0]!.timestamp), Number(rows.at(-1)!.timestamp)];
    if (full && !(last > from && (to === null || first < to)))
      throw new Error(`the venue tells ${rows.length} of one moment and no more`);
    return { first, last, full };
  }
  for (let from = since; ;) {
    const newer = await read(from, until);
    // A page that is shorter than the venue is known to cut them is its last.
    if (newer === null || (most !== null && !newer.full)) return [...all.values()];
    // A full page may be the newest of what was asked for: then older ones are left.
    for (let older = newer; older.full && older.first > from;) {
      const before = await read(from, older.first);
      if (before === null) break;
      older = before;
    }
    if (!(newer.last > from)) return [...all.values()];
    from = newer.last;
  }
}

function ours(orders: readonly unknown[], id: string): VenueOrder | null {
  return orders.map(venueOrderOf).find(({ clientOrderId }) => clientOrderId === id) ?? null;
}

function upTo(until: number | null): Params {
  return until === null ? {} : { until };
}

function isNamed({ clientOrderId }: VenueOrder): boolean {
  return clientOrderId !== null;
}

function other(side: 'buy' | 'sell'): 'buy' | 'sell' {
  return side === 'buy' ? 'sell' : 'buy';
}

function missing(unexplained: string | null): Found {
  return { outcome: 'missing', unexplained };
}
