/**
 * The events of one account's stream, `account-<id>`. An agent is an account: its id is the agent's.
 *
 * Type strings and property names are storage formats: they are never renamed, only versioned by an upcast.
 * Every event of an order carries what a reader needs of it, so that a portfolio is folded without its orders:
 * the symbol, and how much of cash (of a buy) or of the holding (of a sell) it reserves anew or sets free.
 */
import type {
  By,
  CancelledBy,
  Day,
  Decimal,
  FillFlag,
  Instant,
  Mark,
  Marks,
  Mode,
  OrderSide,
  OrderType,
  Permission,
  SignedDecimal,
} from './values.ts';

export interface AccountOpened {
  readonly type: 'AccountOpened';
  readonly data: {
    readonly accountId: string;
    readonly name: string;
    readonly mode: Mode;
    readonly permissions: readonly Permission[];
    /** What it begins with, US dollars. */
    readonly balance: Decimal;
    /** Largest loss of a UTC day, US dollars; null: none is set. */
    readonly dailyLossLimit: Decimal | null;
    /** Largest value of a position, US dollars; null: none is set. */
    readonly maxPositionSize: Decimal | null;
    /** SHA-256 of the API key, hex. */
    readonly keyHash: string;
    /** The secret of a live agent, sealed with the server's key; null for a sandbox one, whose secret is not kept. */
    readonly sealedSecret: string | null;
  };
}

/** The operator lets a live agent in. */
export interface AccountApproved {
  readonly type: 'AccountApproved';
  readonly data: Readonly<Record<string, never>>;
}

export interface PermissionsChanged {
  readonly type: 'PermissionsChanged';
  readonly data: { readonly permissions: readonly Permission[] };
}

/** Nothing new opens or adds until it is resumed. What rests goes on resting and may fill; what reduces or cancels goes on. */
export interface AccountPaused {
  readonly type: 'AccountPaused';
  readonly data: { readonly by: By; readonly reason: string };
}

export interface AccountResumed {
  readonly type: 'AccountResumed';
  readonly data: { readonly by: By; readonly reason: string };
}

/** Its key no longer works. */
export interface AccountClosed {
  readonly type: 'AccountClosed';
  readonly data: { readonly reason: string };
}

/** What an order keeps back until it is over: of a buy US dollars with fees, of a sell pieces of the holding. */
export interface Reservation {
  readonly symbol: string;
  readonly side: OrderSide;
  /** US dollars for a buy, pieces for a sell. */
  readonly reserved: Decimal;
}

/** What an order no longer keeps back. */
export interface Release {
  readonly symbol: string;
  readonly side: OrderSide;
  /** US dollars for a buy, pieces for a sell; `0` where nothing was left. */
  readonly released: Decimal;
}

/** The intent, durable before anybody is asked. On paper `OrderAccepted` follows in the same append. */
export interface OrderPlaced {
  readonly type: 'OrderPlaced';
  readonly data: Reservation & {
    /** 32 hex digits; also the client order id that a venue is told. */
    readonly orderId: string;
    readonly orderType: OrderType;
    readonly quantity: Decimal;
    /** Of a limit order; null for a market order. */
    readonly price: Decimal | null;
    /** `paper`, or the broker that is to carry it out: `ccxt:binance`. */
    readonly broker: string;
    /** The broker's name of what is traded: `BTC/USDT`. */
    readonly pair: string;
    /** Prices come from the simulated venue. */
    readonly simulated: boolean;
    /** Share of each fill's value that is expected as its fee: `0.001`. */
    readonly feeRate: Decimal;
    /** Price that a buy's reservation is made at: its limit, or what a market order may cost at most as estimated. */
    readonly reservePrice: Decimal;
    /** The price that it was decided on; null for a limit order while none was known. */
    readonly quote: Mark | null;
    /** The signal that it follows; null: none. */
    readonly signalId: string | null;
    readonly by: CancelledBy;
    /** Why, where a reason was asked for: that of a close-all. */
    readonly reason?: string;
    /** When the server received it. */
    readonly placedAt: Instant;
    /** Not to be sent to a venue after this moment; null on paper, which needs no sending. */
    readonly sendBy: Instant | null;
  };
}

/** Written before the venue is asked; an order is sent once. */
export interface OrderSent {
  readonly type: 'OrderSent';
  readonly data: { readonly orderId: string };
}

/** The venue has it, or had it. */
export interface OrderAccepted {
  readonly type: 'OrderAccepted';
  readonly data: {
    readonly orderId: string;
    /** The venue's own id; null on paper and where it told none. */
    readonly venueOrderId: string | null;
  };
}

