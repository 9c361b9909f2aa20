/** Binance's spot REST, as much of it as ccxt's orders need: signatures are checked, refusals worded as there. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Book, type BookOrder, type BookTrade, isOpen, PAIRS, type Refusal } from './book.ts';

export interface Keys {
  readonly apiKey: string;
  readonly secret: string;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  /** Of the address and of the body, as one. */
  readonly params: URLSearchParams;
  /** What was signed, without the signature. */
  readonly signed: string;
  readonly apiKey: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Where contracts are listed; there are none. */
const CONTRACTS = ['/fapi/v1/exchangeInfo', '/dapi/v1/exchangeInfo'];
/** Paths that need no signature. */
const PUBLIC = new Set(['/api/v3/exchangeInfo', '/api/v3/time', '/api/v3/ticker/24hr', ...CONTRACTS]);
const DAY_MS = 24 * 60 * 60_000;

export function answerOf(book: Book, keys: Keys, request: Request): Answer {
  const { method, path, params } = request;
  if (!PUBLIC.has(path)) {
    const wrong = refusedKey(request, keys, book.now());
    if (wrong !== null) return refused(wrong);
  }
  switch (`${method} ${path}`) {
    case 'GET /api/v3/exchangeInfo':
      return right({ timezone: 'UTC', symbols: PAIRS.map(listing) });
    case 'GET /api/v3/time':
      return right({ serverTime: book.now() });
    case 'GET /fapi/v1/exchangeInfo':
    case 'GET /dapi/v1/exchangeInfo':
      return right({ symbols: [] });
    case 'GET /api/v3/ticker/24hr': {
      const one = params.get('symbol');
      const ids = one === null ? (JSON.parse(params.get('symbols') ?? '[]') as string[]) : [one];
      const tickers = ids.map((id) => tickerRow(id, book));
      return right(one === null ? tickers : tickers[0]);
    }
    case 'POST /api/v3/order': {
      const pair = PAIRS.find(({ id }) => id === params.get('symbol'));
      if (pair === undefined) return refused({ code: -1121, msg: 'Invalid symbol.' });
      const placed = book.place({
        pair,
        clientOrderId: params.get('newClientOrderId')!,
        side: params.get('side') as BookOrder['side'],
        type: params.get('type') as BookOrder['type'],
        quantity: params.get('quantity') ?? '0',
        price: params.get('price') ?? '0',
      });
      if ('code' in placed) return refused(placed);
      const fills = book.trades.filter(({ order }) => order === placed).map(fillRow);
      return right({ ...orderRow(book, placed), transactTime: placed.time, fills });
    }
    case 'GET /api/v3/order':
    case 'DELETE /api/v3/order': {
      const order = book.find(params.get('symbol')!, params.get('orderId'), params.get('origClientOrderId'));
      if (order === null)
        return refused(
          method === 'GET'
            ? { code: -2013, msg: 'Order does not exist.' }
            : { code: -2011, msg: 'Unknown order sent.' },
        );
      const failed = method === 'GET' ? null : book.cancel(order);
      return failed === null ? right(orderRow(book, order)) : refused(failed);
    }
    case 'GET /api/v3/openOrders':
      return right(rows(book, (order) => isOpen(order) && order.pair.id === params.get('symbol')));
    case 'GET /api/v3/allOrders': {
      const [from, to] = timesOf(params, book.now());
      if (to - from > DAY_MS) return refused({ code: -1127, msg: 'More than 24 hours between startTime and endTime.' });
      const found = rows(book, (one) => one.pair.id === params.get('symbol') && one.time >= from && one.time <= to);
      return right(found.slice(0, Number(params.get('limit') ?? 500)));
    }
    case 'GET /api/v3/myTrades': {
      const [from, to] = timesOf(params, book.now());
      const orderId = params.get('orderId');
      const found = book.trades.filter(
        ({ id, order, time }) =>
          order.pair.id === params.get('symbol') &&
          (orderId === null || String(order.orderId) === orderId) &&
          id >= Number(params.get('fromId') ?? 0) &&
          time >= from &&
          time <= to,
      );
      return right(found.slice(0, Number(params.get('limit') ?? 500)).map(tradeRow));
    }
    default:
      return { status: 404, body: { code: -1, msg: `no such path: ${method} ${path}` } };
  }
}

function tickerRow(id: string, book: Book): object {
  const [lastPrice, closeTime] = [book.prices.get(id), book.now()];
  const change = { priceChange: '0', priceChangePercent: '0.000', openPrice: lastPrice };
  return { symbol: id, lastPrice, ...change, openTime: closeTime - DAY_MS, closeTime, count: 1 };
}

function refusedKey({ params, signed, apiKey }: Request, keys: Keys, now: number): Refusal | null {
  if (apiKey !== keys.apiKey) return { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };
  const told = Buffer.from(params.get('signature') ?? '', 'hex');
  const expected = createHmac('sha256', keys.secret).update(signed).digest();
  if (told.length !== expected.length || !timingSafeEqual(told, expected))
    return { code: -1022, msg: 'Signature for this request is not valid.' };
  const [time, window] = [Number(params.get('timestamp')), Number(params.get('recvWindow') ?? 5_000)];
  if (!(time < now + 1_000 && now - time <= window))
    return { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' };
  return null;
}

function timesOf(params: URLSearchParams, now: number): readonly [number, number] {
  return [Number(params.get('startTime') ?? 0), Number(params.get('endTime') ?? now)];
}

function rows(book: Book, wanted: (order: BookOrder) => boolean): readonly object[] {
  return book.orders.filter(wanted).map((order) => orderRow(book, order));
}

function orderRow(book: Book, order: BookOrder): object {
  const { orderId, pair, side, type, quantity, price, filled, cost, status, time } = order;
  return {
    symbol: pair.id,
    orderId,
    orderListId: -1,
    clientOrderId: book.nameOf(order),
    price,
    origQty: quantity,
    executedQty: filled,
    cummulativeQuoteQty: cost,
    status,
    timeInForce: 'GTC',
    type,
    side,
    time,
    updateTime: time,
  };
}

function tradeRow({ id, order, quantity, price, fee, feeAsset, time }: BookTrade): object {
  return {
    symbol: order.pair.id,
    id,
    orderId: order.orderId,
    orderListId: -1,
    price,
    qty: quantity,
    commission: fee,
    commissionAsset: feeAsset,
    time,
    isBuyer: order.side === 'BUY',
    isMaker: order.type !== 'MARKET',
    isBestMatch: true,
  };
}

function fillRow({ id, quantity, price, fee, feeAsset }: BookTrade): object {
  return { price, qty: quantity, commission: fee, commissionAsset: feeAsset, tradeId: id };
}

function listing({ id, base, quote, tickSize, stepSize, minNotional }: (typeof PAIRS)[number]): object {
  return {
    symbol: id,
    status: 'TRADING',
    baseAsset: base,
    baseAssetPrecision: 8,
    quoteAsset: quote,
    quotePrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
    isSpotTradingAllowed: true,
    permissions: ['SPOT'],
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000.00', tickSize },
      { filterType: 'LOT_SIZE', minQty: stepSize, maxQty: '9000.00000000', stepSize },
      { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '100.00000000', stepSize: '0.00000000' },
      { filterType: 'NOTIONAL', minNotional, applyMinToMarket: true, maxNotional: '9000000.00000000' },
    ],
  };
}

function right(body: unknown): Answer {
  return { status: 200, body };
}

function refused({ code, msg }: Refusal): Answer {
  return { status: 400, body: { code, msg } };
}
