/** The `Coordination` port on MongoDB. */
import type { Collection, Db } from 'mongodb';
import { type Coordination, refuseLongText } from '#libs/sourcing';
import { upserted } from './answers.ts';
import { openDatabase } from './database.ts';
import { createLeases } from './leases.ts';
import { createRolling } from './rolling.ts';
import { createWindows } from './windows.ts';

/** Names that one command notes as used. */
const NAMES_A_COMMAND = 64;

/**
 * Opens it in the database that the URL names, whether or not the server is there yet: calls throw `StoreUnavailable`
 * while it is not. A take or a lease that threw may yet have been counted or held.
 * @throws Error where the URL can't be read.
 */
export async function openMongoCoordination(url: string): Promise<Coordination> {
  const { db, call, close } = openDatabase(url);
  const windows = createWindows(db);
  const rolling = createRolling(db);
  const leases = createLeases(db);
  const uses = createUses(db);
  const texts = createTexts(db);
  return {
    take: (...take) => call(() => windows.take(...take)),
    peek: (...peek) => call(() => windows.peek(...peek)),
    takeRolling: (...take) => call(() => rolling.takeRolling(...take)),
    touch: (used) => call(() => uses.touch(used)),
    lastUsed: (names) => call(() => uses.lastUsed(names)),
    keep: (name, text) => call(() => texts.keep(name, text)),
    kept: (name) => call(() => texts.kept(name)),
    forget: (name) => call(() => texts.forget(name)),
    lease: (...lease) => call(() => leases.lease(...lease)),
    release: (...release) => call(() => leases.release(...release)),
    ready: () => call(async () => void (await db.command({ ping: 1 }))),
    close,
  };
}

function createUses(db: Db): Pick<Coordination, 'touch' | 'lastUsed'> {
  const uses: Collection<{ readonly _id: string; readonly at: number }> = db.collection('coordination_uses');
  return {
    async touch(used) {
      for (let from = 0; from < used.length; from += NAMES_A_COMMAND) {
        const updates = used.slice(from, from + NAMES_A_COMMAND).map(({ name, at }) => ({
          updateOne: { filter: { _id: name }, update: { $max: { at } }, upsert: true },
        }));
        // Noted twice is noted once, so all of them may be sent again.
        await upserted(() => uses.bulkWrite(updates, { ordered: false }));
      }
    },
    async lastUsed(names) {
      const found = await uses.find({ _id: { $in: [...names] } }).toArray();
      return new Map(found.map(({ _id, at }) => [_id, at]));
    },
  };
}

function createTexts(db: Db): Pick<Coordination, 'keep' | 'kept' | 'forget'> {
  const texts: Collection<{ readonly _id: string; readonly text: string }> = db.collection('coordination_texts');
  return {
    async keep(name, text) {
      refuseLongText(name, text);
      await upserted(() => texts.replaceOne({ _id: name }, { text }, { upsert: true }));
    },
    kept: async (name) => (await texts.findOne({ _id: name }))?.text ?? null,
    forget: async (name) => void (await texts.deleteOne({ _id: name })),
  };
}
