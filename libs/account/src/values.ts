/** The words and units that an account is told in. */

/** A plain decimal as text, without sign or exponent. Money is US dollars, quantities are pieces of the instrument. */
export type Decimal = string;

/** A decimal that may carry a minus sign. */
export type SignedDecimal = string;

/** ISO 8601 in UTC with milliseconds. */
export type Instant = string;

/** `2026-11-21`: a day of the UTC calendar. */
export type Day = string;

/** `sandbox` trades with paper money; `live` signs its requests and trades where the operator's broker does. */
export type Mode = 'sandbox' | 'live';

/** What an agent may do (NEXT.exchange document, "Permissions"), in the order in which they are published. */
export const PERMISSIONS = [
  'read:market',
  'read:portfolio',
  'write:orders',
  'read:sentiment',
  'read:social',
  'write:webhook',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

export type OrderSide = 'buy' | 'sell';

export type OrderType = 'market' | 'limit';

/** `unresolved`: it may be at the venue or not; what it could cost stays reserved. */
export const ORDER_STATUSES = ['open', 'partially_filled', 'filled', 'cancelled', 'rejected', 'unresolved'] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Who asked for something beside the agent itself. */
export type By = 'agent' | 'operator';

/** Who ended an order that was not filled. */
export type CancelledBy = By | 'breaker' | 'venue';

/** The source of prices that are invented: all others are real. */
export const SIMULATED = 'simulated';

/** A price that somebody told, and when. */
export interface Mark {
  readonly price: Decimal;
  /** When the source had it. */
  readonly at: Instant;
  /** As evidence names it: `simulated`, `ccxt:binance`. */
  readonly source: string;
}

/** The last price of each instrument, by symbol. */
export type Marks = Readonly<Record<string, Mark>>;

/**
 * What is odd about a fill that was booked all the same: `after_finish` (the order was over), `overfill` (more than was
 * ordered), `overdrawn` (cash or holding went below zero by it), `fee_in_base` (the fee was taken from what was bought),
 * `fee_elsewhere` (the fee was taken in a currency that the account does not keep; it is noted and costs nothing here).
 */
export type FillFlag = 'after_finish' | 'overfill' | 'overdrawn' | 'fee_in_base' | 'fee_elsewhere';

/** Ids of trades that the operator told, where no venue could be asked, begin with it. */
export const OPERATOR_TRADES = 'operator-';

/** The code of an order that the operator told to be rejected. */
export const OPERATOR_REJECTS = 'operator';
