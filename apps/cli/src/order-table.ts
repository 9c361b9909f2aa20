/** What tables of orders have in common. */
import type { Decimal, OrderSide, OrderStatus, OrderType } from '#libs/account';

interface TabledOrder {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly filledQuantity: Decimal;
  readonly price: Decimal | null;
  readonly status: OrderStatus;
}

/** Headings of `orderCells`. */
export const ORDER_HEADINGS = ['SYMBOL', 'SIDE', 'TYPE', 'QUANTITY', 'FILLED', 'PRICE', 'STATUS'] as const;

export function orderCells(order: TabledOrder): readonly string[] {
  const { symbol, side, type, quantity, filledQuantity, price, status } = order;
  return [symbol, side, type, quantity, filledQuantity, price ?? '-', status];
}
