/** A signal as the NextProd dialect shows it. Pure. */
import { type Decimal, type Direction, type Entry, multiply, type Size } from '#libs/signal';
import { dashedId } from '#libs/sourcing';
import type { SignalDocument } from '#libs/views';

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

/** What every answer about a signal says of where its prices come from. */
export function markOf(sandbox: boolean): { readonly sandbox: true } | { readonly tracking: 'no_venue' } {
  return sandbox ? { sandbox: true } : { tracking: 'no_venue' };
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
export function renderSignal(document: SignalDocument): object {
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
    // No venue is configured yet, so no price moves any signal.
    matched_at: null,
    settled_at: null,
    settlement_price: null,
    result_pct: null,
    updated_at: document.updatedAt,
    ...markOf(document.sandbox),
  };
}
