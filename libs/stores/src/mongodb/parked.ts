/** Streams that were parked, of all versions of all views. */
import type { Collection, Db } from 'mongodb';
import type { ParkedStream } from '#libs/sourcing';
import { upserted } from './answers.ts';
import { int64 } from './int64.ts';
import type { VersionRecord } from './view-records.ts';

interface ParkedRecord {
  /** The version's collection and the stream. */
  readonly _id: string;
  /** The collection of the version it was parked for: never used again once that is dropped. */
  readonly of: string;
  readonly view: string;
  readonly stream: string;
  readonly position: bigint;
  readonly reason: string;
}

export interface ParkedStreams {
  prepare(): Promise<void>;
  park(view: string, version: VersionRecord, parked: ParkedStream): Promise<void>;
  unpark(version: VersionRecord, stream: string): Promise<void>;
  /** In order of stream. */
  list(version: VersionRecord): Promise<readonly ParkedStream[]>;
  /** The collections of those versions of a view that streams are parked for. */
  collections(view: string): Promise<readonly string[]>;
  clear(collection: string): Promise<void>;
}

export function createParkedStreams(db: Db): ParkedStreams {
  const streams: Collection<ParkedRecord> = db.collection('parked_streams');
  return {
    prepare: async () => void (await streams.createIndex({ of: 1, stream: 1 })),
    async park(view, { collection }, { stream, position, reason }) {
      const _id = idOf(collection, stream);
      const at = int64(position, `the position of parked stream ${stream}`);
      const record: ParkedRecord = { _id, of: collection, view, stream, position: at, reason };
      await upserted(() => streams.replaceOne({ _id }, record, { upsert: true }));
    },
    unpark: async ({ collection }, stream) => void (await streams.deleteOne({ _id: idOf(collection, stream) })),
    list: async ({ collection }) => {
      const records = await streams.find({ of: collection }).sort({ stream: 1 }).toArray();
      return records.map(({ stream, position, reason }) => ({ stream, position, reason }));
    },
    collections: (view) => streams.distinct('of', { view }),
    clear: async (collection) => void (await streams.deleteMany({ of: collection })),
  };
}

function idOf(collection: string, stream: string): string {
  return `${collection}/${stream}`;
}
