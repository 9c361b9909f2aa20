/**
 * What a market of Polymarket pays, by what its order book and its catalogue say. Pure.
 *
 * The order book's `winner` decides. Its price and `closed` alone never do: of a hundred recorded markets 39 are closed
 * at 0 and 1 with no winner named, and 18 are closed at 0 and 0. The catalogue decides where the oracle has resolved the
 * market and the prices are exact payouts: 1 and 0, or half each.
 */
import type { Settlement } from '../venue.ts';
import { isHalfEach, type PolymarketMarket, type YesNo, yesNoOf } from './polymarket-market.ts';

export type PolymarketSettlement =
  { readonly state: 'waiting'; readonly reason: string } | Omit<Extract<Settlement, { state: 'settled' }>, 'raw'>;

export function settlementOf(market: PolymarketMarket): PolymarketSettlement {
  const sides = yesNoOf(market);
  if (typeof sides === 'string') return waiting(sides);
  if (!market.closed) return waiting('it is not closed');
  return market.source === 'clob' ? ofClob(market, sides) : ofGamma(market, sides);
}

function ofClob(market: PolymarketMarket, sides: YesNo): PolymarketSettlement {
  const { yes, no } = sides;
  if (yes.winner === true && no.winner === true) return waiting('it names two winners');
  const named = yes.winner === true || no.winner === true;
  if (market.is5050) {
    if (named) return waiting('it names a winner and is marked as 50/50');
    return isHalfEach(sides) ? halfEach(market) : waiting(`it is marked as 50/50, but stands at ${pair(sides)}`);
  }
  if (named) return won(market, yes.winner === true);
  return waiting(`it is closed at ${pair(sides)}, but no winner is named`);
}

function ofGamma(market: PolymarketMarket, sides: YesNo): PolymarketSettlement {
  const { yes, no } = sides;
  const at = `it is closed at ${pair(sides)}`;
  if (!market.isResolved) return waiting(`${at}, but not marked as resolved`);
  if (isHalfEach(sides)) return halfEach(market);
  if (yes.price === '1' && no.price === '0') return won(market, true);
  if (yes.price === '0' && no.price === '1') return won(market, false);
  return waiting(`${at}, which is no payout`);
}

function won({ closedAt }: PolymarketMarket, yes: boolean): PolymarketSettlement {
  return { state: 'settled', yesPayout: yes ? '1' : '0', outcome: yes ? 'yes' : 'no', at: closedAt };
}

function halfEach({ closedAt }: PolymarketMarket): PolymarketSettlement {
  return { state: 'settled', yesPayout: '0.5', outcome: '50/50', at: closedAt };
}

function pair({ yes, no }: YesNo): string {
  return `${yes.price}/${no.price}`;
}

function waiting(reason: string): PolymarketSettlement {
  return { state: 'waiting', reason };
}
