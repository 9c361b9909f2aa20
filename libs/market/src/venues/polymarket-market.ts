/**
 * Polymarket's answers about a market, from its order book (CLOB) and from its catalogue (Gamma), read and checked.
 * Pure.
 *
 * Outcomes are only taken as yes and no where they are called so: "Up" and "Down", or two teams, are neither.
 */
import Big from 'big.js';
import type { MarketSide } from '../price.ts';
import {
  flag,
  flagOrNull,
  isBetween,
  type JsonObject,
  listOf,
  notUnderstood,
  objectOf,
  shown,
  text,
  textOrNull,
  timeOrNull,
  type UnitDecimal,
  unitDecimalOf,
} from './http-fields.ts';

/** One outcome of a market as either source tells it. */
interface Outcome {
  readonly label: string;
  /** Null where there is none: a market of before the order book. */
  readonly tokenId: string | null;
  readonly price: UnitDecimal;
  /** What the order book says of it; null in the catalogue, which says nothing. */
  readonly winner: boolean | null;
}

export interface PolymarketMarket {
  readonly source: 'clob' | 'gamma';
  /** In lower case. */
  readonly conditionId: string;
  readonly question: string;
  readonly closed: boolean;
  readonly outcomes: readonly Outcome[];
  /** Whether the source's own word is that it ended at half each (CLOB), or was resolved by the oracle (Gamma). */
  readonly is5050: boolean;
  readonly isResolved: boolean;
  /** Milliseconds since 1970; the order book tells none. */
  readonly closedAt: number | null;
}

/** The outcomes of a market that has just a yes and a no. */
export type YesNo = Readonly<Record<MarketSide, Outcome>>;

const CONDITION_ID = /^0x[0-9a-f]{64}$/i;
const TOKEN_ID = /^\d{1,80}$/;

/** A conditionId in lower case, or null: it is a number in hex, so its letters may be of either case. */
export function conditionIdOf(symbol: string): string | null {
  return CONDITION_ID.test(symbol) ? symbol.toLowerCase() : null;
}

/** The CLOB's `/markets/{condition_id}`. Throws `VenueUnavailable` for what can't be understood. */
export function readClobMarket(answer: unknown, conditionId: string): PolymarketMarket {
  const place = `polymarket: CLOB market ${conditionId}`;
  const market = objectOf(answer, place);
  checkId(text(market, 'condition_id', place), conditionId, place);
  const tokens = listOf(market.tokens, `${place}: tokens`).map((entry) => objectOf(entry, `${place}: tokens`));
  return {
    source: 'clob',
    conditionId,
    question: textOrNull(market, 'question', place) ?? conditionId,
    closed: flag(market, 'closed', place),
    outcomes: tokens.map((token) => ({
      label: textOrNull(token, 'outcome', place) ?? '',
      tokenId: tokenIdOf(textOrNull(token, 'token_id', place), place),
      price: unitDecimalOf(token.price, 'price', place),
      winner: flag(token, 'winner', place),
    })),
    is5050: flagOrNull(market, 'is_50_50_outcome', place) ?? false,
    isResolved: false,
    closedAt: null,
  };
}

/**
 * The market of this conditionId in Gamma's `/markets?condition_ids=`, or null: the list is looked through, since a
 * parameter that Gamma does not know is answered with an unfiltered one. Throws `VenueUnavailable`.
 */
export function findGammaMarket(answer: unknown, conditionId: string): PolymarketMarket | null {
  const place = 'polymarket: Gamma markets';
  const markets = listOf(answer, place).map((entry) => objectOf(entry, place));
  const found = markets.find(({ conditionId: told }) => typeof told === 'string' && told.toLowerCase() === conditionId);
  return found === undefined ? null : readGammaMarket(found, conditionId);
}

/** One market of Gamma's. Throws `VenueUnavailable`. */
export function readGammaMarket(answer: unknown, conditionId: string): PolymarketMarket {
  const place = `polymarket: Gamma market ${conditionId}`;
  const market = objectOf(answer, place);
  checkId(text(market, 'conditionId', place), conditionId, place);
  const labels = innerList(market, 'outcomes', place);
  const prices = innerList(market, 'outcomePrices', place);
  const tokenIds = textOrNull(market, 'clobTokenIds', place) === null ? null : innerList(market, 'clobTokenIds', place);
  if (prices.length !== labels.length || (tokenIds !== null && tokenIds.length !== labels.length))
    throw notUnderstood(place, 'outcomes, outcomePrices and clobTokenIds must be of one length');
  return {
    source: 'gamma',
    conditionId,
    question: textOrNull(market, 'question', place) ?? conditionId,
    closed: flag(market, 'closed', place),
    outcomes: labels.map((label, index) => ({
      label,
      tokenId: tokenIdOf(tokenIds?.[index] ?? null, place),
      price: unitDecimalOf(prices[index], 'outcomePrices', place),
      winner: null,
    })),
    is5050: false,
    isResolved: textOrNull(market, 'umaResolutionStatus', place) === 'resolved',
    closedAt: timeOrNull(market, 'closedTime', place),
  };
}

/** Its yes and no, or in words why it has none. */
export function yesNoOf({ outcomes }: PolymarketMarket): YesNo | string {
  const yes = outcomes.find(({ label }) => label.toLowerCase() === 'yes');
  const no = outcomes.find(({ label }) => label.toLowerCase() === 'no');
  if (outcomes.length === 2 && yes !== undefined && no !== undefined) return { yes, no };
  const labels = outcomes.slice(0, 4).map(({ label }) => shown(label));
  return `its outcomes are ${labels.join(', ') || 'none'}, not "Yes" and "No"`;
}

/** The CLOB's `/price`: the price of a token, or null for 0 and 1: nobody offers. Throws `VenueUnavailable`. */
export function readPrice(answer: unknown, tokenId: string): UnitDecimal | null {
  const place = `polymarket: price of token ${tokenId}`;
  const price = unitDecimalOf(objectOf(answer, place).price, 'price', place);
  return isBetween(price) ? price : null;
}

/** Whether two payouts are half each, exactly. */
export function isHalfEach({ yes, no }: YesNo): boolean {
  return new Big(yes.price).eq('0.5') && new Big(no.price).eq('0.5');
}

/** Gamma writes its lists as JSON inside a text; their entries are texts. */
function innerList(market: JsonObject, name: string, place: string): readonly string[] {
  let list: unknown;
  try {
    list = JSON.parse(text(market, name, place));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw notUnderstood(place, `${name} must hold JSON`);
  }
  const entries = listOf(list, `${place}: ${name}`);
  if (!entries.every((entry) => typeof entry === 'string')) throw notUnderstood(place, `${name} must hold texts`);
  return entries;
}

function checkId(told: string, conditionId: string, place: string): void {
  if (told.toLowerCase() !== conditionId) throw notUnderstood(place, `the answer is about ${shown(told)}`);
}

function tokenIdOf(tokenId: string | null, place: string): string | null {
  if (tokenId !== null && !TOKEN_ID.test(tokenId)) throw notUnderstood(place, 'a token id must be digits');
  return tokenId;
}
