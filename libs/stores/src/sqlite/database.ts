/** Opening SQLite files the way the ledger needs them, and refusing a library that can't keep its promises. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** First release with the fix of the WAL-reset corruption. */
export const MINIMUM_SQLITE = '3.51.3';

/** `OFF` exists only so that a test can show that the durability test would notice. */
export type Synchronous = 'FULL' | 'NORMAL' | 'OFF';

const SYNCHRONOUS_CODES: Record<Synchronous, number> = { OFF: 0, NORMAL: 1, FULL: 2 };

/** Milliseconds to wait for another process's transaction. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens a file in WAL mode and checks that the settings took hold.
 * Throws when the SQLite library is too old or the file system refuses WAL.
 */
export function openDatabase(path: string, synchronous: Synchronous): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    const version = String(db.prepare('SELECT sqlite_version() AS version').get()!['version']);
    if (olderThan(version, MINIMUM_SQLITE)) {
      throw new Error(`SQLite ${version} can corrupt a write-ahead log; ${MINIMUM_SQLITE} or newer is needed`);
    }
    db.exec('PRAGMA journal_mode = WAL');
    db.exec(`PRAGMA synchronous = ${synchronous}`);
    expectPragma(db, path, 'journal_mode', 'wal');
    expectPragma(db, path, 'synchronous', SYNCHRONOUS_CODES[synchronous]);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function expectPragma(db: DatabaseSync, path: string, name: string, wanted: string | number): void {
  const value = db.prepare(`PRAGMA ${name}`).get()![name];
  if (value !== wanted) throw new Error(`${path}: ${name} is ${String(value)}, not ${wanted}`);
}

/** Compares dotted version numbers. */
export function olderThan(version: string, minimum: string): boolean {
  const [left, right] = [version, minimum].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let place = 0; place < right.length; place += 1) {
    const difference = (left[place] ?? 0) - right[place]!;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Brings a file's schema forward, one step a version, each in a transaction of its own. */
export function migrate(db: DatabaseSync, path: string, steps: readonly string[]): void {
  for (;;) {
    db.exec('BEGIN IMMEDIATE');
    try {
      const version = Number(db.prepare('PRAGMA user_version').get()!['user_version']);
      if (version > steps.length) {
        throw new Error(
          `${path} has schema version ${version}; this release knows up to ${steps.length}: use the release that wrote it, or a newer one`,
        );
      }
      if (version === steps.length) {
        db.exec('COMMIT');
        return;
      }
      db.exec(steps[version]!);
      db.exec(`PRAGMA user_version = ${version + 1}`);
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** SQLite's primary result code, 0 for other errors. */
export function errorCode(error: unknown): number {
  return error !== null && typeof error === 'object' && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
}

/** Does some work in one transaction that writes: all of it, or none. */
export function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** What an error says. The kernel's own is not at hand in a thread, which loads no more than it runs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
