/** What a reader gets to know of a signal. */
import type { ViewDocument } from '#libs/sourcing';
import type {
  DecidedBy,
  Decimal,
  Dialect,
  Direction,
  Instant,
  InstrumentClass,
  Position,
  Result,
  SettledBy,
  Side,
  SignalStatus,
  SignedDecimal,
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
  /** What was bought, in order: parts of the entry, DCAs, rebuys. */
  readonly fills: readonly FillView[];
  /** What was sold, in order. */
  readonly exits: readonly ExitView[];
  /** The position before its settlement; null before the match. Of a closing signal always null. */
  readonly position: Position | null;
  /** By the prices: when the entry was met first. */
  readonly matchedAt: Instant | null;
  readonly expiredAt: Instant | null;
  /** The settlement in force. */
  readonly settlement: SettlementView | null;
  /** Settlements that were told before and corrected since, oldest first. */
  readonly corrected: readonly SettlementView[];
}

/** What a step rests on, as its event tells. */
export interface EvidenceView {
  readonly decidedBy: DecidedBy;
  readonly source: string;
  readonly hash: string;
  /** The price was missed first and fetched afterwards. */
  readonly late: boolean;
}

export interface FillView {
  readonly kind: 'entry' | 'dca' | 'rebuy';
  /** Of an entry that is split. */
  readonly part: 'min' | 'mid' | 'max' | null;
  /** Its place among its kind, from 1; null for an entry. */
  readonly place: number | null;
  readonly price: Decimal;
  /** Percent of the original investment. */
  readonly share: Decimal;
  readonly at: Instant;
  readonly evidence: EvidenceView;
}

export interface ExitView {
  readonly kind: 'target' | 'take_profit' | 'stop' | 'trailing' | 'break-even';
  /** Its place among its kind, from 1; null for a stop. */
  readonly place: number | null;
  readonly price: Decimal;
  /** Percent of the position. */
  readonly share: Decimal;
  readonly at: Instant;
  readonly evidence: EvidenceView;
}

export interface SettlementView {
  readonly result: Result;
  readonly by: SettledBy;
  /** What the rest was closed at; null where exits had closed all, or none was told. */
  readonly price: Decimal | null;
  readonly share: Decimal;
  readonly entryPrice: Decimal | null;
  readonly resultPct: SignedDecimal | null;
  readonly resultR: SignedDecimal | null;
  readonly reason: string | null;
  readonly closedBySignalId: string | null;
  /** What the operator rests it on, in words; null where anybody else told it. */
  readonly evidenceText: string | null;
  readonly at: Instant;
  readonly evidence: EvidenceView;
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
