/** What a reader gets to know of a signal. */
import type { ViewDocument } from '#libs/sourcing';
import type {
  Decimal,
  Dialect,
  Direction,
  Instant,
  InstrumentClass,
  Side,
  SignalStatus,
  Size,
  TrailingPair,
} from '#libs/signal';

/**
 * One signal, folded from its stream. Nothing in it is ever undefined: what was not given is null. Keys have one fixed
 * order, so that the same events give the same bytes however they were batched.
 */
export interface SignalDocument extends ViewDocument {
  readonly id: string;
  readonly channelId: string;
  readonly dialect: Dialect;
  /** Made by a sandbox channel: its prices may be simulated. */
  readonly sandbox: boolean;
  readonly instrument: {
    readonly class: InstrumentClass;
    readonly venue: string;
    readonly symbol: string;
    readonly base: string | null;
    readonly quote: string | null;
    readonly account: 'SPOT' | 'MARGIN' | 'FUTURES' | null;
  };
  readonly side: Side;
  readonly direction: Direction | null;
  readonly status: SignalStatus;
  readonly entry: EntryView | null;
  /** Prices of the declared targets, nearest first. How much is sold at each: `exitPlan`. */
  readonly targets: readonly Decimal[];
  readonly takeProfits: readonly TakeProfitView[];
  readonly stop: Decimal | null;
  /** The trailing stop called for last. */
  readonly trailing: TrailingStopView | null;
  readonly rebuys: readonly RebuyView[];
  readonly dcas: readonly DcaView[];
  readonly size: Size | null;
  readonly leverage: Decimal | null;
  readonly marginType: 'ISOLATED' | 'CROSS' | null;
  /** Until when the entry may be met. */
  readonly expiresAt: Instant | null;
  readonly strategyId: string | null;
  readonly closesSignalId: string | null;
  /** The provider's own time, as told. */
  readonly signalTime: Instant | null;
  /** The provider's own name of the signal, as told. */
  readonly clientSignalId: string | null;
  readonly note: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly revision: number;
  /** Position of the first event in the log, as a decimal string: signals are listed in this order. */
  readonly created: string;
  readonly createdAt: Instant;
  /** Time of the last event. */
  readonly updatedAt: Instant;
  /** When the provider's calls ended; null while it may call. */
  readonly cancelledAt: Instant | null;
}

export interface EntryView {
  readonly min: Decimal | null;
  readonly mid: Decimal | null;
  readonly max: Decimal | null;
  readonly mode: string | null;
  /** Percent of the size placed at each price; null where the whole size is one order. */
  readonly split: { readonly min: Decimal | null; readonly mid: Decimal | null; readonly max: Decimal | null } | null;
}

export interface TakeProfitView {
  readonly orderType: 'limit' | 'market';
  readonly price: Decimal | null;
  /** Percent of the whole position. */
  readonly share: Decimal;
  readonly trailing: TrailingPair | null;
  readonly symbol: string | null;
  readonly at: Instant;
}

export interface TrailingStopView extends TrailingPair {
  readonly reference: Decimal | null;
  readonly at: Instant;
}

export interface RebuyView {
  readonly min: Decimal;
  readonly max: Decimal;
  readonly invest: Decimal | null;
  readonly trailing: TrailingPair | null;
  readonly at: Instant;
}

export interface DcaView {
  readonly price: Decimal;
  readonly multiplier: Decimal;
  /** Original size × multiplier. */
  readonly invest: Decimal | null;
  readonly at: Instant;
}
