/** A signal as the Traderz dialect shows it: the words of its body. Reading has no published form. Pure. */
import type { SignalDocument } from '#libs/views';

export interface TraderzSignal {
  readonly [field: string]: unknown;
}

const TYPES = { prediction: 'prediction_market', crypto: 'crypto', stock: 'stock' } as const;

/** `closedBy` is the id of the signal that closed it, null while none did. */
export function renderSignal(document: SignalDocument, closedBy: string | null): TraderzSignal {
  const { instrument, entry, size, signalTime } = document;
  return {
    id: document.id,
    received_at: Date.parse(document.createdAt),
    status: document.status,
    sandbox: document.sandbox,
    // No venue is configured yet, so no price moves any signal.
    tracking: 'no_venue',
    source: instrument.venue,
    type: TYPES[instrument.class],
    symbol: instrument.symbol,
    side: document.side,
    direction: document.direction,
    price: numberOf(entry?.max ?? null),
    quantity: numberOf(size?.value ?? null),
    signal_time: signalTime === null ? null : Date.parse(signalTime),
    client_signal_id: document.clientSignalId,
    metadata: document.metadata,
    closes_signal_id: document.closesSignalId,
    closed_by_signal_id: closedBy,
  };
}

/** Numbers on this wire: what was sent as a number comes back as the same one. */
function numberOf(value: string | null): number | null {
  return value === null ? null : Number(value);
}
