/** What a reader gets to know of an account. */
import type { By, Day, Decimal, Instant, Mode, Permission, SignedDecimal } from '#libs/account';
import type { ViewDocument } from '#libs/sourcing';

/**
 * One account, which is one agent, folded from its stream. Nothing in it is ever undefined: what is not there is null.
 * Keys have one fixed order, so that the same events give the same bytes however they were batched. Money is US dollars.
 */
export interface AccountDocument extends ViewDocument {
  /** The agent's id: `agent_` and 32 hex digits. */
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly mode: Mode;
  /** `pending`: a live agent that is not approved yet. `closed`: revoked. */
  readonly status: 'pending' | 'active' | 'closed';
  readonly permissions: readonly Permission[];
  /** What it began with. */
  readonly balance: Decimal;
  readonly dailyLossLimit: Decimal | null;
  readonly maxPositionSize: Decimal | null;
  /** SHA-256 of its key, hex. */
  readonly keyHash: string;
  /** Null for a sandbox agent. */
  readonly sealedSecret: string | null;
  /** Null while it may open and add. */
  readonly paused: { readonly by: By; readonly reason: string; readonly at: Instant } | null;
  readonly closed: { readonly reason: string; readonly at: Instant } | null;
  readonly cash: SignedDecimal;
  /** What open buys keep back. */
  readonly reservedCash: Decimal;
  /** By symbol, in its order; none that is nothing. */
  readonly holdings: readonly HoldingView[];
  /** Realised result, fees left out. */
  readonly realized: SignedDecimal;
  /** Those in a base currency at the price of their fill. */
  readonly fees: SignedDecimal;
  readonly openOrders: number;
  /** Some order of it rests, or rested, on prices of the simulated venue. */
  readonly simulated: boolean;
  /** The UTC day that was judged last: what its loss is measured against, and whether the breaker has tripped in it. */
  readonly day: { readonly day: Day; readonly baseline: SignedDecimal; readonly tripped: boolean } | null;
  /** The trip in force; null where none is. */
  readonly breaker: BreakerView | null;
  /** Equity over time, oldest first: the last 400 moments at which it was judged. */
  readonly equity: readonly EquityPoint[];
  readonly revision: number;
  /** Position of the first event in the log, as a decimal string: accounts are listed in this order. */
  readonly created: string;
  readonly createdAt: Instant;
  /** Time of the last event. */
  readonly updatedAt: Instant;
}

export interface HoldingView {
  readonly symbol: string;
  /** Pieces. Negative only where a venue reported more sold than there was. */
  readonly quantity: SignedDecimal;
  /** What they cost, fees left out. Average cost = cost ÷ quantity. */
  readonly cost: SignedDecimal;
  /** Pieces that open sells keep back. */
  readonly reserved: Decimal;
}

export interface BreakerView {
  readonly breaker: 'daily_loss';
  readonly day: Day;
  readonly baseline: SignedDecimal;
  readonly equity: SignedDecimal;
  readonly loss: Decimal;
  readonly limit: Decimal;
  readonly at: Instant;
}

export interface EquityPoint {
  readonly at: Instant;
  readonly equity: SignedDecimal;
  /** What it was judged for. */
  readonly why: 'day' | 'trip' | 'reset';
}

/** Points of equity that a document keeps at most. */
export const EQUITY_POINTS = 400;
