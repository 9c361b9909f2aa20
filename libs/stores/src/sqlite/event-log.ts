/**
 * The events in one SQLite file, as plain synchronous calls. Threads and processes each open their own.
 *
 * A transaction is all that is between writers: whoever holds it is the only one to give out positions, so a reader
 * never sees a position before a smaller one.
 */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { errorCode, migrate, openDatabase, type Synchronous, messageOf } from './database.ts';
import type { EventRow, LogAppend, LogPlace, LogRequest, LogResult, LogRow, LogRows } from './rows.ts';

const SCHEMA = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE events (
     position   INTEGER PRIMARY KEY AUTOINCREMENT,
     stream     TEXT    NOT NULL,
     revision   INTEGER NOT NULL,
     id         TEXT    NOT NULL,
     type       TEXT    NOT NULL,
     time       TEXT    NOT NULL,
     channel_id TEXT,
     data       TEXT    NOT NULL,
     metadata   TEXT    NOT NULL
   );
   CREATE UNIQUE INDEX events_stream_revision ON events (stream, revision);
   CREATE UNIQUE INDEX events_id ON events (id);`,
];

const COLUMNS = 'position, stream, revision, id, type, time, channel_id, data, metadata';

/** Event ids land all over their index: the default cache of 2 MB, and a checkpoint every 4 MB, would read and write its pages again and again. */
const FOR_RANDOM_IDS =
  'PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 16777216;';

/** Positions a filtered read looks at for each event it may return: a rare stream must not make one read endless. */
const WINDOW_FACTOR = 20;

/** Primary result codes after which the transaction as a whole is lost, not one statement. */
const FATAL_CODES = new Set([
  7 /* NOMEM */, 8 /* READONLY */, 10 /* IOERR */, 11 /* CORRUPT */, 13 /* FULL */, 14 /* CANTOPEN */, 26 /* NOTADB */,
]);

export class EventLog {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #head: StatementSync;
  readonly #at: StatementSync;
  readonly #stream: StatementSync;
  readonly #all: StatementSync;
  readonly #prefixed: StatementSync;
  readonly #last: StatementSync;
  readonly #dataVersion: StatementSync;
  /** Why the last commit failed, until one succeeds. */
  #sick: string | null = null;
  #lastCommit = 0;
  #written = 0;

  constructor(path: string, { synchronous = 'FULL' }: { synchronous?: Synchronous } = {}) {
    const db = openDatabase(path, synchronous);
    db.exec(FOR_RANDOM_IDS);
    migrate(db, path, SCHEMA);
    db.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('store_id', ?)").run(randomUUID());
    this.#db = db;
    this.#insert = db.prepare(
      'INSERT OR IGNORE INTO events (stream, revision, id, type, time, channel_id, data, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#head = db.prepare('SELECT revision FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 1');
    this.#at = db.prepare('SELECT id, position FROM events WHERE stream = ? AND revision = ?');
    this.#stream = rowsOf(
      db,
      `SELECT ${COLUMNS} FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?`,
    );
    this.#all = rowsOf(db, `SELECT ${COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?`);
    this.#prefixed = rowsOf(
      db,
      `SELECT ${COLUMNS} FROM events WHERE position > ? AND position <= ? AND +stream >= ? AND +stream < ? ORDER BY position LIMIT ?`,
    );
    this.#last = db.prepare('SELECT max(position) AS position FROM events');
    this.#dataVersion = db.prepare('PRAGMA data_version');
  }

  id(): string {
    return String(this.#db.prepare("SELECT value FROM meta WHERE key = 'store_id'").get()!['value']);
  }

  /** Position of the last event, 0 when there is none. */
  head(): number {
    return Number(this.#last.get()!['position'] ?? 0);
  }

  /** Another number whenever another connection has committed. */
  changes(): number {
    return Number(this.#dataVersion.get()!['data_version']);
  }

  /**
   * Carries out all requests in one transaction, in which each stands or falls alone, and returns once it is durable.
   * Answers in the order of the requests; never throws.
   */
  append(requests: readonly LogRequest[]): LogResult[] {
    const results: LogResult[] = [];
    this.#written = 0;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
    } catch (error) {
      const unavailable = messageOf(error);
      if (FATAL_CODES.has(errorCode(error))) this.#sick = unavailable;
      return requests.map(() => ({ unavailable }));
    }
    try {
      for (const request of requests) results.push(this.#one(request));
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#sick = messageOf(error);
      this.#written = 0;
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      return requests.map(() => ({ unknown: this.#sick! }));
    }
    this.#committed();
    return results;
  }

  /** Events that the last `append` made durable, of all its requests; 0 where it failed, or found them there already. */
  get written(): number {
    return this.#written;
  }

  #committed(): void {
    this.#sick = null;
    this.#lastCommit = Date.now();
  }

  #one(request: LogRequest): LogResult {
    const alone = request.length === 1 && request[0]!.events.length === 1;
    const before = this.#written;
    if (!alone) this.#db.exec('SAVEPOINT request');
    let result: LogResult;
    try {
      const appended: LogPlace[] = [];
      result = { appended };
      for (const append of request) {
        const one = this.#appendOne(append);
        if ('position' in one) {
          appended.push(one);
          continue;
        }
        result = one;
        break;
      }
    } catch (error) {
      if (FATAL_CODES.has(errorCode(error)) || !this.#db.isTransaction) throw error;
      result = { failed: messageOf(error) };
    }
    if (!('appended' in result)) this.#written = before;
    if (!alone) this.#db.exec('appended' in result ? 'RELEASE request' : 'ROLLBACK TO request; RELEASE request');
    return result;
  }

  #appendOne({ stream, expected, events }: LogAppend): LogResult | LogPlace {
    if (expected >= 0) {
      const actual = this.#headOf(stream);
      if (actual !== expected)
        return this.#standing(stream, expected, events) ?? { conflict: { stream, expected, actual } };
    }
    let revision = expected;
    let position = 0;
    for (const [id, type, time, channelId, data, metadata] of events) {
      revision += 1;
      const { changes, lastInsertRowid } = this.#insert.run(
        stream,
        revision,
        id,
        type,
        time,
        channelId,
        data,
        metadata,
      );
      if (changes === 0) return this.#obstacle(stream, expected, revision, events);
      this.#written += 1;
      position = Number(lastInsertRowid);
    }
    return { revision, position };
  }

  /** Why an event could not be put at a revision. Past the first event, or with the stream where it should be, it is its id. */
  #obstacle(stream: string, expected: number, revision: number, events: readonly EventRow[]): LogResult | LogPlace {
    const actual = revision === expected + 1 ? this.#headOf(stream) : expected;
    if (actual === expected)
      return { failed: `the event id for revision ${revision} of ${stream} stands elsewhere in the log` };
    return this.#standing(stream, expected, events) ?? { conflict: { stream, expected, actual } };
  }

  /** Where these very events stand already at that place: a repeat of their append is answered as the first time. */
  #standing(stream: string, expected: number, events: readonly EventRow[]): LogPlace | null {
    let last: LogPlace | null = null;
    for (const [index, [id]] of events.entries()) {
      const revision = expected + 1 + index;
      const there = this.#at.get(stream, revision);
      if (there === undefined || there['id'] !== id) return null;
      last = { revision, position: Number(there['position']) };
    }
    return last;
  }

  #headOf(stream: string): number {
    const row = this.#head.get(stream);
    return row === undefined ? -1 : Number(row['revision']);
  }

  readStream(stream: string, from: number, limit: number): readonly LogRow[] {
    return this.#stream.all(stream, from, limit) as unknown as LogRow[];
  }

  /** Events after a position; `checkpoint` is how far it looked. */
  readAll(after: number, limit: number, prefix: string): LogRows {
    if (prefix === '') {
      const rows = this.#all.all(after, limit) as unknown as LogRow[];
      return { rows, checkpoint: rows.length > 0 ? rows[rows.length - 1]![0] : after };
    }
    const head = this.head();
    const upTo = Math.min(head, after + limit * WINDOW_FACTOR);
    if (upTo <= after) return { rows: [], checkpoint: after };
    const rows = this.#prefixed.all(after, upTo, prefix, prefixEnd(prefix), limit) as unknown as LogRow[];
    return { rows, checkpoint: rows.length === limit ? rows[rows.length - 1]![0] : upTo };
  }

  /**
   * Throws unless the log takes writes. After a failure, or when the last commit is a while ago, that is tried with a
   * transaction of a size that an append could have.
   */
  ready(): void {
    if (this.#sick === null && Date.now() - this.#lastCommit < 2_000) return;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      this.#db.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('probe', hex(zeroblob(16384)))");
      this.#db.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('probe', '')");
      this.#db.exec('COMMIT');
      this.#committed();
    } catch (error) {
      this.#sick = messageOf(error);
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw new Error(`the event log takes no writes: ${this.#sick}`, { cause: error });
    }
  }

  close(): void {
    this.#db.close();
  }
}

/** Rows as arrays: they cross threads, and arrays are cheaper to copy than objects. */
function rowsOf(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

/** The first text after all that begin with the prefix. */
function prefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
