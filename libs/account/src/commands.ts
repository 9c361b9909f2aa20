/** What may be asked of an account. `decide` reads no clock, makes no ids and knows no prices: all come in here. */
import type { AccountOpened } from './events.ts';
import type {
  By,
  CancelledBy,
  Decimal,
  Instant,
  Mark,
  Marks,
  OrderSide,
  OrderType,
  Permission,
  SignedDecimal,
} from './values.ts';

interface Addressed {
  readonly accountId: string;
  /** When the server received the request, or heard what it reports. */
  readonly now: Instant;
}

export interface OpenAccount extends Addressed, Omit<AccountOpened['data'], 'accountId'> {
  readonly type: 'OpenAccount';
}

export interface ApproveAccount extends Addressed {
  readonly type: 'ApproveAccount';
}

export interface ChangePermissions extends Addressed {
  readonly type: 'ChangePermissions';
  readonly permissions: readonly Permission[];
}

export interface PauseAccount extends Addressed {
  readonly type: 'PauseAccount';
  readonly by: By;
  readonly reason: string;
}

/** What the operator paused only the operator resumes. */
export interface ResumeAccount extends Addressed {
  readonly type: 'ResumeAccount';
  readonly by: By;
  readonly reason: string;
}

export interface CloseAccount extends Addressed {
  readonly type: 'CloseAccount';
  readonly reason: string;
}

/** How a market order fills on paper: at the quote, worse by the slippage, with the fee. Absent at a venue. */
export interface PaperFill {
  /** Share of the price that a market order pays more or gets less: `0.0005`. */
  readonly slippage: Decimal;
  /** The id that the fill is booked under. */
  readonly tradeId: string;
}

/** Where an order goes and at what terms. */
export interface Terms {
  readonly broker: string;
  readonly pair: string;
  readonly simulated: boolean;
  readonly feeRate: Decimal;
  /** With `paper`: market orders, and limits that are crossed already, fill at once. Null at a venue. */
  readonly paper: PaperFill | null;
  /** At a venue: not to be sent after this moment. */
  readonly sendBy: Instant | null;
  /** At a venue: the share by which a market buy may cost more than the quote, kept back: `0.02`. */
  readonly marketReserve: Decimal;
}

export interface PlaceOrder extends Addressed {
  readonly type: 'PlaceOrder';
  readonly orderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly orderType: OrderType;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly signalId: string | null;
  readonly by: By;
  readonly terms: Terms;
  /** Last prices of this symbol and of every holding, as far as they are known and young enough. */
  readonly marks: Marks;
}

export interface ModifyOrder extends Addressed {
  readonly type: 'ModifyOrder';
  readonly orderId: string;
  /** Absent: as it was. At least one of both. */
  readonly price?: Decimal;
  readonly quantity?: Decimal;
  readonly terms: Pick<Terms, 'paper'>;
  readonly marks: Marks;
}

export interface CancelOrder extends Addressed {
  readonly type: 'CancelOrder';
  readonly orderId: string;
  readonly by: CancelledBy;
  readonly reason: string | null;
}

/** Cancels every open order and sells every holding at the market. */
export interface CloseAll extends Addressed {
  readonly type: 'CloseAll';
  readonly by: By;
  readonly reason: string;
  /** By symbol: the id of the order that sells it, and its terms. */
  readonly sells: Readonly<Record<string, { readonly orderId: string; readonly terms: Terms }>>;
  readonly marks: Marks;
}

/** Starts the UTC day where it is new, and trips the breaker where the day's loss is at its limit. */
export interface JudgeAccount extends Addressed {
  readonly type: 'JudgeAccount';
  readonly marks: Marks;
  /** Prices as they stood at 00:00 UTC of the day of `now`, where they are known; else the first of the day serve. */
  readonly atMidnight?: Marks;
}

export interface ResetBreaker extends Addressed {
  readonly type: 'ResetBreaker';
  readonly reason: string;
  readonly marks: Marks;
}

/** Only the operator's: a holding that can't be sold counts no more. */
export interface WriteOffHolding extends Addressed {
  readonly type: 'WriteOffHolding';
  readonly symbol: string;
  readonly reason: string;
}

/** The broker is about to ask the venue. Refused where the order is over, was sent before, or is too late to send. */
export interface SendOrder extends Addressed {
  readonly type: 'SendOrder';
  readonly orderId: string;
  /** Of a market sell: how much of it the venue takes, where that is less than was wanted. Only that is asked for. */
  readonly quantity?: Decimal;
}

export interface ReportAccepted extends Addressed {
  readonly type: 'ReportAccepted';
  readonly orderId: string;
  readonly venueOrderId: string | null;
}

/** A trade of the venue, or a fill of the paper market. Told twice, it adds nothing. */
export interface ReportFill extends Addressed {
  readonly type: 'ReportFill';
  readonly orderId: string;
  readonly tradeId: string;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly fee: SignedDecimal;
  readonly feeCurrency: string;
  readonly at: Instant;
}

/** A price touched a resting limit order on paper: what is left of it fills at `price`. Adds nothing where it is over. */
export interface FillResting extends Addressed {
  readonly type: 'FillResting';
  readonly orderId: string;
  /** The limit, or better where the market jumped over it. */
  readonly price: Decimal;
  readonly tradeId: string;
  readonly at: Instant;
}

export interface ReportCancelled extends Addressed {
  readonly type: 'ReportCancelled';
  readonly orderId: string;
  readonly by: CancelledBy;
  readonly reason: string | null;
}

export interface ReportRejected extends Addressed {
  readonly type: 'ReportRejected';
  readonly orderId: string;
  readonly code: string;
  readonly reason: string;
}

export interface ReportUnresolved extends Addressed {
  readonly type: 'ReportUnresolved';
  readonly orderId: string;
  readonly reason: string;
}

export type AccountCommand =
  | OpenAccount
  | ApproveAccount
  | ChangePermissions
  | PauseAccount
  | ResumeAccount
  | CloseAccount
  | PlaceOrder
  | ModifyOrder
  | CancelOrder
  | CloseAll
  | JudgeAccount
  | ResetBreaker
  | WriteOffHolding
  | SendOrder
  | ReportAccepted
  | ReportFill
  | FillResting
  | ReportCancelled
  | ReportRejected
  | ReportUnresolved;

export type { Mark };
