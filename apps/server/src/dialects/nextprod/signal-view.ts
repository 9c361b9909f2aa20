/** A signal as the NextProd dialect shows it. Pure. */
import { type Decimal, type Direction, type Entry, multiply, type Size } from '#libs/signal';
import { dashedId } from '#libs/sourcing';
import { isSimulated, type SignalDocument } from '#libs/views';
import type { Tracking } from '../../signals/tracking.ts';

/** What a signal costs in dollars: contracts are worth the price of their side each. Numbers on this wire. */
export interface Terms {
  readonly entry_price: number;
  readonly size_usd: number;
  readonly direction: 'YES' | 'NO';
}

export function termsOf(price: Decimal, { kind, value }: Size, direction: Direction | null): Terms {
  return {
    entry_price: Number(price),
    size_usd: Number(kind === 'contracts' ? multiply(value, price) : value),
    direction: direction === 'yes' ? 'YES' : 'NO',
  };
}

/** What every answer says of where prices come from: invented ones, or those of a venue, where there is one. */
export function markOf(sandbox: boolean, tracking: string): { readonly sandbox: true } | { readonly tracking: string } {
  return sandbox ? { sandbox: true } : { tracking };
}

/** Signals of this dialect always have a price and a size: its translation gives both. */
export function priceAndSize(signal: {
  readonly entry: Pick<Entry, 'max'> | { max: Decimal | null } | null;
  readonly size: Size | null;
}): {
  readonly price: Decimal;
  readonly size: Size;
} {
  return { price: signal.entry!.max!, size: signal.size! };
}

/** The answer to its creation has the same words; what the document leaves open is ours. */
export function renderSignal(document: SignalDocument, tracking: Tracking): object {
  const { settlement, instrument, sandbox } = document;
  const { price, size } = priceAndSize(document);
  const { entry_price, size_usd, direction } = termsOf(price, size, document.direction);
  return {
    signal_id: dashedId(document.id),
    timestamp: document.createdAt,
    status: document.status,
    market_resolved: document.instrument.symbol,
    entry_price,
    size_usd,
    direction,
    exchange: document.instrument.venue.toUpperCase(),
    strategy_id: document.strategyId,
    size: Number(size.value),
    size_type: size.kind === 'contracts' ? 'contracts' : 'dollars',
    rationale: document.note,
    matched_at: document.matchedAt,
    settled_at: settlement?.at ?? null,
    settlement_price: numberOf(settlement?.price ?? null),
    result_pct: numberOf(settlement?.resultPct ?? null),
    settled_by: settlement?.evidence.decidedBy ?? null,
    updated_at: document.updatedAt,
    ...markOf(sandbox, tracking.of(instrument, sandbox, document.direction)),
    ...(settlement !== null && isSimulated(document) && { simulated: true }),
  };
}

function numberOf(value: string | null): number | null {
  return value === null ? null : Number(value);
}
