/** What a trailing stop has followed before this process looked: found again from events and the venue's past prices. */
import type { Price, Venue } from '#libs/market';
import { retracked, type Tracking, upcast } from '#libs/signal';
import type { RecordedEvent } from '#libs/sourcing';
import type { Desk } from './desk.ts';
import { forceOf } from './desk.ts';
import { pointOf } from './judging.ts';

/**
 * The tracking of a signal whose first `seen` events had met a price. Where the venue keeps no past, a trail goes on
 * from where it began: lower than it may have been, never higher.
 */
export async function retrack(
  events: readonly RecordedEvent[],
  seen: number,
  { cursor, route }: Pick<Desk, 'cursor' | 'route'>,
  venue: Venue | undefined,
  signal: AbortSignal,
): Promise<Tracking> {
  const timed = events.map((recorded) => ({
    event: upcast(recorded.type, recorded.metadata.schemaVersion, recorded.data),
    at: forceOf(recorded),
  }));
  const prices: Price[] = [];
  const matched = timed.find(({ event }) => event.type === 'SignalMatched');
  const trails = timed.some(({ event }) => event.type === 'TrailingStopAdded' || hasPair(event.data));
  // Steps may be younger than the cursor that was kept: prices up to the last of them were met too.
  const until = Math.max(cursor, ...timed.filter(({ event }) => 'at' in event.data).map(({ at }) => at));
  if (matched !== undefined && trails && until > matched.at && venue?.history !== undefined) {
    for await (const quoted of venue.history(route.symbol, matched.at, until, signal)) {
      if ((quoted.side ?? null) === route.side) prices.push(quoted.price);
    }
  }
  return {
    ...retracked(
      timed,
      prices.map((price) => ({ at: price.time, point: pointOf(price) })),
    ),
    seen,
  };
}

function hasPair(data: object): boolean {
  return (data as { readonly trailing?: unknown }).trailing != null;
}
