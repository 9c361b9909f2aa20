/** The file of the views. It is disposable: unreadable or of another schema, it is made anew and filled again from the events. */
import { rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { errorCode, openDatabase } from './database.ts';

const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE versions (
    view TEXT NOT NULL, version TEXT NOT NULL, live INTEGER NOT NULL DEFAULT 0,
    checkpoint INTEGER NOT NULL DEFAULT 0, event_store_id TEXT NOT NULL, definition TEXT NOT NULL,
    PRIMARY KEY (view, version)
  ) WITHOUT ROWID;
  CREATE TABLE parked (
    view TEXT NOT NULL, version TEXT NOT NULL, stream TEXT NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (view, version, stream)
  ) WITHOUT ROWID;
  PRAGMA user_version = ${SCHEMA_VERSION};`;

/** A build writes gigabytes: checkpoints in short order would write most pages several times. */
export const FOR_BUILDING = 'PRAGMA wal_autocheckpoint = 8192';

/** Whoever keeps a view up to date waits for its checkpoints, and readers with it: they come often and are short. */
export const FOR_FOLLOWING = 'PRAGMA wal_autocheckpoint = 400';

const FOR_BOTH = 'PRAGMA cache_size = -65536; PRAGMA journal_size_limit = 16777216;';

/** SQLite's codes for a file that is damaged, and for one that never was a database. */
const UNREADABLE_CODES = new Set([11 /* CORRUPT */, 26 /* NOTADB */]);

/**
 * Opens the file, making it anew where it can't be used.
 * NORMAL is enough here: what a power cut takes back is folded again, from the checkpoint it takes back with it.
 */
export function openViewFile(path: string): DatabaseSync {
  try {
    const db = openIfUsable(path);
    if (db !== null) return db;
  } catch (error) {
    if (!UNREADABLE_CODES.has(errorCode(error))) throw error;
  }
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  const db = openIfUsable(path);
  if (db === null) throw new Error(`${path} could not be made anew`);
  return db;
}

/** Null where the file is of another schema. */
function openIfUsable(path: string): DatabaseSync | null {
  const db = openDatabase(path, 'NORMAL');
  try {
    db.exec(FOR_BOTH);
    db.exec(FOR_FOLLOWING);
    // The lock keeps two processes that start at once from both making the tables.
    db.exec('BEGIN IMMEDIATE');
    const version = Number(db.prepare('PRAGMA user_version').get()!['user_version']);
    if (version === 0) db.exec(SCHEMA);
    db.exec('COMMIT');
    if (version === 0 || version === SCHEMA_VERSION) return db;
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  return null;
}
