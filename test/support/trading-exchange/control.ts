/** What a test can tell the small exchange, and see of it. */
import type { BookOrder, BookTrade, FeeKind, Forgets } from './book.ts';

/** What one request meets, named by its method and the last part of its path: `POST order`, `GET myTrades`. */
export type Misbehaviour = { readonly on: string } &
  /** The connection is cut and nothing was done. */
  (
    | { readonly does: 'cut-before' }
    /** It is done, and the connection is cut in place of an answer. */
    | { readonly does: 'cut-after' }
    /** It is done late. */
    | { readonly does: 'delay-before'; readonly ms: number }
    /** It is done, and answered late. */
    | { readonly does: 'delay-after'; readonly ms: number }
    /** It is not done. A text is sent as it is. */
    | { readonly does: 'refuse'; readonly status?: number; readonly body: unknown }
    /** It is done, and something else is answered. */
    | { readonly does: 'answer-instead'; readonly status?: number; readonly body: unknown }
  );

export type Control =
  | { readonly do: 'plan'; readonly plans: readonly Misbehaviour[] }
  | {
      readonly do: 'set';
      readonly set: Partial<{ feeKind: FeeKind; feeRate: string; forgets: Forgets; fillsAtOnce: string }>;
      /** How far its clock is ahead. */
      readonly clockMs?: number;
    }
  /** A new last price; what rests and is reached fills. */
  | { readonly do: 'move'; readonly pair: string; readonly price: string }
  | { readonly do: 'fill'; readonly clientOrderId: string; readonly quantity: string; readonly price: string }
  | { readonly do: 'cancel'; readonly clientOrderId: string }
  | { readonly do: 'see' };

export interface Seen {
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly clientOrderId: string | null;
    readonly type: string | null;
  }[];
  readonly orders: readonly (Omit<BookOrder, 'pair'> & { readonly pair: string })[];
  readonly trades: readonly (Omit<BookTrade, 'order'> & { readonly orderId: number })[];
}
