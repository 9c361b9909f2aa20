/** Looking for an order at an exchange: by its ids, then among all that the exchange tells of its time. */
import type { Exchange } from 'ccxt';
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
/** An answer from `since` on, oldest first, at most `limit`. */
type Page = (since: number, limit: number) => Promise<readonly { id?: unknown; timestamp?: unknown }[]>;

/** What venues let be asked for at once differs; ccxt caps it, or the venue does. */
const PAGE = 500;
const MOST_PAGES = 20;
/** Orders that are asked for one by one to explain trades. */
const MOST_STRAYS = 10;
/** The venue's clock may be behind this machine's. */
const CLOCK_MS = 60_000;

export function createLooks(exchange: Exchange): Looks {
  const can = (method: string): boolean => exchange.has[method] === true;

  /** Null where the exchange says that it knows none. */
  async function asked(ask: () => Promise<unknown>): Promise<VenueOrder | null> {
    try {
      return venueOrderOf(await ask());
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async function byClientId({ clientOrderId, pair, since }: OrderName, id: string): Promise<VenueOrder | null> {
    const { find } = clientIdWays(exchange.id, clientOrderId);
    switch (find.way) {
      case 'order':
        return asked(() => exchange.fetchOrder('', pair, find.params));
      case 'lists': {
        const open = ours(await exchange.fetchOpenOrders(pair, undefined, undefined, find.params), id);
        return open ?? ours(await exchange.fetchClosedOrders(pair, since - CLOCK_MS, PAGE, find.params), id);
      }
      case 'none':
        return null;
      default:
        return find satisfies never;
    }
  }

  /** Orders made between two moments, whatever became of them. */
  async function madeBetween(pair: string, since: number, until: Params): Promise<readonly VenueOrder[]> {
    const page = (method: 'fetchOrders' | 'fetchClosedOrders' | 'fetchCanceledOrders'): Promise<readonly unknown[]> =>
      pages((from, limit) => exchange[method](pair, from, limit, until), since);
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
        const known = await asked(() => exchange.fetchOrder(venueOrderId, pair));
        if (known !== null) return { outcome: 'found', order: known };
      }
      const isOurs = (one: VenueOrder): boolean => one.venueOrderId === venueOrderId || one.clientOrderId === id;
      const named = await byClientId(order, id);
      if (named !== null && (named.clientOrderId === null || isOurs(named))) return { outcome: 'found', order: named };
      const open = (await exchange.fetchOpenOrders(pair)).map(venueOrderOf);
      const resting = open.find(isOurs);
      if (resting !== undefined) return { outcome: 'found', order: resting };
      const since = order.since - CLOCK_MS;
      const until = order.until === null ? {} : { until: order.until + CLOCK_MS };
      const made = await madeBetween(pair, since, until);
      const over = made.find(isOurs);
      if (over !== undefined) return { outcome: 'found', order: over };
      if (!can('fetchMyTrades')) throw new Error(`${exchange.id} does not tell own trades`);
      const trades = await pages((from, limit) => exchange.fetchMyTrades(pair, from, limit, until), since);
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
        const trades = await exchange.fetchOrderTrades(venueOrderId, pair, undefined, PAGE);
        if (trades.length < PAGE) return trades;
        if (exchange.id !== 'binance') throw new Error(`order ${venueOrderId} has more trades than are told at once`);
        return byTradeId(pair, venueOrderId, trades);
      }
      const all = await pages((from, limit) => exchange.fetchMyTrades(pair, from, limit), since - CLOCK_MS);
      return all.filter((one) => (one as { order?: unknown }).order === venueOrderId);
    },
  };

  /** Of trades whose orders were not made in that time: one that can't be shown to be another order's; null: none. */
  async function unexplainedOf(trades: readonly Trade[], pair: string): Promise<string | null> {
    const orders = new Map(trades.map((trade) => [trade.venueOrderId, trade]));
    if (orders.size > MOST_STRAYS) return `${trades.length} trades of ${orders.size} orders`;
    for (const [orderId, { tradeId }] of orders) {
      const order = orderId === null ? null : await asked(() => exchange.fetchOrder(orderId, pair));
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

/** All pages from a moment on. @throws Error where there are too many, or one does not lead on */
async function pages(page: Page, since: number): Promise<readonly unknown[]> {
  const all = new Map<unknown, unknown>();
  let from = since;
  for (let n = 0; n < MOST_PAGES; n += 1) {
    const rows = await page(from, PAGE);
    for (const row of rows) all.set(row.id, row);
    if (rows.length < PAGE) return [...all.values()];
    const last = Number(rows.at(-1)!.timestamp);
    if (!(last > from)) throw new Error(`the venue tells ${PAGE} of one moment and no more`);
    from = last;
  }
  throw new Error(`the venue tells more than ${all.size} since ${new Date(since).toISOString()}`);
}

function ours(orders: readonly unknown[], id: string): VenueOrder | null {
  return orders.map(venueOrderOf).find(({ clientOrderId }) => clientOrderId === id) ?? null;
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
