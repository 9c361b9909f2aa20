/**
 * How each exchange is told a client order id through ccxt, and asked by it. ccxt's unified `clientOrderId` is right at
 * some, lost or sent under a name that the exchange does not know at others. Measured with ccxt 4.5.84.
 */

/** What is added to a request. */
type Params = Readonly<Record<string, string>>;

/**
 * How an order is asked for by client id. `order`: the exchange's own look-up, open or over. `lists`: the open and the
 * closed orders can be asked for it. `none`: it is looked for in whole lists.
 */
type FindWay =
  | { readonly way: 'order'; readonly params: Params }
  | { readonly way: 'lists'; readonly params: Params }
  | { readonly way: 'none' };

/** How it is cancelled: by parameters without an id, by the id in place of the exchange's own, or not at all. */
type CancelWay =
  | { readonly way: 'params'; readonly params: Params }
  | { readonly way: 'id'; readonly id: string }
  | { readonly way: 'none' };

interface ClientIdWays {
  /** The id as the exchange keeps it. */
  readonly id: string;
  readonly create: Params;
  readonly find: FindWay;
  readonly cancel: CancelWay;
}

/** ccxt's unified methods do all three. */
const UNIFIED = new Set([
  'binance',
  'bitget',
  'bitvavo',
  'coinbaseexchange',
  'htx',
  'kucoin',
  'mexc',
  'okx',
  'phemex',
  'whitebit',
  'woo',
]);

/** @param clientOrderId 32 hex digits */
export function clientIdWays(exchange: string, clientOrderId: string): ClientIdWays {
  const unified: Params = { clientOrderId };
  const by = (name: string): Params => ({ [name]: clientOrderId });
  const named = (create: string, native: string): ClientIdWays => ({
    id: clientOrderId,
    create: by(create),
    find: { way: 'order', params: by(native) },
    cancel: { way: 'params', params: by(native) },
  });
  switch (exchange) {
    case 'bybit':
      return {
        id: clientOrderId,
        create: unified,
        find: { way: 'lists', params: by('orderLinkId') },
        cancel: { way: 'params', params: by('orderLinkId') },
      };
    case 'kraken':
      return {
        id: clientOrderId,
        create: unified,
        find: { way: 'lists', params: unified },
        cancel: { way: 'params', params: unified },
      };
    case 'gate': {
      // It takes `t-` and 28 characters at most. The end of a UUIDv7 is the part that differs.
      const id = `t-${clientOrderId.slice(-28)}`;
      const params = { clientOrderId: id };
      return { id, create: params, find: { way: 'order', params }, cancel: { way: 'id', id } };
    }
    case 'bitstamp':
      return {
        id: clientOrderId,
        create: unified,
        find: { way: 'order', params: unified },
        cancel: { way: 'params', params: by('client_order_id') },
      };
    case 'gemini':
      return named('clientOrderId', 'client_order_id');
    case 'upbit':
      return named('clientOrderId', 'identifier');
    case 'cryptocom':
      return named('client_oid', 'client_oid');
    case 'coinbase':
      return { id: clientOrderId, create: by('client_order_id'), find: { way: 'none' }, cancel: { way: 'none' } };
    default: {
      const known = UNIFIED.has(exchange);
      return {
        id: clientOrderId,
        create: unified,
        find: known ? { way: 'order', params: unified } : { way: 'none' },
        cancel: known ? { way: 'params', params: unified } : { way: 'none' },
      };
    }
  }
}

/** Whether ccxt reads orders there by POST: from a request that places one it can't be told, and is never let through. */
export function isReadByPost(exchange: string): boolean {
  return READ_BY_POST.has(exchange);
}

const READ_BY_POST: ReadonlySet<string> = new Set([
  'bitfinex',
  'bitstamp',
  'cryptocom',
  'gemini',
  'kraken',
  'whitebit',
]);

/**
 * For how long after its time stamp an exchange accepts a request, milliseconds; null where ccxt tells it no such
 * window. The window that ccxt sends is set to this.
 */
export function fenceOf(exchange: string): number | null {
  return FENCES.get(exchange) ?? null;
}

const FENCES: ReadonlyMap<string, number> = new Map([
  ['binance', 5_000],
  ['bybit', 5_000],
  ['mexc', 5_000],
]);
