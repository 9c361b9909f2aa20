/** What became of each signal of a replay, in the form it is printed. Decimals have 8 places (outcome rules, rule 22). */
import Big from 'big.js';
import { type DecidedBy, type Evidence, type SignalEvent, upcast } from '#libs/signal';
import { foldDocument } from '#libs/sourcing';
import { type SignalDocument, signalsView } from '#libs/views';
import type { Subject } from './subject.ts';

type StepKind = 'matched' | 'target' | 'stop' | 'trailing' | 'dca' | 'rebuy' | 'expired' | 'cancelled';

interface OutcomeStep {
  readonly kind: StepKind;
  /** Null for an end without a price. */
  readonly price: string | null;
  /** Percent of the position; of the original investment for dca and rebuy. Null for an end without a position. */
  readonly share: string | null;
  readonly at: string;
  readonly decided_by: DecidedBy;
}

export interface Outcome {
  readonly id: string;
  readonly status: SignalDocument['status'] | 'refused';
  readonly matched_at: string | null;
  readonly entry_price: string | null;
  readonly closed_at: string | null;
  readonly result_pct: string | null;
  readonly result_r: string | null;
  readonly steps: readonly OutcomeStep[];
}

/** The signal as the server's view would show it; null where its creation was refused. */
export function documentOf({ events }: Subject): SignalDocument | null {
  return foldDocument(signalsView, null, events);
}

export function outcomeOf(subject: Subject, document: SignalDocument | null): Outcome {
  const { id } = subject.signal;
  if (document === null) {
    return {
      id,
      status: 'refused',
      matched_at: null,
      entry_price: null,
      closed_at: null,
      result_pct: null,
      result_r: null,
      steps: [],
    };
  }
  const { settlement, position } = document;
  const ended = document.status === 'cancelled' ? document.cancelledAt : document.expiredAt;
  return {
    id,
    status: document.status,
    matched_at: document.matchedAt,
    entry_price: position === null ? null : places(new Big(position.money).div(position.bought)),
    closed_at: settlement?.at ?? ended,
    result_pct: placesOf(settlement?.resultPct ?? null),
    result_r: placesOf(settlement?.resultR ?? null),
    steps: stepsOf(subject, document.status),
  };
}

/** One for each fill and each end. An end without a price is the rule of its order: its time, or the provider's word. */
function stepOf({ type, data, time }: SignalEvent & { readonly time: string }): OutcomeStep | null {
  switch (type) {
    case 'SignalMatched':
      return priced('matched', data);
    case 'TakeProfitHit':
      return priced('target', data);
    case 'StopHit':
      return priced(data.kind === 'trailing' ? 'trailing' : 'stop', data);
    case 'DcaFilled':
      return priced('dca', data);
    case 'RebuyFilled':
      return priced('rebuy', data);
    case 'SignalExpired':
      return { kind: 'expired', price: null, share: null, at: data.at, decided_by: 'order-rule' };
    case 'SignalSettled':
      return data.by === 'cancelled' ? priced('cancelled', { ...data, price: data.price! }) : null;
    case 'Cancelled':
      return { kind: 'cancelled', price: null, share: null, at: time, decided_by: 'order-rule' };
    default:
      return null;
  }
}

function priced(
  kind: StepKind,
  { price, share, at, evidence }: { price: string; share: string; at: string; evidence: Evidence },
): OutcomeStep {
  return { kind, price: places(new Big(price)), share: places(new Big(share)), at, decided_by: evidence.decidedBy };
}

/** A cancel of an open position is the exit at the next price, and no step of its own. */
function stepsOf({ events }: Subject, status: SignalDocument['status']): readonly OutcomeStep[] {
  return events.flatMap((recorded) => {
    const event = upcast(recorded.type, recorded.metadata.schemaVersion, recorded.data);
    if (event.type === 'Cancelled' && status !== 'cancelled') return [];
    return stepOf({ ...event, time: recorded.time }) ?? [];
  });
}

function placesOf(value: string | null): string | null {
  return value === null ? null : places(new Big(value));
}

function places(value: Big): string {
  return value.round(8, Big.roundHalfUp).toFixed(8);
}
