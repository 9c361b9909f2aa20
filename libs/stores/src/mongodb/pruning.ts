/** Clearing away what has ended, now and then. By hand: an index that does so would go by the server's clock, not the caller's. */
import type { Collection } from 'mongodb';

const EVERY_MS = 60_000;

/** Processes' clocks differ a little: what ended just now may still be open for another. */
const GRACE_MS = 60_000;

/** To be called before anything is added: prunes when it was last done a minute ago by that caller's clock. */
export function createPruning<Record extends { readonly _id: string; readonly endsAt: number }>(
  collection: Collection<Record>,
): (now: number) => Promise<void> {
  // Here only the base of the type matters: the driver can't resolve filters on a type that is still open.
  const ending = collection as unknown as Collection<{ _id: string; endsAt: number }>;
  let next = -Infinity;
  return async (now) => {
    if (now < next) return;
    next = now + EVERY_MS;
    await ending.createIndex({ endsAt: 1 });
    await ending.deleteMany({ endsAt: { $lte: now - GRACE_MS } });
  };
}
