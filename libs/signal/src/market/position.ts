/**
 * The position that a signal's fills and exits add up to. Sizes are money: quantity = money ÷ price (outcome rules,
 * rule 18). The unit of money is one percent of the original investment.
 */
import type { Decimal } from '../events.ts';
import type { Result, SignedDecimal } from '../market-events.ts';
import { exact, type Exact, kept, told } from './exact.ts';

export interface Position {
  /** Put in so far. */
  readonly money: Decimal;
  /** Bought in all, and still held. */
  readonly bought: Decimal;
  readonly held: Decimal;
  /** What exits brought: quantity × price. */
  readonly returned: Decimal;
  /** Percent of the position that is closed. */
  readonly closed: Decimal;
  readonly firstPrice: Decimal;
  /** Money at risk at the match, of the first fill (rule 20); null where no stop lay on the losing side of it. */
  readonly risk: Decimal | null;
}

/** 1 where profit lies at higher prices, −1 where it lies at lower ones. */
export type TradeSign = 1 | -1;

/** The position after its first fill. */
export function opened(price: Decimal, share: Decimal, stop: Decimal | null, sign: TradeSign): Position {
  const quantity = exact(share).div(price);
  const perPiece = stop === null ? null : exact(price).minus(stop).times(sign);
  return {
    money: share,
    bought: kept(quantity),
    held: kept(quantity),
    returned: '0',
    closed: '0',
    firstPrice: price,
    risk: perPiece === null || perPiece.lte(0) ? null : kept(perPiece.times(quantity)),
  };
}

/** More bought. */
export function increased(position: Position, price: Decimal, share: Decimal): Position {
  const quantity = exact(share).div(price);
  return {
    ...position,
    money: kept(exact(position.money).plus(share)),
    bought: kept(exact(position.bought).plus(quantity)),
    held: kept(exact(position.held).plus(quantity)),
  };
}

/** A share of the position sold; the rest of it is sold whole, so that nothing is left by rounding. */
export function decreased(position: Position, price: Decimal, share: Decimal): Position {
  const left = exact(openShare(position));
  const all = exact(share).gte(left);
  const quantity = all ? exact(position.held) : exact(position.held).times(share).div(left);
  return {
    ...position,
    held: all ? '0' : kept(exact(position.held).minus(quantity)),
    returned: kept(exact(position.returned).plus(quantity.times(price))),
    closed: all ? '100' : kept(exact(position.closed).plus(share)),
  };
}

/** Percent of the position that is still open. */
export function openShare({ closed }: Position): Decimal {
  return kept(exact('100').minus(closed));
}

/** Average of everything bought. */
export function averageEntry({ money, bought }: Position): Decimal {
  return told(exact(money).div(bought));
}

export interface Measured {
  readonly result: Result;
  /** Profit over all money put in, in percent. */
  readonly resultPct: SignedDecimal;
  /** Profit over the risk at the match; null without one. */
  readonly resultR: SignedDecimal | null;
}

/** What a position came to; with a `mark`, what it would if the rest were sold at it. */
export function measured(position: Position, sign: TradeSign, mark: Decimal | null = null): Measured {
  const profit = profitOf(position, sign, mark);
  return {
    result: profit.gt(0) ? 'win' : profit.lt(0) ? 'loss' : 'push',
    resultPct: told(profit.div(position.money).times(100)),
    resultR: position.risk === null ? null : told(profit.div(position.risk)),
  };
}

function profitOf({ returned, held, money }: Position, sign: TradeSign, mark: Decimal | null): Exact {
  const value = mark === null ? exact(returned) : exact(returned).plus(exact(held).times(mark));
  const profit = value.minus(money).times(sign);
  // Divisions end after 40 places; what is left of them is no profit.
  return profit.round(30, 1);
}
