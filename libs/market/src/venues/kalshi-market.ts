/**
 * Kalshi's answers about markets, read and checked. Pure.
 *
 * Prices are the `*_dollars` texts; the integer cents of older answers serve only where those are absent. Field names
 * and lifecycle: docs.kalshi.com, pages "fixed point migration" and "market lifecycle".
 */
import Big from 'big.js';
import type { MarketSide } from '../price.ts';
import type { Settlement } from '../venue.ts';
import {
  flagOrNull,
  isBetween,
  type JsonObject,
  listOf,
  notUnderstood,
  objectOf,
  restToOne,
  shown,
  text,
  textOrNull,
  timeOrNull,
  type UnitDecimal,
  unitTextOrNull,
} from './http-fields.ts';

export interface KalshiMarket {
  readonly ticker: string;
  readonly title: string;
  /** What buying one of a side costs now; null where nobody offers and nothing was traded, or trading is not open. */
  readonly prices: Readonly<Record<MarketSide, UnitDecimal | null>>;
  /** How it stands, but for the answer's text. */
  readonly settlement: KalshiSettlement;
}

type KalshiSettlement =
  { readonly state: 'waiting'; readonly reason: string } | Omit<Extract<Settlement, { state: 'settled' }>, 'raw'>;

const TICKER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/;

/** Whether a text can be a ticker at all: only such are put into a URL. */
export function isTicker(ticker: string): boolean {
  return TICKER.test(ticker);
}

/** `{market}`, the answer about one ticker. Throws `VenueUnavailable` for what can't be understood. */
export function readMarket(answer: unknown, ticker: string): KalshiMarket {
  const place = `kalshi: market ${ticker}`;
  return marketOf(objectOf(objectOf(answer, place).market, `${place}: market`), ticker);
}

/**
 * `{markets}`, the answer about several tickers: each market by its ticker, unread, so that one that can't be
 * understood spoils no other. Throws `VenueUnavailable`.
 */
export function readMarketList(answer: unknown): ReadonlyMap<string, JsonObject> {
  const place = 'kalshi: markets';
  const markets = listOf(objectOf(answer, place).markets, place).map((entry) => objectOf(entry, place));
  return new Map(markets.map((market) => [text(market, 'ticker', place), market]));
}

/** One market. Throws `VenueUnavailable`, also where it is another one than was asked for. */
export function marketOf(market: JsonObject, ticker: string): KalshiMarket {
  const place = `kalshi: market ${ticker}`;
  const told = text(market, 'ticker', place);
  if (told !== ticker) throw notUnderstood(place, `the answer is about ${shown(told)}`);
  const status = text(market, 'status', place);
  return {
    ticker,
    title: textOrNull(market, 'title', place) ?? ticker,
    prices: pricesOf(market, status, place),
    settlement: settlementOf(market, status, place),
  };
}

function pricesOf(market: JsonObject, status: string, place: string): KalshiMarket['prices'] {
  const yesAsk = dollars(market, 'yes_ask', place);
  const noAsk = dollars(market, 'no_ask', place);
  const last = dollars(market, 'last_price', place);
  // What stands there once trading has stopped is no price anyone gets.
  if (status !== 'active') return { yes: null, no: null };
  return { yes: yesAsk ?? last, no: noAsk ?? (last === null ? null : restToOne(last)) };
}

/** A price of a market, from its dollars or else its cents; null where it is absent, 0 or 1: nobody offers. */
function dollars(market: JsonObject, name: string, place: string): UnitDecimal | null {
  const price = unitTextOrNull(market, `${name}_dollars`, place) ?? cents(market, name, place);
  return price !== null && isBetween(price) ? price : null;
}

function cents(market: JsonObject, name: string, place: string): UnitDecimal | null {
  const value = Object.hasOwn(market, name) ? market[name] : undefined;
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 100)
    throw notUnderstood(place, `${name} must be whole cents from 0 to 100`);
  return new Big(value).div(100).toFixed();
}

/** What one YES pays by the venue's word; a scalar's payout is its own. */
const PAYOUTS: ReadonlyMap<string, string> = new Map([
  ['yes', '1'],
  ['no', '0'],
]);

/** Only `finalized` is for good: `determined` may still be disputed and amended. */
function settlementOf(market: JsonObject, status: string, place: string): KalshiSettlement {
  const result = textOrNull(market, 'result', place);
  const at = timeOrNull(market, 'settlement_ts', place);
  const payout = unitTextOrNull(market, 'settlement_value_dollars', place);
  const isProvisional = flagOrNull(market, 'is_provisional', place) ?? false;
  if (status !== 'finalized') return waiting(`its status is ${shown(status)}, not yet "finalized"`);
  if (isProvisional) return waiting('it is finalized, but marked as provisional');
  if (at === null) return waiting('it is finalized, but settlement_ts is missing');
  if (result === null) return waiting('it is finalized, but result is missing');
  // Returned at cost: such a market has no payout.
  if (result === 'void') return { state: 'settled', yesPayout: null, outcome: 'void', at };
  if (payout === null) return waiting('it is finalized, but settlement_value_dollars is missing');
  const due = PAYOUTS.get(result);
  if (due === undefined && result !== 'scalar') return waiting(`its result ${shown(result)} is not a known one`);
  if (due !== undefined && due !== payout) return waiting(`its result ${shown(result)} and payout ${payout} disagree`);
  return { state: 'settled', yesPayout: payout, outcome: result, at };
}

function waiting(reason: string): KalshiSettlement {
  return { state: 'waiting', reason };
}
