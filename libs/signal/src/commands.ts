/**
 * What may be asked of a signal. Whoever asks names the channel and the dialect it speaks through: a signal answers
 * only to the channel and the dialect that made it. `decide` reads no clock and makes no ids; both come in here.
 */
import type { Decimal, Dialect, Entry, Instant, SignalCreated, TrailingPair } from './events.ts';
import type { Evidence, MarketEvent, Result } from './market-events.ts';
import type { PricePoint, Source, Tracking } from './market/price-point.ts';

interface Addressed {
  readonly signalId: string;
  readonly channelId: string;
  readonly dialect: Dialect;
  /** When the server received the request. */
  readonly now: Instant;
}

export interface CreateSignal extends Addressed, Omit<SignalCreated['data'], 'channelId' | 'dialect' | 'entry'> {
  readonly type: 'CreateSignal';
  readonly entry: Entry | null;
}

export interface AddTakeProfit extends Addressed {
  readonly type: 'AddTakeProfit';
  readonly orderType: 'limit' | 'market';
  readonly price?: Decimal;
  readonly share: Decimal;
  readonly trailing?: Partial<TrailingPair>;
  readonly symbol?: string;
  /** A venue follows the signal, so that it is known whether there is a position to sell. */
  readonly tracked?: boolean;
  /** Last price at receipt, where a venue told one. */
  readonly reference?: Decimal;
}

export interface AddTrailingStop extends Addressed, TrailingPair {
  readonly type: 'AddTrailingStop';
  /** Last price at receipt, where a venue told one. */
  readonly reference: Decimal | null;
}

export interface AddRebuy extends Addressed {
  readonly type: 'AddRebuy';
  readonly min: Decimal;
  readonly max: Decimal;
  readonly invest?: Decimal;
  readonly trailing?: Partial<TrailingPair>;
}

export interface AddDca extends Addressed {
  readonly type: 'AddDca';
  readonly price: Decimal;
  readonly multiplier: Decimal;
}

export interface UpdatePrices extends Addressed {
  readonly type: 'UpdatePrices';
  readonly entryMin?: Decimal;
  readonly entryMax?: Decimal;
  /** Keyed by place, from "1" to "6". */
  readonly targets?: Readonly<Record<string, Decimal>>;
  readonly stop?: Decimal;
}

export interface CancelSignal extends Addressed {
  readonly type: 'CancelSignal';
}

/** Speaks for the market or the operator: any signal answers to it. */
interface OfTheMarket {
  readonly signalId: string;
  readonly channelId: string;
  readonly now: Instant;
}

/** A price that may touch a signal. */
export interface ObservePrice extends OfTheMarket {
  readonly type: 'ObservePrice';
  /** The version of the signal that the price is judged on: on another it must be judged anew. */
  readonly basedOn: number;
  readonly tracking: Tracking;
  readonly price: PricePoint;
  readonly source: Source;
  /** The signal that closes this one at its next price; null for none. */
  readonly closedBySignalId: string | null;
}

/** Steps that were judged outside, from prices that were missed and the calls between them. */
export interface RecordSteps extends OfTheMarket {
  readonly type: 'RecordSteps';
  readonly basedOn: number;
  readonly events: readonly MarketEvent[];
}

/** A prediction market was resolved. */
export interface ResolveSignal extends OfTheMarket {
  readonly type: 'ResolveSignal';
  /** What the side taken pays, 0 to 1; null where positions are returned at cost. */
  readonly payout: Decimal | null;
  readonly reason: string;
  readonly at: Instant;
  readonly evidence: Evidence;
}

/** The operator settles by hand. */
export interface SettleSignal extends OfTheMarket {
  readonly type: 'SettleSignal';
  readonly outcome: Result | 'void' | 'expired';
  readonly price: Decimal | null;
  readonly reason: string;
  readonly at: Instant;
  readonly evidence: Evidence;
}

/** A position is left at the price that its provider gave, since no venue knows the instrument. */
export interface ReportClose extends OfTheMarket {
  readonly type: 'ReportClose';
  readonly price: Decimal;
  readonly closedBySignalId: string;
  readonly at: Instant;
  readonly evidence: Evidence;
}

/** What a closing signal asked for was done, at a price. */
export interface CarryOutClose extends OfTheMarket {
  readonly type: 'CarryOutClose';
  readonly price: Decimal;
  readonly at: Instant;
  readonly evidence: Evidence;
}

export type ProviderCommand =
  CreateSignal | AddTakeProfit | AddTrailingStop | AddRebuy | AddDca | UpdatePrices | CancelSignal;

export type MarketCommand = ObservePrice | RecordSteps | ResolveSignal | SettleSignal | ReportClose | CarryOutClose;

export type SignalCommand = ProviderCommand | MarketCommand;
