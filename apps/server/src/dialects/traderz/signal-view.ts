/** A signal as the Traderz dialect shows it: the words of its body. Reading has no published form. Pure. */
import { isSimulated, type SettlementView, type SignalDocument } from '#libs/views';
import type { Tracking } from '../../signals/tracking.ts';

export interface TraderzSignal {
  readonly [field: string]: unknown;
}

const TYPES = { prediction: 'prediction_market', crypto: 'crypto', stock: 'stock' } as const;

/** `closedBy` is the id of the signal that closed it, null while none did. */
export function renderSignal(document: SignalDocument, closedBy: string | null, tracking: Tracking): TraderzSignal {
  const { instrument, entry, size, signalTime, settlement } = document;
  return {
    id: document.id,
    received_at: Date.parse(document.createdAt),
    status: document.status,
    sandbox: document.sandbox,
    tracking: tracking.of(instrument, document.sandbox, document.direction),
    source: instrument.venue,
    type: TYPES[instrument.class],
    symbol: instrument.symbol,
    side: document.side,
    direction: document.direction,
    price: numberOf(entry?.max ?? null),
    quantity: numberOf(size?.value ?? null),
    signal_time: timeOf(signalTime),
    client_signal_id: document.clientSignalId,
    metadata: document.metadata,
    closes_signal_id: document.closesSignalId,
    closed_by_signal_id: closedBy,
    matched_at: timeOf(document.matchedAt),
    settled_at: timeOf(settlement?.at ?? null),
    result_pct: numberOf(settlement?.resultPct ?? null),
    result_r: numberOf(settlement?.resultR ?? null),
    settlement: settlement && renderSettlement(document, settlement),
  };
}

/** `reported`: entered and left at the prices that the desk gave, which no venue told. */
function renderSettlement(
  document: SignalDocument,
  { result, by, price, entryPrice, evidence }: SettlementView,
): object {
  const { decidedBy, source, late } = evidence;
  return {
    result,
    by,
    price: numberOf(price),
    entry_price: numberOf(entryPrice),
    decided_by: decidedBy,
    source,
    late,
    reported: decidedBy === 'reported',
    ...(isSimulated(document) && { simulated: true }),
  };
}

/** Milliseconds since 1970. */
function timeOf(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant);
}

/** Numbers on this wire: what was sent as a number comes back as the same one. */
function numberOf(value: string | null): number | null {
  return value === null ? null : Number(value);
}
