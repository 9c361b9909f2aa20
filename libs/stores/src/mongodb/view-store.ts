/** The `ViewStore` port on MongoDB: guarded single-document writes, with no transaction and nothing beyond a standalone server. */
import type { Collection } from 'mongodb';
import { type StoredDocument, StoreUnavailable, type View, type ViewStore, type ViewVersion } from '#libs/sourcing';
import { isAway, isNotThere } from './answers.ts';
import { filterFor, indexKey, refuseFieldName, sortFor } from './conditions.ts';
import { openDatabase } from './database.ts';
import { type DocumentRecord, recordFrom, refusalOf, saveNewer, SHOWN, storedFrom } from './documents.ts';
import { createParkedStreams } from './parked.ts';
import {
  createViewRecords,
  isOfView,
  liveIn,
  stateFrom,
  type VersionRecord,
  versionIn,
  versionsIn,
  type ViewRecord,
} from './view-records.ts';

/** Documents a page holds when all of them are read. */
const PAGE = 250;

/** How often a call is made again because its version was replaced meanwhile. */
const TRIES = 5;

/**
 * Opens the views in the database that the URL names (`mongodb://` or `mongodb+srv://`), whether or not the server is
 * there yet: calls throw `StoreUnavailable` while it is not. What the URL says of time-outs and pool size goes before
 * the defaults.
 * @throws Error where the URL can't be read.
 */
