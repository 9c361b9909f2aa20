/**
 * What may be asked of a signal. Whoever asks names the channel and the dialect it speaks through: a signal answers
 * only to the channel and the dialect that made it. `decide` reads no clock and makes no ids; both come in here.
 */
import type { Decimal, Dialect, Entry, Instant, SignalCreated, TrailingPair } from './events.ts';

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

export type SignalCommand =
  CreateSignal | AddTakeProfit | AddTrailingStop | AddRebuy | AddDca | UpdatePrices | CancelSignal;
