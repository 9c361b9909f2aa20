/**
 * Where real orders go: a port. A write is sent once and never repeated by what is below it. What a broker answers is one
 * of four things: the venue has it; surely not, with proof; surely not, because nothing was sent (a code that begins
 * with `denied_`); or nobody can say, and then the venue is looked at until somebody can (`settle`).
 *
 * Quantities and prices are plain decimal strings, times milliseconds since 1970, pairs ccxt's: `BTC/USDT`.
 */
import { VenueUnavailable } from './venue.ts';

export interface OrderRequest {
  /** 32 hex digits, its own for ever: the venue is told it, and it is found again by it. */
  readonly clientOrderId: string;
  readonly pair: string;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit';
  readonly quantity: string;
  /** Of a limit order; null for a market order. */
  readonly price: string | null;
  /** The request leaves by this moment or never. */
  readonly sendBy: number;
  /** It must rest: one that would trade at once is refused by the venue. */
  readonly postOnly?: boolean;
}

/** Which order is meant. */
export interface OrderName {
  readonly clientOrderId: string;
  /** The venue's own id; null where it is not known. */
  readonly venueOrderId: string | null;
  readonly pair: string;
  readonly side: 'buy' | 'sell';
  /** Before this the venue can't have taken it. */
  readonly since: number;
  /** After this the venue can't have taken it; null: not known. */
  readonly until: number | null;
}

export type Placed =
  /** `venueOrderId`: null where the venue told none. */
  | { readonly outcome: 'accepted'; readonly venueOrderId: string | null }
  /** Surely not at the venue. `reason` is for people. */
  | { readonly outcome: 'refused'; readonly code: string; readonly reason: string }
  /** It may be at the venue or not. */
  | { readonly outcome: 'unknown'; readonly reason: string };

export type Cancelled =
  /** The venue took the request: the order is to be read before anything is concluded. */
  | { readonly outcome: 'asked' }
  /** The venue knows no such open order: it was cancelled or filled before, or never there. */
  | { readonly outcome: 'missing'; readonly reason: string }
  | { readonly outcome: 'refused'; readonly code: string; readonly reason: string }
  | { readonly outcome: 'unknown'; readonly reason: string };

/** An order as the venue tells it. */
export interface VenueOrder {
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly side: 'buy' | 'sell' | null;
  /** `closed`: over, and only its trades tell how much of it was filled. */
  readonly status: 'open' | 'closed' | 'cancelled' | 'rejected';
  /** Null where the venue does not tell it. */
  readonly filled: string | null;
}

export type Found =
  | { readonly outcome: 'found'; readonly order: VenueOrder }
  /**
   * By its ids, among the open orders, the closed ones and the own trades of its time it is not there. `unexplained`:
   * what was there and can't be told from it, in words; null: nothing.
   */
  | { readonly outcome: 'missing'; readonly unexplained: string | null }
  | { readonly outcome: 'unknown'; readonly reason: string };

/** A part of an order that was filled. */
export interface Trade {
  /** The venue's id of it. */
  readonly tradeId: string;
  readonly venueOrderId: string | null;
  readonly side: 'buy' | 'sell' | null;
  readonly quantity: string;
  readonly price: string;
  /** Negative: a rebate. `0` where the venue tells none. */
  readonly fee: string;
  /** `USDT`, `BTC`, `BNB`; null where the venue tells no fee. */
  readonly feeCurrency: string | null;
  readonly at: number;
}

/** What a venue takes of a pair; null where it names no such limit. */
export interface PairRules {
  readonly pair: string;
  readonly base: string;
  readonly quote: string;
  /** Quantities are multiples of it. */
  readonly quantityStep: string | null;
  /** Prices are multiples of it. */
  readonly priceStep: string | null;
  readonly leastQuantity: string | null;
  readonly mostQuantity: string | null;
  /** Of market orders. */
  readonly mostMarketQuantity: string | null;
  readonly leastPrice: string | null;
  readonly mostPrice: string | null;
  /** Quantity × price, in the quote currency. */
  readonly leastCost: string | null;
  readonly mostCost: string | null;
}

export interface Broker {
  /** As orders name it: `ccxt:binance`. */
  readonly name: string;
  /**
   * A request can be accepted for so long after it left, in milliseconds; after that never. Null where the venue
   * promises no such thing: then nobody but the operator can say of an order that it was never placed.
   */
  readonly fenceMs: number | null;
  /** The rules of a pair; null where the venue has none. Throws `BrokerUnavailable`. */
  rules(pair: string): Promise<PairRules | null>;
  /** Asks the venue once. Never throws. */
  place(order: OrderRequest): Promise<Placed>;
  /** Asks the venue once. Never throws. */
  cancel(order: OrderName): Promise<Cancelled>;
  /** Looks for an order wherever the venue could tell of it. Never throws. */
  find(order: OrderName): Promise<Found>;
  /** All trades of an order whose venue id is known, oldest first. Throws `BrokerUnavailable`. */
  trades(order: OrderName & { readonly venueOrderId: string }): Promise<readonly Trade[]>;
  /** Own open orders of a pair, whoever placed them. Throws `BrokerUnavailable`. */
  openOrders(pair: string): Promise<readonly VenueOrder[]>;
  close(): Promise<void>;
}

/** The venue could not be read, or what it said can't be understood. Reading again is safe. */
export class BrokerUnavailable extends VenueUnavailable {
  /** Milliseconds that the venue wants to be left alone; 0 where it says nothing of it. */
  readonly retryIn: number;

  constructor(reason: string, retryIn = 0) {
    super(reason);
    this.retryIn = retryIn;
  }
}
