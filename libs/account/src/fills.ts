/** Fills: how a trade on an order is booked, and at what price an order fills on paper. */
import { compare, multiply, smaller, subtract, sum } from './decimal.ts';
import type { OrderFilled } from './events.ts';
import { cashOf, DOLLARS, piecesOf, realizedBy, withFee, type Trade } from './money.ts';
import { NO_HOLDING } from './order-events.ts';
import type { ExistingAccount, Order } from './state.ts';
import { type Decimal, type FillFlag, type Mark, type OrderSide, type SignedDecimal } from './values.ts';

/** A trade on an order as it came to be known. */
export type Told = Pick<
  OrderFilled['data'],
  'tradeId' | 'quantity' | 'price' | 'fee' | 'feeCurrency' | 'slippage' | 'at'
>;

/** The event that books a trade. It is booked whatever it does; what is odd about it is flagged. */
export function filledBy(account: ExistingAccount, order: Order, told: Told): OrderFilled {
  const { orderId, symbol, side } = order;
  const isOpen = account.open.has(orderId);
  const trade: Trade = { ...told, symbol, side };
  const after = compare(sum(order.filled, told.quantity), order.quantity);
  const completes = order.status !== 'filled' && after >= 0;
  return {
    type: 'OrderFilled',
    data: {
      orderId,
      symbol,
      side,
      tradeId: told.tradeId,
      quantity: told.quantity,
      price: told.price,
      fee: told.fee,
      feeCurrency: told.feeCurrency,
      slippage: told.slippage,
      at: told.at,
      released: completes ? order.reserved : releasedBy(order, told.quantity),
      realized: realizedBy(account.holdings.get(symbol) ?? NO_HOLDING, trade),
      completes,
      flags: flagsOf(account, trade, { afterFinish: !isOpen, overfill: after > 0 }),
    },
  };
}

/** What a part of an order sets free: as much as was kept back for that part, and not more than is left. */
function releasedBy({ side, reserved, reservePrice, feeRate }: Order, quantity: Decimal): Decimal {
  return smaller(reserved, side === 'buy' ? withFee(quantity, reservePrice, feeRate) : sum(quantity));
}

function flagsOf(
  account: ExistingAccount,
  trade: Trade,
  { afterFinish, overfill }: { readonly afterFinish: boolean; readonly overfill: boolean },
): readonly FillFlag[] {
  const flags: FillFlag[] = [];
  if (afterFinish) flags.push('after_finish');
  if (overfill) flags.push('overfill');
  const held = account.holdings.get(trade.symbol)?.quantity ?? '0';
  if (fallsBelowZero(account.cash, cashOf(trade)) || fallsBelowZero(held, piecesOf(trade))) flags.push('overdrawn');
  if (compare(trade.fee, '0') !== 0) {
    if (trade.feeCurrency === trade.symbol) flags.push('fee_in_base');
    else if (trade.feeCurrency !== DOLLARS) flags.push('fee_elsewhere');
  }
  return flags;
}

function fallsBelowZero(before: SignedDecimal, change: SignedDecimal): boolean {
  return compare(change, '0') < 0 && compare(sum(before, change), '0') < 0;
}

/** What an order fills at on paper. */
export interface PaperPrice {
  readonly price: Decimal;
  /** Part of the price that is slippage, US dollars a piece. */
  readonly slippage: Decimal;
}

/**
 * The fill model of paper, at the last price: a market order pays that and the slippage on it, or gets it less the
 * slippage; a limit order that the price has reached fills at the price, without slippage, never worse than its limit.
 * Null where the order rests.
 */
export function paperPrice(
  { side, price }: { readonly side: OrderSide; readonly price: Decimal | null },
  quote: Mark | null,
  slippage: Decimal,
): PaperPrice | null {
  if (quote === null) return null;
  if (price === null) {
    const slipped = multiply(quote.price, slippage);
    return {
      price: side === 'buy' ? sum(quote.price, slipped) : subtract(quote.price, slipped),
      slippage: slipped,
    };
  }
  return isReached(side, price, quote.price) ? { price: quote.price, slippage: '0' } : null;
}

/** Whether a limit order may trade at a price: not worse than its limit. */
export function isReached(side: OrderSide, limit: Decimal, price: Decimal): boolean {
  const compared = compare(price, limit);
  return side === 'buy' ? compared <= 0 : compared >= 0;
}

/** A trade on paper: its fee is in dollars, at the order's rate. */
export function onPaper(
  { feeRate }: Pick<Order, 'feeRate'>,
  quantity: Decimal,
  { price, slippage }: PaperPrice,
  { tradeId, at }: Pick<Told, 'tradeId' | 'at'>,
): Told {
  return { tradeId, quantity, price, fee: multiply(quantity, price, feeRate), feeCurrency: DOLLARS, slippage, at };
}
