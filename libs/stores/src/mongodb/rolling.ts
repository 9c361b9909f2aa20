/**
 * Rolling windows, one document a name. Each is replaced only as it was read (its version says so), so none that was
 * taken is lost.
 */
import type { Collection, Db } from 'mongodb';
import {
  type Coordination,
  refuseRollingRule,
  type RollingRule,
  type RollingState,
  StoreUnavailable,
  takeRolling,
} from '#libs/sourcing';
import { isDuplicateKey } from './answers.ts';
import { createPruning } from './pruning.ts';

interface RollingRecord {
  readonly _id: string;
  readonly version: number;
  /** When each was taken, milliseconds since 1970, oldest first. */
  readonly taken: readonly number[];
  readonly endsAt: number;
}

/** One who waits for what became of a take. */
interface Waiting extends PromiseWithResolvers<RollingState> {
  readonly rule: RollingRule;
  readonly now: number;
}

/**
 * Those who are waiting are told that it failed, and others are taken together anew: the driver may never end a command
 * (see `createOutage`), and whoever comes next must not wait for it.
 */
const TAKE_LIMIT_MS = 10_000;

/** How often a take looks again because another process took from the same name in between. */
const TRIES = 50;

export function createRolling(db: Pick<Db, 'collection'>, limitMs = TAKE_LIMIT_MS): Pick<Coordination, 'takeRolling'> {
  const windows: Collection<RollingRecord> = db.collection('coordination_rolling');
  const prune = createPruning(windows);
  // Within a process those that come while a name is written are taken together: alone, each would have to look again.
  const waiting = new Map<string, Waiting[]>();

  /** Writes what follows on what was read; false where that is no longer there. */
  async function replace(before: RollingRecord | null, after: RollingRecord): Promise<boolean> {
    const { _id, ...record } = after;
    if (before !== null)
      return (await windows.updateOne({ _id, version: before.version }, { $set: record })).matchedCount === 1;
    try {
      await windows.insertOne(after);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async function takeAll(name: string, wanted: readonly Waiting[]): Promise<readonly RollingState[]> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const before = await windows.findOne({ _id: name });
      let { taken, endsAt } = before ?? { taken: [], endsAt: 0 };
      let changed = false;
      const states = wanted.map(({ rule, now }) => {
        const took = takeRolling(taken, rule, now);
        if (took.taken === null) return took.state;
        changed = true;
        taken = took.taken;
        endsAt = Math.max(endsAt, taken.at(-1)! + rule.windowMs);
        return took.state;
      });
      const version = ((before?.version ?? 0) + 1) % 2 ** 31;
      if (!changed || (await replace(before, { _id: name, version, taken, endsAt }))) return states;
    }
    throw new StoreUnavailable(`the rolling window ${name} changed ${TRIES} times while it was taken from`);
  }

  async function takeWaiting(name: string): Promise<void> {
    for (let wanted = waiting.get(name)!; wanted.length > 0; wanted = waiting.get(name)!) {
      waiting.set(name, []);
      try {
        const states = await inTime(takeAll(name, wanted), limitMs);
        for (const [index, { resolve }] of wanted.entries()) resolve(states[index]!);
      } catch (error) {
        for (const { reject } of wanted) reject(error);
      }
    }
    waiting.delete(name);
  }

  return {
    takeRolling: async (name, rule, now) => {
      refuseRollingRule(name, rule);
      await prune(now);
      const mine: Waiting = { rule, now, ...Promise.withResolvers<RollingState>() };
      const others = waiting.get(name);
      if (others !== undefined) others.push(mine);
      else {
        waiting.set(name, [mine]);
        void takeWaiting(name);
      }
      return mine.promise;
    },
  };
}

async function inTime<Result>(work: Promise<Result>, limitMs: number): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new StoreUnavailable(`it was not answered within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
