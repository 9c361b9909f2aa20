/** Leases, one document a name. */
import type { Collection, Db } from 'mongodb';
import { type Coordination, StoreUnavailable } from '#libs/sourcing';
import { isDuplicateKey } from './answers.ts';
import { createPruning } from './pruning.ts';

interface LeaseRecord {
  readonly _id: string;
  readonly holder: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** How often it is tried because the lease ended, or was released, between the refusal and the look at who has it. */
const TRIES = 20;

export function createLeases(db: Db): Pick<Coordination, 'lease' | 'release'> {
  const leases: Collection<LeaseRecord> = db.collection('coordination_leases');
  const prune = createPruning(leases);
  return {
    async lease(name, holder, ttlMs, now) {
      await prune(now);
      const free = { _id: name, $or: [{ holder }, { endsAt: { $lte: now } }] };
      for (let tries = 0; tries < TRIES; tries += 1) {
        try {
          await leases.updateOne(free, { $set: { holder, endsAt: now + ttlMs } }, { upsert: true });
          return true;
        } catch (error) {
          // The lease is there and not free.
          if (!isDuplicateKey(error)) throw error;
        }
        const held = await leases.findOne({ _id: name });
        if (held !== null && held.holder !== holder && held.endsAt > now) return false;
      }
      throw new StoreUnavailable(`the lease ${name} changed ${TRIES} times while it was asked for`);
    },
    async release(name, holder) {
      await leases.deleteOne({ _id: name, holder });
    },
  };
}
