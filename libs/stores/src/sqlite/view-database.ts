/**
 * Views in one SQLite file, as plain synchronous calls. The file is disposable: unreadable or of another schema, it is
 * made anew and filled again from the events.
 */
import { rmSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Condition, FieldValue, FindOptions, ParkedStream, SavedDocument, ViewVersion } from '#libs/sourcing';
import { openDatabase } from './database.ts';

const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE versions (
    view TEXT NOT NULL, version TEXT NOT NULL, live INTEGER NOT NULL DEFAULT 0,
    checkpoint INTEGER NOT NULL DEFAULT 0, event_store_id TEXT NOT NULL, field_types TEXT NOT NULL,
    PRIMARY KEY (view, version)
  ) WITHOUT ROWID;
  CREATE TABLE parked (
    view TEXT NOT NULL, version TEXT NOT NULL, stream TEXT NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (view, version, stream)
  ) WITHOUT ROWID;
  PRAGMA user_version = ${SCHEMA_VERSION};`;

/** Statements kept ready; filters combine into a bounded number of shapes, this bounds it whatever they do. */
const STATEMENT_LIMIT = 500;

export interface ViewDefinition {
  readonly name: string;
  readonly fieldTypes: Readonly<Record<string, 'text' | 'integer'>>;
  readonly indexes: readonly (readonly string[])[];
}

export interface ViewRow {
  readonly id: string;
  readonly position: number;
  readonly json: string;
}

export interface ViewStateRow {
  readonly version: string;
  readonly checkpoint: number;
  readonly eventStoreId: string;
}

export class ViewDatabase {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #fields = new Map<string, readonly string[]>();

  constructor(path: string) {
    this.#db = openUsable(path);
  }

  live(view: string): ViewStateRow | null {
    const row = this.#prepare('SELECT version, checkpoint, event_store_id FROM versions WHERE view = ? AND live = 1').get(view);
    return row === undefined ? null : stateFrom(row);
  }

  open(view: ViewDefinition, version: string, eventStoreId: string): ViewStateRow {
    return this.#transaction(() => {
      const table = tableName({ view: view.name, version });
      const columns = Object.entries(view.fieldTypes).map(([field, type]) => `${column(field)} ${type === 'integer' ? 'INTEGER' : 'TEXT'}`);
      this.#prepare(
        'INSERT OR IGNORE INTO versions (view, version, event_store_id, field_types) VALUES (?, ?, ?, ?)',
      ).run(view.name, version, eventStoreId, JSON.stringify(Object.keys(view.fieldTypes)));
      this.#db.exec(`CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY, position INTEGER NOT NULL, json TEXT NOT NULL, ${columns.join(', ')})`);
      for (const fields of view.indexes) {
        const name = identifier(`${view.name}@${version}:${fields.join(',')}`);
        this.#db.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${fields.map(column).join(', ')})`);
      }
      return stateFrom(
        this.#prepare('SELECT version, checkpoint, event_store_id FROM versions WHERE view = ? AND version = ?').get(view.name, version)!,
      );
    });
  }

  promote({ view, version }: ViewVersion): void {
    this.#prepare('UPDATE versions SET live = (version = ?) WHERE view = ?').run(version, view);
  }

  drop(at: ViewVersion): void {
    this.#statements.clear();
    this.#fields.delete(`${at.view}@${at.version}`);
    this.#transaction(() => {
      this.#prepare('DELETE FROM versions WHERE view = ? AND version = ?').run(at.view, at.version);
      this.#prepare('DELETE FROM parked WHERE view = ? AND version = ?').run(at.view, at.version);
      this.#db.exec(`DROP TABLE IF EXISTS ${tableName(at)}`);
    });
    this.#statements.clear();
  }

  versions(view: string): string[] {
    return this.#prepare('SELECT version FROM versions WHERE view = ?').all(view).map((row) => String(row['version']));
  }

  load(at: ViewVersion, ids: readonly string[]): ViewRow[] {
    const statement = this.#prepare(`SELECT id, position, json FROM ${tableName(at)} WHERE id = ?`);
    return ids.flatMap((id) => (statement.get(id) as unknown as ViewRow | undefined) ?? []);
  }

  /** Documents and checkpoint in one transaction: after a crash they agree. */
  save(at: ViewVersion, documents: readonly (Omit<SavedDocument, 'position'> & { position: number })[], checkpoint: number): void {
    this.#transaction(() => {
      const fields = this.#fieldsOf(at);
      const columns = fields.map(column);
      const upsert = this.#prepare(
        `INSERT INTO ${tableName(at)} (${['id', 'position', 'json', ...columns].join(', ')})
         VALUES (${['?', '?', '?', ...columns.map(() => '?')].join(', ')})
         ON CONFLICT (id) DO UPDATE SET position = excluded.position, json = excluded.json
         ${columns.map((name) => `, ${name} = excluded.${name}`).join('')}
         WHERE excluded.position > position`,
      );
      for (const document of documents) {
        upsert.run(document.id, document.position, document.json, ...fields.map((field) => document.fields[field] ?? null));
      }
      const { changes } = this.#prepare(
        'UPDATE versions SET checkpoint = max(checkpoint, ?) WHERE view = ? AND version = ?',
      ).run(checkpoint, at.view, at.version);
      if (changes === 0) throw new Error(`version ${at.version} of view ${at.view} is gone`);
    });
  }

  get(view: string, id: string): ViewRow | null {
    const at = this.#liveVersion(view);
    return at === null ? null : (this.load(at, [id])[0] ?? null);
  }

  find(view: string, { where, orderBy, limit, offset = 0 }: FindOptions): ViewRow[] {
    const at = this.#liveVersion(view);
    if (at === null) return [];
    const filter = this.#filter(at, where);
    const order = `${this.#known(at, orderBy.field)} ${orderBy.direction === 'desc' ? 'DESC' : 'ASC'}`;
    return this.#prepare(`SELECT id, position, json FROM ${tableName(at)} ${filter.sql} ORDER BY ${order} LIMIT ? OFFSET ?`)
      .all(...filter.values, limit, offset) as unknown as ViewRow[];
  }

  count(view: string, where: readonly Condition[]): number {
    const at = this.#liveVersion(view);
    if (at === null) return 0;
    const filter = this.#filter(at, where);
    return Number(this.#prepare(`SELECT count(*) AS count FROM ${tableName(at)} ${filter.sql}`).get(...filter.values)!['count']);
  }

  /** A page of all documents in order of id. */
  page(at: ViewVersion, after: string, limit: number): ViewRow[] {
    return this.#prepare(`SELECT id, position, json FROM ${tableName(at)} WHERE id > ? ORDER BY id LIMIT ?`).all(after, limit) as unknown as ViewRow[];
  }

  park(at: ViewVersion, { stream, position, reason }: ParkedStream): void {
    this.#prepare('INSERT OR REPLACE INTO parked (view, version, stream, position, reason) VALUES (?, ?, ?, ?, ?)')
      .run(at.view, at.version, stream, position, reason);
  }

  unpark(at: ViewVersion, stream: string): void {
    this.#prepare('DELETE FROM parked WHERE view = ? AND version = ? AND stream = ?').run(at.view, at.version, stream);
  }

  parked(at: ViewVersion): { stream: string; position: number; reason: string }[] {
    return this.#prepare('SELECT stream, position, reason FROM parked WHERE view = ? AND version = ? ORDER BY stream')
      .all(at.view, at.version) as unknown as { stream: string; position: number; reason: string }[];
  }

  ready(): void {
    this.#prepare('SELECT count(*) FROM versions').get();
  }

  close(): void {
    this.#db.close();
  }

  #liveVersion(view: string): ViewVersion | null {
    const state = this.live(view);
    return state === null ? null : { view, version: state.version };
  }

  #fieldsOf(at: ViewVersion): readonly string[] {
    const key = `${at.view}@${at.version}`;
    let fields = this.#fields.get(key);
    if (fields === undefined) {
      const row = this.#prepare('SELECT field_types FROM versions WHERE view = ? AND version = ?').get(at.view, at.version);
      if (row === undefined) throw new Error(`version ${at.version} of view ${at.view} is gone`);
      fields = JSON.parse(String(row['field_types'])) as string[];
      this.#fields.set(key, fields);
    }
    return fields;
  }

  #known(at: ViewVersion, field: string): string {
    if (!this.#fieldsOf(at).includes(field)) throw new Error(`view ${at.view} declares no field ${field}`);
    return column(field);
  }

  #filter(at: ViewVersion, where: readonly Condition[]): { sql: string; values: SQLInputValue[] } {
    const operators = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;
    const parts: string[] = [];
    const values: SQLInputValue[] = [];
    for (const { field, is, value } of where) {
      const name = this.#known(at, field);
      if (is === 'in') {
        const list = value as readonly FieldValue[];
        parts.push(`${name} IN (${list.map(() => '?').join(', ')})`);
        values.push(...list);
      } else if (value === null && is === 'eq') {
        parts.push(`${name} IS NULL`);
      } else {
        parts.push(`${name} ${operators[is]} ?`);
        values.push(value as FieldValue);
      }
    }
    return { sql: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= STATEMENT_LIMIT) this.#statements.clear();
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #transaction<Result>(work: () => Result): Result {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** NORMAL is enough here: what a power cut takes back is folded again, from the checkpoint it takes back with it. */
function openUsable(path: string): DatabaseSync {
  for (let attempt = 0; ; attempt += 1) {
    let db: DatabaseSync | null = null;
    try {
      db = openDatabase(path, { synchronous: 'NORMAL' });
      db.exec('BEGIN IMMEDIATE');
      const version = Number(db.prepare('PRAGMA user_version').get()!['user_version']);
      if (version === 0) db.exec(SCHEMA);
      db.exec('COMMIT');
      if (version === 0 || version === SCHEMA_VERSION) return db;
      db.close();
    } catch (error) {
      if (db?.isOpen) db.close();
      if (attempt > 0 || !isUnreadable(error)) throw error;
    }
    if (attempt > 0) throw new Error(`${path} could not be made anew`);
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  }
}

function isUnreadable(error: unknown): boolean {
  const code = error !== null && typeof error === 'object' && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === 11 /* CORRUPT */ || code === 26 /* NOTADB */;
}

function stateFrom(row: Record<string, unknown>): ViewStateRow {
  return { version: String(row['version']), checkpoint: Number(row['checkpoint']), eventStoreId: String(row['event_store_id']) };
}

function tableName({ view, version }: ViewVersion): string {
  return identifier(`${view}@${version}`);
}

function column(field: string): string {
  return identifier(`f_${field}`);
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
