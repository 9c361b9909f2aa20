/** The orders of a small exchange: what rests, what trades, and what it forgets. Amounts are decimal strings. */
import Big from 'big.js';

export interface Pair {
  /** `BTCUSDT`. */
  readonly id: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string;
  readonly stepSize: string;
  readonly minNotional: string;
}

export interface BookOrder {
  readonly orderId: number;
  clientOrderId: string;
  readonly pair: Pair;
  readonly side: 'BUY' | 'SELL';
  readonly type: 'LIMIT' | 'MARKET' | 'LIMIT_MAKER';
  readonly quantity: string;
  readonly price: string;
  readonly time: number;
  status: 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED';
  filled: string;
  cost: string;
}

export interface BookTrade {
  readonly id: number;
  readonly order: BookOrder;
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly time: number;
}

/** In what fees are taken: that of the quote, of the base, or BNB. */
export type FeeKind = 'quote' | 'base' | 'BNB';

/**
 * What it no longer tells of an order that is filled. `lookup`: it is not found by its client id, only in lists.
 * `name`: lists don't tell its client id either.
 */
export type Forgets = 'nothing' | 'lookup' | 'name';

/** A refusal as the exchange words it. */
export interface Refusal {
  readonly code: number;
  readonly msg: string;
}

export const PAIRS: readonly Pair[] = [
  { id: 'BTCUSDT', base: 'BTC', quote: 'USDT', tickSize: '0.01', stepSize: '0.00001', minNotional: '5' },
  { id: 'ETHUSDT', base: 'ETH', quote: 'USDT', tickSize: '0.01', stepSize: '0.0001', minNotional: '5' },
];

export class Book {
  readonly orders: BookOrder[] = [];
  readonly trades: BookTrade[] = [];
  readonly prices = new Map<string, string>([
    ['BTCUSDT', '60000'],
    ['ETHUSDT', '3000'],
  ]);
  feeKind: FeeKind = 'quote';
  feeRate = '0.001';
  forgets: Forgets = 'nothing';
  /** Share of a market order, or of a limit that is crossed at once, that is filled at once. */
  fillsAtOnce = '1';
  now: () => number = Date.now;

  /** Places an order. Ids are unique among open orders only, as at the exchange that this stands for. */
  place(
    order: Pick<BookOrder, 'clientOrderId' | 'pair' | 'side' | 'type' | 'quantity' | 'price'>,
  ): BookOrder | Refusal {
    const { pair, clientOrderId, side, type, quantity, price } = order;
    const last = this.prices.get(pair.id)!;
    if (!new Big(quantity).gt(0) || !new Big(quantity).mod(pair.stepSize).eq(0)) return filter('LOT_SIZE');
    if (type !== 'MARKET' && !new Big(price).mod(pair.tickSize).eq(0)) return filter('PRICE_FILTER');
    if (new Big(quantity).times(type === 'MARKET' ? last : price).lt(pair.minNotional)) return filter('NOTIONAL');
    if (this.orders.some((one) => one.clientOrderId === clientOrderId && isOpen(one)))
      return { code: -2010, msg: 'Duplicate order sent.' };
    const crosses = type === 'MARKET' || (side === 'BUY' ? new Big(price).gte(last) : new Big(price).lte(last));
    if (crosses && type === 'LIMIT_MAKER') return { code: -2010, msg: 'Order would immediately match and take.' };
    const placed: BookOrder = {
      ...order,
      orderId: 1_000 + this.orders.length,
      time: this.now(),
      status: 'NEW',
      filled: '0',
      cost: '0',
    };
    this.orders.push(placed);
    const atOnce = new Big(quantity).times(this.fillsAtOnce);
    const part = atOnce.minus(atOnce.mod(pair.stepSize));
    if (crosses && part.gt(0)) this.fill(placed, part.toFixed(), last);
    if (type === 'MARKET' && isOpen(placed)) placed.status = 'EXPIRED';
    return placed;
  }

  /** Fills a part of an order, also of one that is over: venues report such fills late. */
  fill(order: BookOrder, quantity: string, price: string): BookTrade {
    const { pair, side } = order;
    const cost = new Big(quantity).times(price);
    const bought = side === 'BUY' ? pair.base : pair.quote;
    const feeAsset = this.feeKind === 'BNB' ? 'BNB' : this.feeKind === 'base' ? bought : pair.quote;
    const fee =
      feeAsset === pair.base
        ? new Big(quantity).times(this.feeRate)
        : cost.times(this.feeRate).div(feeAsset === 'BNB' ? 600 : 1);
    const trade: BookTrade = {
      id: 5_000 + this.trades.length,
      order,
      quantity,
      price,
      fee: fee.toFixed(8),
      feeAsset,
      time: this.now(),
    };
    this.trades.push(trade);
    order.filled = new Big(order.filled).plus(quantity).toFixed();
    order.cost = new Big(order.cost).plus(cost).toFixed();
    if (isOpen(order)) order.status = new Big(order.filled).gte(order.quantity) ? 'FILLED' : 'PARTIALLY_FILLED';
    return trade;
  }

  /** A new last price: resting orders that it reaches are filled at their limit. */
  move(pairId: string, price: string): void {
    this.prices.set(pairId, price);
    for (const order of this.orders) {
      if (order.pair.id !== pairId || !isOpen(order)) continue;
      const reached = order.side === 'BUY' ? new Big(price).lte(order.price) : new Big(price).gte(order.price);
      if (reached) this.fill(order, new Big(order.quantity).minus(order.filled).toFixed(), order.price);
    }
  }

  cancel(order: BookOrder): Refusal | null {
    if (!isOpen(order)) return { code: -2011, msg: 'Unknown order sent.' };
    order.status = 'CANCELED';
    return null;
  }

  /** The order of an id, as the exchange still knows it. The newest of those that had the client id. */
  find(pairId: string, orderId: string | null, clientOrderId: string | null): BookOrder | null {
    const found = this.orders.findLast(
      (one) =>
        one.pair.id === pairId &&
        (orderId !== null
          ? String(one.orderId) === orderId
          : one.clientOrderId === clientOrderId && !(this.forgets !== 'nothing' && one.status === 'FILLED')),
    );
    return found ?? null;
  }

  /** The client id as the exchange still tells it. */
  nameOf(order: BookOrder): string {
    return this.forgets === 'name' && order.status === 'FILLED' ? '' : order.clientOrderId;
  }
}

export function isOpen({ status }: BookOrder): boolean {
  return status === 'NEW' || status === 'PARTIALLY_FILLED';
}

function filter(name: string): Refusal {
  return { code: -1013, msg: `Filter failure: ${name}` };
}
