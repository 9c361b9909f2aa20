/** Orders, trades and rules as ccxt tells them, in our words. What can't be understood is refused, naming the field. */
import type { MarketInterface } from 'ccxt';
import Big from 'big.js';
import type { PairRules, Trade, VenueOrder } from '../broker.ts';

type Told = Readonly<Record<string, unknown>>;

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;
const MOST_DIGITS = 60;

/** `closed` is not "filled": some venues say it of what was filled in part and cancelled. */
const STATUSES: ReadonlyMap<unknown, VenueOrder['status']> = new Map([
  ['closed', 'closed'],
  ['canceled', 'cancelled'],
  ['cancelled', 'cancelled'],
  ['expired', 'cancelled'],
  ['rejected', 'rejected'],
]);

/** @throws Error naming the field */
export function venueOrderOf(told: unknown): VenueOrder {
  const order = objectOf(told, 'an order');
  return {
    venueOrderId: idOf(order['id'], 'id of an order'),
    clientOrderId: textOrNull(order['clientOrderId']),
    side: sideOf(order['side']),
    // What is on its way in or out (`canceling`, a venue's own word) is not over.
    status: STATUSES.get(order['status']) ?? 'open',
    filled: numberOrNull(order['filled'], 'filled'),
  };
}

/** @throws Error naming the field */
export function tradeOf(told: unknown): Trade {
  const trade = objectOf(told, 'a trade');
  const { fee, feeCurrency } = feeOf(trade);
  const at = trade['timestamp'];
  if (!Number.isSafeInteger(at)) throw new Error(`timestamp of a trade: ${shown(at)} is not a moment`);
  return {
    tradeId: idOf(trade['id'], 'id of a trade'),
    venueOrderId: textOrNull(trade['order']),
    side: sideOf(trade['side']),
    quantity: positive(trade['amount'], 'amount'),
    price: positive(trade['price'], 'price'),
    fee,
    feeCurrency,
    at: at as number,
  };
}

/** ccxt tells a fee as one or as several; of several currencies, which no spot venue takes at once, the first counts. */
function feeOf(trade: Told): Pick<Trade, 'fee' | 'feeCurrency'> {
  const several = trade['fees'];
  const fees = [...(Array.isArray(several) ? (several as unknown[]) : []), trade['fee']].filter(
    (one): one is Told => one !== null && typeof one === 'object' && (one as Told)['cost'] !== undefined,
  );
  const [first] = fees;
  if (first === undefined || first['cost'] === null) return { fee: '0', feeCurrency: null };
  return { fee: plain(first['cost'], 'fee'), feeCurrency: textOrNull(first['currency']) };
}

/** The rules of a pair. `inSteps`: ccxt tells the venue's precisions as step sizes; else they are left to ccxt. */
export function rulesOf(market: MarketInterface, inSteps: boolean): PairRules {
  const limits = market.limits as unknown as Readonly<Record<string, Told | undefined>>;
  const of = (name: string, end: 'min' | 'max'): string | null =>
    numberOrNull(limits[name]?.[end], `limits.${name}.${end}`);
  const step = (name: 'amount' | 'price'): string | null => {
    const told = inSteps ? numberOrNull(market.precision[name], `precision.${name}`) : null;
    return told === null || new Big(told).lte(0) ? null : told;
  };
  return {
    pair: market.symbol,
    base: market.base,
    quote: market.quote,
    quantityStep: step('amount'),
    priceStep: step('price'),
    leastQuantity: of('amount', 'min'),
    mostQuantity: of('amount', 'max'),
    mostMarketQuantity: of('market', 'max'),
    leastPrice: of('price', 'min'),
    mostPrice: of('price', 'max'),
    leastCost: of('cost', 'min'),
    mostCost: of('cost', 'max'),
  };
}

function numberOrNull(value: unknown, field: string): string | null {
  return value === undefined || value === null || value === '' ? null : plain(value, field);
}

function positive(value: unknown, field: string): string {
  const told = plain(value, field);
  if (new Big(told).lte(0)) throw new Error(`${field} of a trade: ${told} is not above 0`);
  return told;
}

/** A number that the venue wrote in any form, as a plain decimal. */
function plain(value: unknown, field: string): string {
  const text = String(value);
  if (text.length > MOST_DIGITS || !NUMBER.test(text)) throw new Error(`${field}: ${shown(value)} is not a number`);
  return new Big(text).toFixed();
}

function idOf(value: unknown, field: string): string {
  const text = textOrNull(value);
  if (text === null) throw new Error(`${field}: the venue told none`);
  return text;
}

function textOrNull(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

function sideOf(value: unknown): VenueOrder['side'] {
  return value === 'buy' || value === 'sell' ? value : null;
}

function objectOf(value: unknown, what: string): Told {
  if (value === null || typeof value !== 'object') throw new Error(`${what} is ${shown(value)}`);
  return value as Told;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60);
}
