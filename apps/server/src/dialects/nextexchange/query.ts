/** Query strings. Pure, but for the coins, which are asked for. Each throws `Fault` `invalid` naming the parameter. */
import { ORDER_STATUSES, type OrderStatus } from '#libs/account';
import {
  CHART_INTERVALS,
  type ChartInterval,
  MOST_BOOK_LEVELS,
  MOST_CHART_CANDLES,
  VenueUnavailable,
} from '#libs/market';
import type { Coin, Quotes } from '../../accounts/quotes.ts';
import { Fault } from '../../http/fault.ts';
import { oneOf, type Query, single, wholeNumber } from '../../http/query.ts';
import { AgentFault } from './errors.ts';

export const MOST_COINS = 50;
export const CANDLES = 100;
export const BOOK_LEVELS = 20;
export const INTERVALS = Object.keys(CHART_INTERVALS) as [ChartInterval, ...ChartInterval[]];
export const PAGE = 50;
export const LONGEST_PAGE = 200;

/** The coins named by `coins=`, each once; null where it is not given. */
export async function coinsOf(query: Query, quotes: Quotes): Promise<readonly Coin[] | null> {
  const names = namesOf(query);
  if (names === null) return null;
  const found = await Promise.all(names.map((name) => coinNamed(name, quotes, 'coins')));
  return [...new Map(found.map((coin) => [coin.symbol, coin])).values()];
}

/**
 * The symbols of the coins named by `coins=`, each once; null where it is not given. The price source is not asked: a
 * coin may be spoken of that it does not trade, those of `spokenOf` and those that are known by name.
 */
export function symbolsOf(query: Query, quotes: Quotes, spokenOf: ReadonlyMap<string, unknown>): string[] | null {
  const names = namesOf(query);
  if (names === null) return null;
  const found = names.map((name) => {
    const upper = name.toUpperCase();
    const symbol = spokenOf.has(upper) ? upper : quotes.coin(name)?.symbol;
    if (symbol === undefined) throw unknownCoin('coins', 'is known here');
    return symbol;
  });
  return [...new Set(found)];
}

function namesOf(query: Query): readonly string[] | null {
  const text = single(query, 'coins');
  if (text === undefined) return null;
  const names = new Set(text.split(',').map((name) => name.trim()));
  if (names.size > MOST_COINS)
    throw new Fault('invalid', `coins names at most ${MOST_COINS} of them`, { field: 'coins' });
  return [...names];
}

export async function coinOf(query: Query, quotes: Quotes): Promise<Coin> {
  const text = single(query, 'coin');
  if (text === undefined) throw new AgentFault('missing_field', { field: 'coin', message: 'coin is required' });
  return coinNamed(text, quotes, 'coin');
}

/**
 * A coin by its id or its symbol, one that the price source lists. @throws AgentFault `invalid_field` for any other,
 * `quote_unavailable` where the source can't be asked.
 */
export async function coinNamed(text: string, quotes: Quotes, field: string): Promise<Coin> {
  let coin: Coin | null;
  try {
    coin = await quotes.find(text);
  } catch (error) {
    if (!(error instanceof VenueUnavailable)) throw error;
    const message = `the price source can not be asked: ${error.message}`;
    throw new AgentFault('quote_unavailable', { field, message, cause: error });
  }
  if (coin !== null) return coin;
  throw unknownCoin(field, 'is traded here');
}

function unknownCoin(field: string, what: string): AgentFault {
  return new AgentFault('invalid_field', { field, message: `${field}: no coin of this id or symbol ${what}` });
}

export function chartOf(query: Query): { readonly interval: ChartInterval; readonly limit: number } {
  return {
    interval: oneOf(query, 'interval', INTERVALS) ?? '1h',
    limit: wholeNumber(query, 'limit', 1, MOST_CHART_CANDLES) ?? CANDLES,
  };
}

export function depthOf(query: Query): number {
  return wholeNumber(query, 'depth', 1, MOST_BOOK_LEVELS) ?? BOOK_LEVELS;
}

interface PageRequest {
  /** Where the page begins: the place of the last one of the page before. */
  readonly cursor: bigint | null;
  readonly limit: number;
}

const CURSOR = /^\d{1,18}$/;

export function pageOf(query: Query): PageRequest {
  const cursor = single(query, 'cursor');
  if (cursor !== undefined && !CURSOR.test(cursor))
    throw new Fault('invalid', 'cursor is a next_cursor that a list answered', { field: 'cursor' });
  return {
    cursor: cursor === undefined ? null : BigInt(cursor),
    limit: wholeNumber(query, 'limit', 1, LONGEST_PAGE) ?? PAGE,
  };
}

export function orderStatusOf(query: Query): OrderStatus | undefined {
  return oneOf(query, 'status', ORDER_STATUSES);
}
