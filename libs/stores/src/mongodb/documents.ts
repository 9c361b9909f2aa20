/** Documents of a view as MongoDB keeps them: the exact JSON beside the values they are found by. */
import { BSON, type Collection } from 'mongodb';
import { type FieldValue, messageOf, type SavedDocument, type StoredDocument } from '#libs/sourcing';
import { isDuplicateKey } from './answers.ts';
import { int64 } from './int64.ts';

/** Statements of one update command. Any number is right for MongoDB; servers that speak its protocol take fewer than 100. */
const STATEMENTS_A_COMMAND = 64;

/** Bytes of one document, as MongoDB limits them, and with them the statement in which the driver sends one. */
const DOCUMENT_LIMIT = 16 * 1_024 * 1_024;

/** What is around a document in its statement: the filter, with the id once more. It takes some hundred bytes. */
const AROUND = 16 * 1_024;

/** The most that a unit of UTF-16 takes in UTF-8. */
const BYTES_A_UNIT = 3;

export interface DocumentRecord {
  readonly _id: string;
  /** Position of the last event folded in. */
  readonly position: bigint;
  readonly json: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** What is read of a document. */
export const SHOWN = { position: 1, json: 1 } as const;

export function storedFrom({ _id, position, json }: Pick<DocumentRecord, '_id' | 'position' | 'json'>): StoredDocument {
  return { id: _id, position, json };
}

/**
 * A document in the form in which it is kept. A field it has no value for is null there, not missing.
 * @throws Error naming the document, where it is longer than MongoDB takes or a number is not one of 64 bits.
 */
export function recordFrom(
  view: string,
  { id, position, json, fields }: SavedDocument,
  names: readonly string[],
): DocumentRecord {
  const record: DocumentRecord = {
    _id: id,
    position: int64(position, `the position of document ${id} of view ${view}`),
    json,
    fields: Object.fromEntries(names.map((name) => [name, storedValue(fields[name] ?? null, name)])),
  };
  // Only what may be too long is measured exactly.
  if (json.length * BYTES_A_UNIT > DOCUMENT_LIMIT / 2) {
    const bytes = BSON.calculateObjectSize(record) + AROUND;
    if (bytes > DOCUMENT_LIMIT)
      throw new Error(`document ${id} of view ${view} has ${bytes} bytes; MongoDB takes ${DOCUMENT_LIMIT}`);
  }
  return record;
}

/** Why a document can't be kept, however often it is tried; null where it can. */
export function refusalOf(view: string, document: SavedDocument): string | null {
  try {
    recordFrom(view, document, Object.keys(document.fields));
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** Whole numbers are 64 bits wide, whichever type they come in: a double would be compared, and indexed, as another kind. */
export function storedValue(value: FieldValue, field: string): FieldValue {
  if (typeof value === 'bigint') return int64(value, `field ${field}`);
  return typeof value === 'number' && Number.isInteger(value) ? int64(BigInt(value), `field ${field}`) : value;
}

/** Saves documents, each only over an older position. */
export async function saveNewer(
  collection: Collection<DocumentRecord>,
  documents: readonly DocumentRecord[],
): Promise<void> {
  for (let from = 0; from < documents.length; from += STATEMENTS_A_COMMAND) {
    const some = documents.slice(from, from + STATEMENTS_A_COMMAND);
    try {
      await collection.bulkWrite(
        some.map((document) => ({
          replaceOne: { filter: olderThan(document), replacement: document, upsert: true },
        })),
        { ordered: false },
      );
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Servers differ in what they did with the rest, and in what they tell of it.
      for (const document of some) await saveOne(collection, document);
    }
  }
}

async function saveOne(collection: Collection<DocumentRecord>, document: DocumentRecord): Promise<void> {
  try {
    await collection.replaceOne(olderThan(document), document, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    // A document of this id is there. It is as new as this one, or it is older and came between the server's look for
    // it and its insert: now that it is there it is replaced, or it is newer.
    await collection.replaceOne(olderThan(document), document);
  }
}

/** Where a newer document is kept this matches none: the upsert then meets its id, and is refused. */
function olderThan({ _id, position }: DocumentRecord): { _id: string; position: { $lt: bigint } } {
  return { _id, position: { $lt: position } };
}
