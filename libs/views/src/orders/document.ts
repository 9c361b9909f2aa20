/** What a reader gets to know of an order. */
import type {
  CancelledBy,
  Decimal,
  FillFlag,
  Instant,
  OrderSide,
  OrderStatus,
  OrderType,
  SignedDecimal,
} from '#libs/account';
import type { ViewDocument } from '#libs/sourcing';

/**
 * One order, folded from those events of its account's stream that name it. Nothing in it is ever undefined: what is
 * not there is null. Keys have one fixed order. Money is US dollars, quantities are pieces.
 */
export interface OrderDocument extends ViewDocument {
  /** `<account id>.<order id>`. */
  readonly id: string;
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  /** The total, what is filled included. */
  readonly quantity: Decimal;
  /** Of a limit order; null for a market order. */
  readonly price: Decimal | null;
  readonly status: OrderStatus;
  readonly filledQuantity: Decimal;
  /** Sum of quantity × price of its fills. */
  readonly filledValue: Decimal;
  /** `filledValue` ÷ `filledQuantity`; null while nothing is filled. */
  readonly averagePrice: Decimal | null;
  /** Fees in all, those in the base currency at the price of their fill; those elsewhere are in `fills` alone. */
  readonly fee: SignedDecimal;
  /** What the slippage of the fill model cost in all; `0` at a venue. */
  readonly slippage: Decimal;
  readonly signalId: string | null;
  /** `paper`, or who carries it out: `ccxt:binance`. */
  readonly broker: string;
  /** The broker's name of what is traded: `BTC/USDT`. */
  readonly pair: string;
  /** Prices come from the simulated venue. */
  readonly simulated: boolean;
  /** Share of each fill's value that was expected as its fee. */
  readonly feeRate: Decimal;
  /** What the fills it has are flagged with, each once, in order. */
  readonly flags: readonly FillFlag[];
  /** Fills in all. */
  readonly fillCount: number;
  /** The last 100, oldest first. */
  readonly fills: readonly TradeView[];
  readonly by: CancelledBy;
  /** Not to be sent to a venue after this moment; null on paper. */
  readonly sendBy: Instant | null;
  /** When it was written down that the venue is asked; null where that never was. */
  readonly sentAt: Instant | null;
  /** When the venue, or paper, was known to have it. */
  readonly acceptedAt: Instant | null;
  /** The venue's own id of it. */
  readonly venueOrderId: string | null;
  /** The venue is to be asked to cancel it, or was. */
  readonly cancelRequestedAt: Instant | null;
  /** Of an order that was cancelled. */
  readonly cancelled: { readonly by: CancelledBy; readonly reason: string | null; readonly at: Instant } | null;
  /** Of an order that was rejected. */
  readonly rejected: { readonly code: string; readonly reason: string; readonly at: Instant } | null;
  /** Why it is not known whether the venue has it; null where it is, or never was in doubt. */
  readonly unresolved: { readonly reason: string; readonly at: Instant } | null;
  readonly revision: number;
  /** Position of its first event in the log, as a decimal string: orders are listed in this order. */
  readonly created: string;
  readonly createdAt: Instant;
  /** Time of its last event. */
  readonly updatedAt: Instant;
}

export interface TradeView {
  readonly tradeId: string;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** In `feeCurrency`. Negative: a rebate. */
  readonly fee: SignedDecimal;
  readonly feeCurrency: string;
  readonly at: Instant;
  readonly flags: readonly FillFlag[];
}

/** Fills that a document keeps at most. */
export const KEPT_FILLS = 100;
