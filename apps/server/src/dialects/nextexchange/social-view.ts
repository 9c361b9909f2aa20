/** A signal of a public channel as an agent sees it. What its provider wrote for himself (notes, metadata, sizes) is not in it. Pure. */
import { isSimulated } from '#libs/views';
import { numberOf } from './order-view.ts';
import type { PublicSignal } from './public-signals.ts';

export function renderPublicSignal({ signal, channel }: PublicSignal): object {
  const { instrument, entry, settlement } = signal;
  return {
    id: signal.id,
    channel: { id: channel.channelId, name: channel.name },
    symbol: instrument.base ?? instrument.symbol,
    instrument: { class: instrument.class, venue: instrument.venue, symbol: instrument.symbol },
    side: signal.side,
    direction: signal.direction,
    status: signal.status,
    entry: entry === null ? null : { min: numberOf(entry.min), mid: numberOf(entry.mid), max: numberOf(entry.max) },
    targets: signal.targets.map(Number),
    stop: numberOf(signal.stop),
    leverage: numberOf(signal.leverage),
    closesSignalId: signal.closesSignalId,
    createdAt: signal.createdAt,
    updatedAt: signal.updatedAt,
    matchedAt: signal.matchedAt,
    resultPct: numberOf(settlement?.resultPct ?? null),
    cursor: signal.created,
    ...((channel.sandbox || (settlement !== null && isSimulated(signal))) && { simulated: true }),
  };
}
