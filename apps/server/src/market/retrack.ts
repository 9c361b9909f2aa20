/** What trailing stops have followed before this process looked: found again from events and the venue's past prices. */
import { knownAt, type Venue } from '#libs/market';
import { type Retracking, type SignalEvent, type TimedEvent, upcast } from '#libs/signal';
import type { RecordedEvent } from '#libs/sourcing';
import { pointOf, refusalOf } from './judging.ts';
import { forceOf } from './recorded.ts';
import type { Route } from './routes.ts';

/** Prices that are judged from a moment and known in full by another, milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** A trail, and the past prices that it has followed. */
export interface PastTrail {
  readonly retracking: Retracking;
  readonly span: Span;
}

export function timedEvents(events: readonly RecordedEvent[]): readonly TimedEvent[] {
  return events.map((recorded) => ({
    event: upcast(recorded.type, recorded.metadata.schemaVersion, recorded.data),
    at: forceOf(recorded),
  }));
}

/** The prices that the trail of a signal has followed, where its desk was judged up to `cursor`; null where it has none. */
export function spanOf(events: readonly TimedEvent[], cursor: number): Span | null {
  const matched = events.find(({ event }) => event.type === 'SignalMatched');
  if (matched === undefined || !events.some(({ event }) => bringsTrail(event))) return null;
  // Steps may be younger than the cursor that was kept: prices up to the last of them were met too.
  const until = Math.max(cursor, ...events.filter(({ event }) => 'at' in event.data).map(({ at }) => at));
  return until > matched.at ? { from: matched.at, until } : null;
}

function bringsTrail({ type, data }: SignalEvent): boolean {
  return type === 'TrailingStopAdded' || (data as { readonly trailing?: unknown }).trailing != null;
}

/**
 * Lets trails of one instrument follow its past, which is asked for once for all of them and never held. Where the
 * venue keeps no past, a trail goes on from where it began: lower than it may have been, never higher.
 * @throws VenueUnavailable; the trails have then followed a part, and are of no use.
 */
export async function followPast(
  { symbol, side }: Route,
  trails: readonly PastTrail[],
  venue: Venue | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (venue?.history === undefined || trails.length === 0) return;
  let [from, until] = [Infinity, -Infinity];
  for (const { span } of trails) {
    from = Math.min(from, span.from);
    until = Math.max(until, span.until);
  }
  for await (const { price, side: quoted } of venue.history(symbol, from, until, signal)) {
    if ((quoted ?? null) !== side || refusalOf(price, Date.now()) !== null) continue;
    const [at, known, point] = [price.time, knownAt(price), pointOf(price)];
    for (const { span, retracking } of trails)
      if (at >= span.from && known <= span.until) retracking.follow({ at, point });
  }
}
