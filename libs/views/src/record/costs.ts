/** Fees and slippage: settings of whoever looks at a record, never part of an event. */
import { decreased } from '#libs/signal';
import type { Decimal, Position, SignedDecimal } from '#libs/signal';
import type { SettlementView, SignalDocument } from '../signals/document.ts';
import { type Figure, figure, told } from '../figures.ts';

/** Percent of the money of each fill and of each exit. */
export interface CostRates {
  readonly feePct: Decimal;
  readonly slippagePct: Decimal;
}

/** A result, or what an open position would come to. */
export interface Outcome {
  readonly resultPct: SignedDecimal | null;
  readonly resultR: SignedDecimal | null;
}

/**
 * The outcome less what its trades cost: (fee + slippage) percent of the money of every fill and of every exit, so of
 * all money put in and all that exits brought. What a prediction market pays at its resolution, or returns where it is
 * void, is no trade and costs nothing; nor does a mark. Both figures with 8 places.
 */
export function lessCosts(
  { resultPct, resultR }: Outcome,
  { position, settlement }: Pick<SignalDocument, 'position' | 'settlement'>,
  { feePct, slippagePct }: CostRates,
): Outcome {
  const rate = figure(feePct).plus(slippagePct).div(100);
  if (position === null || rate.eq(0)) return { resultPct: toldOrNull(resultPct), resultR: toldOrNull(resultR) };
  const costs = rate.times(figure(position.money).plus(traded(position, settlement).returned));
  return {
    resultPct: resultPct === null ? null : told(figure(resultPct).minus(costs.div(position.money).times(100))),
    resultR: resultR === null || position.risk === null ? null : told(less(resultR, costs.div(position.risk))),
  };
}

/** The position with all that was sold at a price on a market. */
function traded(position: Position, settlement: SettlementView | null): Position {
  if (settlement === null || settlement.price === null) return position;
  if (settlement.by === 'resolved' || settlement.by === 'void') return position;
  return decreased(position, settlement.price, settlement.share);
}

function less(value: SignedDecimal, costs: Figure): Figure {
  return figure(value).minus(costs);
}

function toldOrNull(value: SignedDecimal | null): SignedDecimal | null {
  return value === null ? null : told(figure(value));
}
