/** Counters of windows, one document a name. Each is changed by one command on it alone, so none is counted twice or lost. */
import type { Collection, Db } from 'mongodb';
import { type Coordination, StoreUnavailable, type WindowRule } from '#libs/sourcing';
import { isDuplicateKey } from './answers.ts';
import { createPruning } from './pruning.ts';

interface WindowRecord {
  readonly _id: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  readonly used: number;
}

/** How often a take looks again because others changed its window between its look and its write. */
const TRIES = 20;

export function createWindows(db: Db): Pick<Coordination, 'take' | 'peek'> {
  const windows: Collection<WindowRecord> = db.collection('coordination_windows');
  const prune = createPruning(windows);

  /** The window of a name that is open at a moment. */
  async function open(name: string, now: number): Promise<WindowRecord | null> {
    const window = await windows.findOne({ _id: name });
    return window !== null && window.endsAt > now ? window : null;
  }

  /** Takes from an open window; null where none is open that has as much left. */
  async function takeOpen(
    name: string,
    cost: number,
    { limit }: WindowRule,
    now: number,
  ): Promise<WindowRecord | null> {
    const enough = { _id: name, endsAt: { $gt: now }, used: { $lte: limit - cost } };
    return windows.findOneAndUpdate(enough, { $inc: { used: cost } }, { returnDocument: 'after' });
  }

  /** Begins a window with what is taken; false where another was begun meanwhile. */
  async function begin(name: string, used: number, endsAt: number, now: number): Promise<boolean> {
    try {
      await windows.replaceOne({ _id: name, endsAt: { $lte: now } }, { endsAt, used }, { upsert: true });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  return {
    async take(name, cost, rule, now) {
      const { limit, windowMs } = rule;
      await prune(now);
      for (let tries = 0; tries < TRIES; tries += 1) {
        const taken = await takeOpen(name, cost, rule, now);
        if (taken !== null) return { allowed: true, remaining: limit - taken.used, resetAt: taken.endsAt };
        const window = await open(name, now);
        const [used, endsAt] = [window?.used ?? 0, window?.endsAt ?? now + windowMs];
        if (used + cost > limit) return { allowed: false, remaining: Math.max(limit - used, 0), resetAt: endsAt };
        if (window === null && (await begin(name, cost, endsAt, now)))
          return { allowed: true, remaining: limit - cost, resetAt: endsAt };
      }
      throw new StoreUnavailable(`the window ${name} changed ${TRIES} times while it was taken from`);
    },
    async peek(name, { limit, windowMs }, now) {
      const window = await open(name, now);
      return { remaining: Math.max(limit - (window?.used ?? 0), 0), resetAt: window?.endsAt ?? now + windowMs };
    },
  };
}