export interface OrderFilled {
  readonly type: 'OrderFilled';
  readonly data: Release & {
    readonly orderId: string;
    /** The venue's id of the trade: a second report of it adds nothing. */
    readonly tradeId: string;
    readonly quantity: Decimal;
    readonly price: Decimal;
    /** In `feeCurrency`. Negative: a rebate. */
    readonly fee: SignedDecimal;
    /** `USD`, the symbol (taken from what was bought), or another one. */
    readonly feeCurrency: string;
    /** Part of a market order's price that is slippage of the fill model, US dollars a piece; `0` at a venue. */
    readonly slippage: Decimal;
    /** The venue's time of it. */
    readonly at: Instant;
    /** What part of the result it realised, US dollars, without fees: of what reduces a position. */
    readonly realized: SignedDecimal;
    /** The order is complete by it. */
    readonly completes: boolean;
    readonly flags: readonly FillFlag[];
  };
}

/** A resting limit order on paper was changed; or a market sell was reduced, before it was sent, to what the venue takes. */
export interface OrderModified {
  readonly type: 'OrderModified';
  readonly data: Reservation & {
    readonly orderId: string;
    /** Null for a market order. */
    readonly price: Decimal | null;
    /** The total, what is filled included. */
    readonly quantity: Decimal;
    readonly reservePrice: Decimal;
    /** What it kept back before: `reserved` takes its place. */
    readonly released: Decimal;
  };
}

/** The venue is to be asked to cancel it, once it is known to have it; it stays as it is until the venue says so. */
export interface OrderCancelRequested {
  readonly type: 'OrderCancelRequested';
  readonly data: { readonly orderId: string; readonly by: CancelledBy; readonly reason: string | null };
}

export interface OrderCancelled {
  readonly type: 'OrderCancelled';
  readonly data: Release & { readonly orderId: string; readonly by: CancelledBy; readonly reason: string | null };
}

/** Surely not at the venue: refused with proof, or never sent. */
export interface OrderRejected {
  readonly type: 'OrderRejected';
  readonly data: Release & { readonly orderId: string; readonly code: string; readonly reason: string };
}

/** It may be at the venue or not. What it reserves stays reserved until a report or the operator settles it. */
export interface OrderUnresolved {
  readonly type: 'OrderUnresolved';
  readonly data: { readonly orderId: string; readonly reason: string };
}

/** The first judgement of a UTC day: what its loss is measured against. */
export interface DayStarted {
  readonly type: 'DayStarted';
  readonly data: {
    readonly day: Day;
    /** Cash and holdings at their marks, US dollars. */
    readonly equity: SignedDecimal;
    readonly marks: Marks;
  };
}

/** The day's loss reached its limit: orders that open or add are refused until the next day or the operator's reset. */
export interface BreakerTripped {
  readonly type: 'BreakerTripped';
  readonly data: {
    readonly breaker: 'daily_loss';
    readonly day: Day;
    readonly baseline: SignedDecimal;
    readonly equity: SignedDecimal;
    readonly loss: Decimal;
    readonly limit: Decimal;
    readonly marks: Marks;
  };
}

/** The operator lets it open again before the day is over; the loss counts from the equity of now. */
export interface BreakerReset {
  readonly type: 'BreakerReset';
  readonly data: {
    readonly reason: string;
    readonly day: Day;
    readonly baseline: SignedDecimal;
    readonly marks: Marks;
  };
}

/** By the operator: what could not be sold is out of the account, and what it cost is lost. Cash stays as it is. */
export interface HoldingWrittenOff {
  readonly type: 'HoldingWrittenOff';
  readonly data: {
    readonly symbol: string;
    /** All pieces that were held. */
    readonly quantity: SignedDecimal;
    /** What they cost, US dollars, fees left out. */
    readonly cost: SignedDecimal;
    /** What is realised by it, US dollars: −cost. */
    readonly realized: SignedDecimal;
    readonly reason: string;
  };
}

export type AccountEvent =
  | AccountOpened
  | AccountApproved
  | PermissionsChanged
  | AccountPaused
  | AccountResumed
  | AccountClosed
  | OrderPlaced
  | OrderSent
  | OrderAccepted
  | OrderFilled
  | OrderModified
  | OrderCancelRequested
  | OrderCancelled
  | OrderRejected
  | OrderUnresolved
  | DayStarted
  | BreakerTripped
  | BreakerReset
  | HoldingWrittenOff;

/** Version of the events' form, written into each event's metadata. */
export const ACCOUNT_SCHEMA_VERSION = 1;
