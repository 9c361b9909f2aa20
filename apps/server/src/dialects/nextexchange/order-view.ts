/** Orders and portfolios as the NEXT.exchange dialect shows them: numbers on this wire. Pure. */
import { isOver } from '#libs/account';
import type { EquityPoint, OrderDocument } from '#libs/views';
import type { Portfolio } from '../../accounts/portfolio.ts';
import { PAPER, type TradeTerms } from '../../accounts/terms.ts';

export function renderOrder(order: OrderDocument): object {
  const reason = reasonOf(order);
  return {
    orderId: order.orderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    quantity: Number(order.quantity),
    price: numberOf(order.price),
    status: order.status,
    filledQuantity: Number(order.filledQuantity),
    averagePrice: numberOf(order.averagePrice),
    fee: Number(order.fee),
    slippage: Number(order.slippage),
    signalId: order.signalId,
    createdAt: order.createdAt,
    ...(isBeingCancelled(order) && { cancelRequested: true }),
    ...(reason !== null && { reason }),
  };
}

/** Whether the venue is to end the order, and has not said that it is over. */
function isBeingCancelled(order: OrderDocument): boolean {
  return order.cancelRequestedAt !== null && !isOver(order);
}

/** Why an order is not what was wanted; null where nobody said so. */
export function reasonOf({ rejected, unresolved, cancelled, status }: OrderDocument): string | null {
  if (status === 'rejected' && rejected !== null) return `${rejected.code}: ${rejected.reason}`;
  if (status === 'unresolved' && unresolved !== null) return unresolved.reason;
  if (status === 'cancelled' && cancelled !== null && cancelled.by !== 'agent')
    return `${cancelled.by}: ${cancelled.reason ?? 'no reason was told'}`;
  return null;
}

/** What stands beside orders: that prices are invented, and how paper fills. */
export function marksOf(orders: readonly OrderDocument[], terms: TradeTerms): object {
  return {
    ...(orders.some(({ broker }) => broker === PAPER) && { fillModel: fillModelOf(terms) }),
    ...(orders.some(({ simulated }) => simulated) && { simulated: true }),
  };
}

/** How orders on paper are filled today. */
export function fillModelOf({ feeRate, slippage }: TradeTerms): object {
  return {
    name: 'last-price',
    market: 'whole, at once, at the last price, worse by the slippage',
    limit: 'whole, at its limit when a price touches it; at the price where the market had passed it',
    fee: Number(feeRate),
    slippage: Number(slippage),
  };
}

export function renderPortfolio({ positions, ...sums }: Portfolio): object {
  return {
    totalValue: Number(sums.totalValue),
    cash: Number(sums.cash),
    freeCash: Number(sums.freeCash),
    positions: positions.map((one) => ({
      symbol: one.symbol,
      quantity: Number(one.quantity),
      free: Number(one.free),
      averageCost: Number(one.averageCost),
      price: numberOf(one.price),
      value: numberOf(one.value),
      unrealizedPnl: numberOf(one.unrealizedPnl),
    })),
    realizedPnl: Number(sums.realizedPnl),
    fees: Number(sums.fees),
  };
}

export function renderEquity(points: readonly EquityPoint[]): readonly object[] {
  return points.map(({ at, equity, why }) => ({ at, equity: Number(equity), why }));
}

export function numberOf(value: string | null): number | null {
  return value === null ? null : Number(value);
}
