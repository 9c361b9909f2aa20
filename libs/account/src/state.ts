/** What an account is known to be, folded from its events. */
import type { List, Map as PersistentMap, Set as PersistentSet } from 'immutable';
import type {
  By,
  Day,
  Decimal,
  Instant,
  Mode,
  OrderSide,
  OrderStatus,
  OrderType,
  Permission,
  SignedDecimal,
} from './values.ts';

/**
 * Open orders that an account has at most. A revocation, a close-all and a trip cancel all of them in one append, which
 * has to fit the 1 MiB that EventStoreDB takes, with the longest reason and the sale of `MOST_COINS` beside them.
 */
export const MOST_OPEN_ORDERS = 250;

/** Coins that an account holds, or has open buys of, at most: what opens another is refused. */
export const MOST_COINS = 100;

/** Orders that are over and still known to the decider: the newest. A report on an older one names no known order. */
export const REMEMBERED_ORDERS = 1_000;

export interface Holding {
  /** Negative only where a venue reported more sold than there was. */
  readonly quantity: SignedDecimal;
  /** What is held cost so much, US dollars, fees left out. Average cost = cost ÷ quantity. */
  readonly cost: SignedDecimal;
  /** Pieces that open sells keep back. */
  readonly reserved: Decimal;
}

export interface Order {
  readonly orderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly orderType: OrderType;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly filled: Decimal;
  /** Sum of quantity × price of its fills; average price = value ÷ filled. */
  readonly filledValue: Decimal;
  /** Fees in US dollars, those in the base currency at the price of their fill. */
  readonly fees: SignedDecimal;
  readonly status: OrderStatus;
  readonly broker: string;
  readonly pair: string;
  readonly simulated: boolean;
  readonly feeRate: Decimal;
  readonly reservePrice: Decimal;
  /** What it still keeps back: US dollars of a buy, pieces of a sell. */
  readonly reserved: Decimal;
  readonly sendBy: Instant | null;
  /** It was written down that the venue is asked. */
  readonly sent: boolean;
  /** The venue has told that it has it. */
  readonly accepted: boolean;
  readonly cancelRequested: boolean;
  readonly venueOrderId: string | null;
  readonly signalId: string | null;
  /** Trades that are booked. */
  readonly trades: PersistentSet<string>;
  /** When the server received it. */
  readonly placedAt: Instant;
}

export interface NoAccount {
  readonly status: 'none';
}

export interface ExistingAccount {
  /** `pending`: a live agent that is not approved yet. `closed`: revoked. */
  readonly status: 'pending' | 'active' | 'closed';
  readonly accountId: string;
  readonly mode: Mode;
  readonly permissions: readonly Permission[];
  readonly balance: Decimal;
  readonly dailyLossLimit: Decimal | null;
  readonly maxPositionSize: Decimal | null;
  readonly paused: { readonly by: By; readonly reason: string } | null;
  readonly cash: SignedDecimal;
  /** US dollars that open buys keep back. */
  readonly reservedCash: Decimal;
  readonly holdings: PersistentMap<string, Holding>;
  /** Realised result without fees, US dollars. */
  readonly realized: SignedDecimal;
  /** Fees paid, US dollars, those in a base currency at the price of their fill. */
  readonly fees: SignedDecimal;
  readonly open: PersistentMap<string, Order>;
  /** Pieces that open buys may still add, by symbol. */
  readonly buying: PersistentMap<string, Decimal>;
  /** Orders that are over, the newest `REMEMBERED_ORDERS`. */
  readonly over: PersistentMap<string, Order>;
  /** Ids of `over`, oldest first. */
  readonly overIds: List<string>;
  /** Where its orders go, as they name it; it changes only with an order placed while nothing is held or open. Null: before the first. */
  readonly broker: string | null;
  /** Its orders rest on simulated prices, or on real ones; set and changed with `broker`. */
  readonly simulated: boolean | null;
  readonly day: { readonly day: Day; readonly baseline: SignedDecimal; readonly tripped: boolean } | null;
}

export type AccountState = NoAccount | ExistingAccount;

export const initial: AccountState = Object.freeze({ status: 'none' });
