/** What the two sides of the process that trades say to each other. */
import type { Cancelled, Found, OrderName, OrderRequest, PairRules, Placed, Trade, VenueOrder } from '../broker.ts';

/** The keys of an account at an exchange. They go to the process by a message: an argument or the environment can be read by others. */
export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
  /** Where an exchange wants a third. */
  readonly password?: string;
}

/** What the process is told before it is asked anything. */
export interface TradingStart {
  readonly credentials: Credentials;
}

/** What the process can be asked. */
export interface TradingMethods {
  readonly rules: (pair: string) => Promise<PairRules | null>;
  readonly place: (order: OrderRequest) => Promise<Placed>;
  readonly cancel: (order: OrderName) => Promise<Cancelled>;
  readonly find: (order: OrderName) => Promise<Found>;
  readonly trades: (order: OrderName & { readonly venueOrderId: string }) => Promise<readonly Trade[]>;
  readonly openOrders: (pair: string) => Promise<readonly VenueOrder[]>;
}
