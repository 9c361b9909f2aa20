/**
 * When an order of which nobody knows whether the venue has it may be called never placed. Not finding it proves little:
 * it may still be on its way, and a venue forgets. So two whole looks, apart, both begun after the request could no
 * longer be accepted, must have found neither it nor anything that could be it.
 */
import type { Found } from '../broker.ts';

/** One look at the venue. */
export interface Look {
  /** When it began, milliseconds since 1970. */
  readonly at: number;
  readonly found: Found;
}

export interface SettlePolicy {
  /** The request can't be accepted after this moment; null: it can't be said, and nothing is ever settled by absence. */
  readonly deadAt: number | null;
  /** Milliseconds that the two empty looks are apart at least. */
  readonly apartMs: number;
}

export type Settled =
  | { readonly outcome: 'found'; readonly found: Extract<Found, { outcome: 'found' }> }
  | { readonly outcome: 'never_placed' }
  /** Nothing can be said yet. Not finding it can't decide before `at`, milliseconds since 1970. */
  | { readonly outcome: 'open'; readonly reason: string; readonly at: number };

/** A venue's clock and a slow network may make the last moment later than it was reckoned. */
export const FENCE_MARGIN_MS = 5_000;

/** The moment after which a request can no longer be accepted: it left by `sendBy`. Null where the venue has no fence. */
export function deadAtOf(sendBy: number, fenceMs: number | null): number | null {
  return fenceMs === null ? null : sendBy + fenceMs + FENCE_MARGIN_MS;
}

/** What the looks so far say, in the order in which they were made; there is one at least. */
export function settle(looks: readonly Look[], { deadAt, apartMs }: SettlePolicy): Settled {
  const last = looks.at(-1)!;
  const soon = last.at + apartMs;
  for (const { found } of looks) if (found.outcome === 'found') return { outcome: 'found', found };
  if (last.found.outcome === 'unknown')
    return { outcome: 'open', reason: `the venue could not be looked at: ${last.found.reason}`, at: soon };
  if (last.found.outcome === 'missing' && last.found.unexplained !== null)
    return { outcome: 'open', reason: `it may be this: ${last.found.unexplained}`, at: soon };
  if (deadAt === null) return { outcome: 'open', reason: 'it is not found, and the venue may still have it', at: soon };
  if (last.at < deadAt)
    return { outcome: 'open', reason: 'it is not found, and may still arrive', at: Math.max(soon, deadAt) };
  const first = looks.find(({ at, found }) => at >= deadAt && isEmpty(found))!;
  if (last.at - first.at >= apartMs) return { outcome: 'never_placed' };
  return { outcome: 'open', reason: 'it is not found; one look more decides', at: first.at + apartMs };
}

function isEmpty(found: Found): boolean {
  return found.outcome === 'missing' && found.unexplained === null;
}