export async function openMongoViewStore(url: string): Promise<ViewStore> {
  const { db, call, close } = openDatabase(url);
  const records = createViewRecords(db);
  const parked = createParkedStreams(db);
  const documentsOf = ({ collection }: Pick<VersionRecord, 'collection'>): Collection<DocumentRecord> =>
    db.collection(collection);

  /**
   * Reads from a version, and believes it only if that version is still the one meant afterwards: readers never see
   * the hole of a collection that was dropped meanwhile.
   */
  async function reading<Result>(
    view: string,
    meant: (record: ViewRecord | null) => VersionRecord | undefined,
    read: (version: VersionRecord) => Promise<Result>,
    none: () => Result,
  ): Promise<Result> {
    let version = meant(await records.known(view)) ?? meant(await records.read(view));
    for (let tries = 0; tries < TRIES; tries += 1) {
      if (version === undefined) return none();
      const [outcome] = await Promise.allSettled([read(version)]);
      if (outcome.status === 'rejected' && isAway(outcome.reason)) throw outcome.reason;
      const now = meant(await records.read(view));
      if (now?.collection === version.collection) {
        if (outcome.status === 'rejected') throw outcome.reason;
        return outcome.value;
      }
      version = now;
    }
    throw new StoreUnavailable(`view ${view} was replaced ${TRIES} times while it was read`);
  }

  const ofLive = <Result>(view: string, none: Result, read: (version: VersionRecord) => Promise<Result>) =>
    call(() => reading(view, liveIn, read, () => none));

  const ofVersion = <Result>(at: ViewVersion, read: (version: VersionRecord) => Promise<Result>) =>
    call(() =>
      reading(
        at.view,
        (record) => versionIn(record, at),
        read,
        () => {
          throw gone(at);
        },
      ),
    );

  async function dropCollection(collection: string): Promise<void> {
    try {
      await db.dropCollection(collection);
    } catch (error) {
      if (!isNotThere(error)) throw error;
    }
    await parked.clear(collection);
  }

  /**
   * Drops what belongs to no version any more: left by a process that died, or made again by a save that came late.
   * What there is was looked up before the versions are, and a version is added before anything of it is: so what no
   * version names was dropped.
   */
  async function sweep(view: string): Promise<void> {
    const collections = await db.listCollections({}, { nameOnly: true }).toArray();
    const found = new Set(collections.map(({ name }) => name).filter((name) => isOfView(name, view)));
    for (const name of await parked.collections(view)) found.add(name);
    for (const { collection } of versionsIn(await records.read(view))) found.delete(collection);
    for (const name of found) await dropCollection(name);
  }

  async function prepare({ indexes }: View, version: VersionRecord): Promise<void> {
    await parked.prepare();
    // One by one: of several at once that are there already FerretDB makes an error.
    for (const fields of indexes) await documentsOf(version).createIndex(indexKey(fields), { name: fields.join('-') });
  }

  async function* all(at: ViewVersion): AsyncIterable<StoredDocument> {
    for (let after: string | null = null; ;) {
      const page: readonly DocumentRecord[] = await ofVersion(at, (version) =>
        documentsOf(version)
          .find(after === null ? {} : { _id: { $gt: after } }, { projection: SHOWN })
          .sort({ _id: 1 })
          .limit(PAGE)
          .toArray(),
      );
      for (const record of page) yield storedFrom(record);
      if (page.length < PAGE) return;
      after = page[page.length - 1]!._id;
    }
  }

  return {
    live: (view) =>
      call(async () => {
        const live = liveIn(await records.read(view));
        return live === undefined ? null : stateFrom(live);
      }),
    open: (view, version, eventStoreId) =>
      call(async () => {
        const at = { view: view.name, version };
        const fields = Object.keys(view.fieldTypes);
        for (const field of fields) refuseFieldName(view.name, field);
        if (versionIn(await records.read(view.name), at) === undefined) await sweep(view.name);
        await records.add(at, eventStoreId, fields);
        return ofVersion(at, async (opened) => {
          await prepare(view, opened);
          return stateFrom(opened);
        });
      }),
    promote: (at) =>
      call(async () => {
        if (!(await records.promote(at))) throw gone(at);
      }),
    drop: (at) =>
      call(async () => {
        const version = versionIn(await records.read(at.view), at);
        if (version === undefined || !(await records.remove(at, version.collection))) return;
        await dropCollection(version.collection);
        await sweep(at.view);
      }),
    versions: (view) =>
      call(async () =>
        versionsIn(await records.read(view))
          .map(({ version }) => version)
          .toSorted(),
      ),
    load: (at, ids) =>
      ofVersion(at, async (version) =>
        ids.length === 0
          ? []
          : (
              await documentsOf(version)
                .find({ _id: { $in: [...ids] } }, { projection: SHOWN })
                .toArray()
            ).map(storedFrom),
      ),
    refusal: (at, document) => refusalOf(at.view, document),
    save: (at, documents, checkpoint) =>
      call(async () => {
        let version = versionIn(await records.known(at.view), at) ?? versionIn(await records.read(at.view), at);
        for (let tries = 0; tries < TRIES && version !== undefined; tries += 1) {
          const { collection, fields } = version;
          await saveNewer(
            documentsOf(version),
            documents.map((document) => recordFrom(at.view, document, fields)),
          );
          if (await records.advance(at, collection, checkpoint)) return;
          // It was dropped, and what was saved made its collection again.
          await dropCollection(collection);
          version = versionIn(await records.read(at.view), at);
        }
        throw gone(at);
      }),
    get: (view, id) =>
      ofLive<StoredDocument | null>(view, null, async (version) => {
        const record = await documentsOf(version).findOne({ _id: id });
        return record === null ? null : storedFrom(record);
      }),
    find: (view, { where, orderBy, limit, offset = 0 }) =>
      ofLive<readonly StoredDocument[]>(view, [], async (version) => {
        const filter = filterFor(view, version, where);
        const sort = sortFor(view, version, orderBy);
        // To MongoDB a limit of 0 is none.
        if (filter === null || limit <= 0) return [];
        const found = documentsOf(version).find(filter, { projection: SHOWN }).sort(sort).skip(offset).limit(limit);
        return (await found.toArray()).map(storedFrom);
      }),
    count: (view, where) =>
      ofLive(view, 0, async (version) => {
        const filter = filterFor(view, version, where);
        return filter === null ? 0 : documentsOf(version).countDocuments(filter);
      }),
    all,
    park: (at, one) => ofVersion(at, (version) => parked.park(at.view, version, one)),
    unpark: (at, stream) => ofVersion(at, (version) => parked.unpark(version, stream)),
    parked: (at) => ofVersion(at, (version) => parked.list(version)),
    ready: () => call(async () => void (await db.command({ ping: 1 }))),
    close,
  };
}

function gone({ view, version }: ViewVersion): Error {
  return new Error(`version ${version} of view ${view} is gone`);
}
