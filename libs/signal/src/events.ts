/**
 * The events of one signal's stream, `signal-<id>`, and the words they are told in.
 *
 * Type strings and property names are storage formats: they are never renamed, only versioned by an upcast.
 * Prices, sizes and percentages are decimal strings, because a JSON number loses digits.
 * Moments are ISO 8601 in UTC with milliseconds.
 */

import type { MarketEvent } from './market-events.ts';
import type { Decimal, Instant } from './values.ts';

export type { Decimal, Instant };

export type Dialect = 'anny' | 'nextprod' | 'traderz' | 'nextexchange';

export type InstrumentClass = 'crypto' | 'stock' | 'prediction';

export interface Instrument {
  readonly class: InstrumentClass;
  /** Where it is traded, as the provider wrote it: `BINANCE`, `kalshi`, `ibkr`. */
  readonly venue: string;
  /** The venue's own name for it: `BTC/USDT`, a Kalshi ticker, a Polymarket conditionId. */
  readonly symbol: string;
  readonly base?: string;
  readonly quote?: string;
  readonly account?: 'SPOT' | 'MARGIN' | 'FUTURES';
}

export type Side = 'open' | 'close';
export type Direction = 'long' | 'short' | 'yes' | 'no';

/** Where the position is entered. A single price is `max` alone. */
export interface Entry {
  readonly min?: Decimal;
  readonly mid?: Decimal;
  readonly max?: Decimal;
  /** As the provider sent it; anything but `range` is kept and treated as range. */
  readonly mode?: string;
  /** Percent of the size placed at each price; sums to 100. */
  readonly split?: { readonly min?: Decimal; readonly mid?: Decimal; readonly max?: Decimal };
}

/** `percent`: of each follower's funds. `usd`: money. `contracts`, `quantity`: pieces. */
export interface Size {
  readonly kind: 'percent' | 'usd' | 'contracts' | 'quantity';
  readonly value: Decimal;
}

/** The trigger starts the exit; the limit is the worst price at which it may execute. */
export interface TrailingPair {
  readonly trigger: Decimal;
  readonly limit: Decimal;
}

export interface SignalCreated {
  readonly type: 'SignalCreated';
  readonly data: {
    readonly channelId: string;
    readonly dialect: Dialect;
    readonly sandbox: boolean;
    readonly instrument: Instrument;
    readonly side: Side;
    readonly direction: Direction | null;
    readonly entry: Entry | null;
    /** Prices at which profit is taken, nearest first. */
    readonly targets: readonly Decimal[];
    readonly stop: Decimal | null;
    readonly size: Size | null;
    readonly leverage?: Decimal;
    readonly marginType?: 'ISOLATED' | 'CROSS';
    /** Until when the entry may be met. */
    readonly expiresAt?: Instant;
    readonly strategyId?: string;
    /** The open signal that a closing one ends, as it was found at receipt. */
    readonly closesSignalId?: string;
    /** The provider's own time of the event, as told. Nothing is ordered or judged by it. */
    readonly signalTime?: Instant;
    /** The provider's own name of the signal, as told. */
    readonly clientSignalId?: string;
    readonly note?: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
  };
}

export interface TakeProfitAdded {
  readonly type: 'TakeProfitAdded';
  readonly data: {
    readonly orderType: 'limit' | 'market';
    /** Null for a market order. */
    readonly price: Decimal | null;
    /** Percent of the whole position. */
    readonly share: Decimal;
    /** Protects what is left once this exit is done. */
    readonly trailing: TrailingPair | null;
    readonly symbol?: string;
    /** Last price known at receipt: the trail of a market order begins at once, at that distance. Absent where none was told. */
    readonly reference?: Decimal;
  };
}

export interface TrailingStopAdded {
  readonly type: 'TrailingStopAdded';
  readonly data: TrailingPair & {
    /** Last price known at receipt, from which the trail's distance follows; null where no venue told one. */
    readonly reference: Decimal | null;
  };
}

export interface RebuyAdded {
  readonly type: 'RebuyAdded';
  readonly data: {
    readonly min: Decimal;
    readonly max: Decimal;
    /** Percent of each follower's funds; null: as much as the original. */
    readonly invest: Decimal | null;
    readonly trailing: TrailingPair | null;
  };
}

export interface DcaAdded {
  readonly type: 'DcaAdded';
  readonly data: {
    readonly price: Decimal;
    readonly multiplier: Decimal;
    /** Original size × multiplier, in the unit of the original; null where the signal named no size. */
    readonly invest: Decimal | null;
  };
}

export interface PricesUpdated {
  readonly type: 'PricesUpdated';
  /** Only what changed. `targets` is keyed by place, from "1". */
  readonly data: {
    readonly entryMin?: Decimal;
    readonly entryMax?: Decimal;
    readonly targets?: Readonly<Record<string, Decimal>>;
    readonly stop?: Decimal;
  };
}

export interface Cancelled {
  readonly type: 'Cancelled';
  readonly data: Readonly<Record<string, never>>;
}

/** What the provider does. */
export type ProviderEvent =
  SignalCreated | TakeProfitAdded | TrailingStopAdded | RebuyAdded | DcaAdded | PricesUpdated | Cancelled;

export type SignalEvent = ProviderEvent | MarketEvent;

/** `registered → matched → win | loss | push`, and `cancelled`, `expired`. */
export const SIGNAL_STATUSES = ['registered', 'matched', 'win', 'loss', 'push', 'cancelled', 'expired'] as const;

export type SignalStatus = (typeof SIGNAL_STATUSES)[number];

/** Version of the events' form, written into each event's metadata. */
export const SIGNAL_SCHEMA_VERSION = 1;
