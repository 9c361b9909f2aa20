/**
 * What is known of the versions of a view: one small document a view. One command changes it wholly or not at all, so
 * a version that is dropped here while it is promoted there is either gone or live, never both.
 */
import { randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import type { ViewState, ViewVersion } from '#libs/sourcing';
import { upserted } from './answers.ts';
import { int64 } from './int64.ts';

/** One version of a view. */
export interface VersionRecord {
  readonly version: string;
  /**
   * The collection of its documents, named anew whenever a version is made: a save that comes after the drop makes the
   * dropped collection again, and whoever clears that away must not meet the documents of the next version of this name.
   */
  readonly collection: string;
  readonly eventStoreId: string;
  readonly checkpoint: bigint;
  /** Names of the fields it is found by. */
  readonly fields: readonly string[];
}

export interface ViewRecord {
  readonly _id: string;
  /** The version that readers see. */
  readonly live?: string;
  /** By version, its dots written `_`: a key with a dot could not be addressed. */
  readonly versions?: Readonly<Record<string, VersionRecord>>;
}

export interface ViewRecords {
  /** As it is now. */
  read(view: string): Promise<ViewRecord | null>;
  /** As it was read last: good for a first try whose outcome is judged by what is read after it. */
  known(view: string): Promise<ViewRecord | null>;
  /** Adds a version where it is not there. */
  add(at: ViewVersion, eventStoreId: string, fields: readonly string[]): Promise<void>;
  /** Makes a version the live one; false where it is gone. */
  promote(at: ViewVersion): Promise<boolean>;
  /** Takes a version out; false where it is live or gone. */
  remove(at: ViewVersion, collection: string): Promise<boolean>;
  /** Moves a checkpoint, never backwards; false where the version is gone, or is another of that name. */
  advance(at: ViewVersion, collection: string, checkpoint: bigint): Promise<boolean>;
}

export function createViewRecords(db: Db): ViewRecords {
  const views: Collection<ViewRecord> = db.collection('views');
  const last = new Map<string, ViewRecord>();

  async function read(view: string): Promise<ViewRecord | null> {
    const record = await views.findOne({ _id: view });
    if (record === null) last.delete(view);
    else last.set(view, record);
    return record;
  }

  return {
    read,
    known: async (view) => last.get(view) ?? read(view),
    async add(at, eventStoreId, fields) {
      const record: VersionRecord = {
        version: at.version,
        collection: newCollection(at),
        eventStoreId,
        checkpoint: 0n,
        fields,
      };
      const known = await read(at.view);
      if (versionIn(known, at) !== undefined) return;
      const path = pathOf(at);
      if (known === null)
        await upserted(() => views.updateOne({ _id: at.view }, { $setOnInsert: { versions: {} } }, { upsert: true }));
      await views.updateOne({ _id: at.view, [path]: { $exists: false } }, { $set: { [path]: record } });
    },
    async promote(at) {
      const there = { _id: at.view, [pathOf(at)]: { $exists: true } };
      return (await views.updateOne(there, { $set: { live: at.version } })).matchedCount === 1;
    },
    async remove(at, collection) {
      const path = pathOf(at);
      const notLive = { _id: at.view, live: { $ne: at.version }, [`${path}.collection`]: collection };
      return (await views.updateOne(notLive, { $unset: { [path]: '' } })).matchedCount === 1;
    },
    async advance(at, collection, checkpoint) {
      const path = pathOf(at);
      const there = { _id: at.view, [`${path}.collection`]: collection };
      const to = int64(checkpoint, `the checkpoint of view ${at.view}`);
      return (await views.updateOne(there, { $max: { [`${path}.checkpoint`]: to } })).matchedCount === 1;
    },
  };
}

export function versionIn(
  record: ViewRecord | null,
  { version }: Pick<ViewVersion, 'version'>,
): VersionRecord | undefined {
  return record?.versions?.[keyOf(version)];
}

export function liveIn(record: ViewRecord | null): VersionRecord | undefined {
  return record?.live === undefined ? undefined : versionIn(record, { version: record.live });
}

export function versionsIn(record: ViewRecord | null): readonly VersionRecord[] {
  return Object.values(record?.versions ?? {});
}

export function stateFrom({ version, checkpoint, eventStoreId }: VersionRecord): ViewState {
  return { version, checkpoint, eventStoreId };
}

/** Whether a collection holds, or held, the documents of some version of a view. */
export function isOfView(collection: string, view: string): boolean {
  const prefix = `${PREFIX}${view}@`;
  return collection.startsWith(prefix) && /^[\d.]+@[\da-f]{16}$/.test(collection.slice(prefix.length));
}

const PREFIX = 'view_';

function newCollection({ view, version }: ViewVersion): string {
  return `${PREFIX}${view}@${version}@${randomBytes(8).toString('hex')}`;
}

function pathOf({ version }: ViewVersion): string {
  return `versions.${keyOf(version)}`;
}

function keyOf(version: string): string {
  if (!/^\d+(\.\d+)*$/.test(version)) throw new Error(`a version is numbers with dots between, not "${version}"`);
  return version.replaceAll('.', '_');
}
