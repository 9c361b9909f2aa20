/** What the process that trades does with ccxt. Nothing here is ever sent twice. */
import { BaseError, type MarketInterface } from 'ccxt';
import Big from 'big.js';
import { denialOf } from '../brokers/order-rules.ts';
import { clientIdWays, fenceOf } from '../brokers/client-ids.ts';
import type { OrderRequest, Placed } from '../broker.ts';
import { createCcxtInstance } from './ccxt-instance.ts';
import { CcxtFailure, type CcxtSettings } from './ccxt-messages.ts';
import { rulesOf, tradeOf, venueOrderOf } from './ccxt-orders.ts';
import { createLooks } from './ccxt-looks.ts';
import { isMissing, proofOf } from './ccxt-trading-errors.ts';
import type { Credentials, TradingMethods } from './ccxt-trading-messages.ts';
import { guardWrites, TooLate } from './ccxt-writes.ts';

/** ccxt's word for precisions that are step sizes. */
const TICK_SIZE = 4;
/** A pair that the markets lack makes them be read again, but not more often. */
const MARKETS_MS = 10 * 60_000;
const MOST_REASON = 300;
/** A cancel is as good later: it is only kept from waiting in ccxt's queue for ever. */
const CANCEL_MS = 30_000;

/** Nothing is asked before the first call. @throws CcxtFailure of the kind `unknown`. */
export function openCcxtTrading(settings: CcxtSettings, credentials: Credentials): TradingMethods {
  const { exchange, pause } = createCcxtInstance(settings);
  const { id } = exchange;
  exchange.apiKey = credentials.apiKey;
  exchange.secret = credentials.secret;
  if (credentials.password !== undefined) exchange.password = credentials.password;
  // Coins and their networks are asked for with the keys at some, and are no use here.
  exchange.has['fetchCurrencies'] = false;
  exchange.options['adjustForTimeDifference'] = true;
  const fence = fenceOf(id);
  if (fence !== null) exchange.options['recvWindow'] = fence;
  // Of Binance the spot markets alone: the others are asked of other hosts, or with the keys.
  if (id === 'binance') Object.assign(exchange.options, { fetchMarkets: { types: ['spot'] }, fetchMargins: false });
  const writes = guardWrites(exchange);
  const looks = createLooks(exchange);
  let marketsAt = -Infinity;
  let loading: Promise<void> | null = null;

  async function loadMarkets(): Promise<void> {
    const load = async (): Promise<void> => {
      // Without `reload` ccxt repeats a first failure for ever.
      const markets = await exchange.loadMarkets(true);
      if (Object.keys(markets).length === 0) throw new Error(`${id} named no market`);
      marketsAt = performance.now();
    };
    loading ??= load().finally(() => (loading = null));
    return loading;
  }

  async function find(pair: string): Promise<MarketInterface | null> {
    const there = (): MarketInterface | null => {
      const markets = exchange.markets as unknown as Readonly<Record<string, MarketInterface>>;
      return Object.hasOwn(markets, pair) && markets[pair]!.spot ? markets[pair]! : null;
    };
    if (marketsAt === -Infinity) await loadMarkets();
    if (there() === null && performance.now() - marketsAt > MARKETS_MS) await loadMarkets();
    return there();
  }

  /** What of the order is wrong by what is known here; null where nothing is. */
  function denied(order: OrderRequest, market: MarketInterface): Placed | null {
    const denial = denialOf(order, rulesOf(market, exchange.precisionMode === TICK_SIZE));
    if (denial !== null) return { outcome: 'refused', ...denial };
    // What leaves is what ccxt makes of the numbers: it must be what was asked.
    const { quantity, price } = order;
    const leaves = { quantity: exchange.amountToPrecision(order.pair, quantity as unknown as number) };
    if (!new Big(leaves.quantity!).eq(quantity))
      return deny('denied_precision', `quantity: ${quantity} would leave as ${leaves.quantity}`);
    const told = price === null ? null : exchange.priceToPrecision(order.pair, price as unknown as number);
    if (price !== null && !new Big(told!).eq(price))
      return deny('denied_precision', `price: ${price} would leave as ${told}`);
    return null;
  }

  const methods: TradingMethods = {
    rules: async (pair) => {
      const market = await find(pair);
      return market === null ? null : rulesOf(market, exchange.precisionMode === TICK_SIZE);
    },

    place: async (order) => {
      try {
        const market = await find(order.pair);
        if (market === null) return deny('denied_pair', `${id} has no spot market ${order.pair}`);
        if (market.active === false) return deny('denied_pair', `${order.pair} is not traded at ${id} now`);
        const wrong = denied(order, market);
        if (wrong !== null) return wrong;
      } catch (error) {
        return deny('denied_unavailable', `the markets of ${id} could not be read: ${shown(error)}`);
      }
      const { pair, type, side, quantity, price, sendBy, postOnly } = order;
      const params = { ...clientIdWays(id, order.clientOrderId).create, ...(postOnly === true && { postOnly }) };
      const numbers = [quantity, price ?? undefined] as unknown as [number, number | undefined];
      const end = await writes.once(sendBy, () => exchange.createOrder(pair, type, side, ...numbers, params));
      if ('value' in end) return acceptedBy(end.value);
      if (end.error instanceof TooLate) return deny('too_late', end.error.message);
      if (!end.left) return deny('denied_local', shown(end.error));
      const { code } = proofOf(end.error);
      const reason = shown(end.error);
      return code === null ? { outcome: 'unknown', reason } : { outcome: 'refused', code, reason };
    },

    cancel: async (order) => {
      const { cancel } = clientIdWays(id, order.clientOrderId);
      let name: readonly [string, Readonly<Record<string, string>>];
      if (order.venueOrderId !== null) name = [order.venueOrderId, {}];
      else if (cancel.way === 'params') name = ['', cancel.params];
      else if (cancel.way === 'id') name = [cancel.id, {}];
      else return { outcome: 'refused', code: 'denied_id', reason: `${id} is not asked by a client order id` };
      try {
        await find(order.pair);
      } catch (error) {
        return { outcome: 'refused', code: 'denied_unavailable', reason: shown(error) };
      }
      const end = await writes.once(Date.now() + CANCEL_MS, () => exchange.cancelOrder(name[0], order.pair, name[1]));
      if ('value' in end) return { outcome: 'asked' };
      const reason = shown(end.error);
      if (isMissing(end.error)) return { outcome: 'missing', reason };
      if (!end.left) return { outcome: 'refused', code: 'denied_local', reason };
      const { code } = proofOf(end.error);
      return code === null ? { outcome: 'unknown', reason } : { outcome: 'refused', code, reason };
    },

    find: async (order) => {
      try {
        if ((await find(order.pair)) === null) return { outcome: 'unknown', reason: `${id} has no ${order.pair}` };
        return await looks.find(order);
      } catch (error) {
        return { outcome: 'unknown', reason: shown(error) };
      }
    },

    trades: (order) =>
      reading(async () => {
        await find(order.pair);
        return (await looks.trades(order)).map(tradeOf);
      }),

    openOrders: (pair) =>
      reading(async () => {
        await find(pair);
        return (await exchange.fetchOpenOrders(pair)).map(venueOrderOf);
      }),
  };

  async function reading<Value>(read: () => Promise<Value>): Promise<Value> {
    try {
      return await read();
    } catch (error) {
      throw new CcxtFailure({ kind: 'unavailable', reason: shown(error), retryIn: pause() });
    }
  }

  /** An error as text, without what was signed. */
  function shown(error: unknown): string {
    const text =
      error instanceof BaseError
        ? `${error.constructor.name}: ${error.message}`
        : error instanceof Error
          ? error.message
          : String(error);
    return [credentials.apiKey, credentials.secret, credentials.password ?? '']
      .filter((secret) => secret !== '')
      .reduce((clean, secret) => clean.replaceAll(secret, '…'), text.replaceAll(/\?\S*/g, '?…'))
      .slice(0, MOST_REASON);
  }

  return methods;
}

/** ccxt may know no more of it than its id, or not even that; a venue that answers an order with `rejected` proves little. */
function acceptedBy(answer: unknown): Placed {
  const { id, status } = (answer ?? {}) as { readonly id?: unknown; readonly status?: unknown };
  if (status === 'rejected') return { outcome: 'unknown', reason: 'the venue answered with an order that it rejected' };
  return { outcome: 'accepted', venueOrderId: typeof id === 'string' && id !== '' ? id : null };
}

function deny(code: string, reason: string): Extract<Placed, { outcome: 'refused' }> {
  return { outcome: 'refused', code, reason };
}
