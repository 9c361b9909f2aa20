/**
 * What a fill does to cash and to a holding: the one arithmetic that accounts are decided by and views are folded with.
 *
 * A price is in US dollars. A fee is paid in dollars, or in pieces of what is traded, or in a currency that the account
 * does not keep. With fees in pieces a buy brings the fewer and a sell takes the more; those pieces count as fee at the
 * price of the fill. So over every history, without loss to rounding:
 * cash + Σ cost of holdings = balance + realized − fees.
 */
import { compare, multiply, negate, shareOf, smaller, subtract, sum } from './decimal.ts';
import type { OrderFilled } from './events.ts';
import type { Decimal, SignedDecimal } from './values.ts';

/** A fee in it is taken from cash. */
export const DOLLARS = 'USD';

/** A trade as a report of it tells it. */
export type Trade = Pick<OrderFilled['data'], 'symbol' | 'side' | 'quantity' | 'price' | 'fee' | 'feeCurrency'>;

/** Pieces and what they cost. */
export interface Lot {
  /** Negative only where a venue reported more sold than there was. */
  readonly quantity: SignedDecimal;
  /** US dollars, fees left out; negative with a negative quantity: what those pieces were sold for. */
  readonly cost: SignedDecimal;
}

/** How much cash changes, its fee included where that is in dollars. */
export function cashOf({ side, quantity, price, fee, feeCurrency }: Trade): SignedDecimal {
  const value = multiply(quantity, price);
  return subtract(side === 'buy' ? negate(value) : value, feeCurrency === DOLLARS ? fee : '0');
}

/** How many pieces the holding changes by, less the fee where that is in pieces. */
export function piecesOf({ symbol, side, quantity, fee, feeCurrency }: Trade): SignedDecimal {
  return subtract(side === 'buy' ? quantity : negate(quantity), feeCurrency === symbol ? fee : '0');
}

/** The fee in US dollars; `0` where it was taken in a currency that the account does not keep. */
export function feeOf({ symbol, price, fee, feeCurrency }: Trade): SignedDecimal {
  if (feeCurrency === DOLLARS) return fee;
  return feeCurrency === symbol ? multiply(fee, price) : '0';
}

/**
 * What a trade realises, US dollars, fees left out: the proceeds of the pieces that it takes from a holding less their
 * part of its cost (cost × pieces ÷ quantity, 18 places, half to even; the last pieces take the rest exactly).
 * `0` where it adds. Pieces sold beyond the holding realise when a later buy covers them.
 */
export function realizedBy({ quantity, cost }: Lot, trade: Trade): SignedDecimal {
  const pieces = piecesOf(trade);
  const held = compare(quantity, '0');
  if (held === 0 || held === compare(pieces, '0')) return '0';
  const closed = smaller(absolute(pieces), absolute(quantity));
  const proceeds = multiply(closed, trade.price, String(held));
  return subtract(proceeds, shareOf(cost, closed, absolute(quantity)));
}

/** A holding after a fill that realised `realized`. What else is known of the holding stays as it is. */
export function bookFill<Held extends Lot>(holding: Held, fill: Trade & Pick<OrderFilled['data'], 'realized'>): Held {
  const pieces = piecesOf(fill);
  return {
    ...holding,
    quantity: sum(holding.quantity, pieces),
    // Nothing is divided here: that what was realised is exact keeps the sum of all money exact.
    cost: sum(holding.cost, multiply(pieces, fill.price), fill.realized),
  };
}

/** The worth of pieces with the fee on it: `quantity` × `price` × (1 + `feeRate`). */
export function withFee(quantity: Decimal, price: Decimal, feeRate: Decimal): Decimal {
  return multiply(quantity, price, sum('1', feeRate));
}

function absolute(value: SignedDecimal): Decimal {
  return value.startsWith('-') ? value.slice(1) : value;
}
