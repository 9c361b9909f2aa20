/** Views in one SQLite file, as plain synchronous calls. Each version of a view is a table of its own. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Condition, FindOptions, ParkedStream, SavedDocument, ViewVersion } from '#libs/sourcing';
import { whereClause } from './conditions.ts';
import { inTransaction } from './database.ts';
import { FOR_BUILDING, FOR_FOLLOWING, openViewFile } from './view-file.ts';

/** Statements kept ready; filters combine into a bounded number of shapes, this bounds it whatever they do. */
const STATEMENT_LIMIT = 500;

/** Documents that one statement saves: calling SQLite costs as much as what a single row asks of it. */
const ROWS_A_STATEMENT = 16;

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

/** A document as it crosses threads: its position is a number here. */
export type ViewSave = Omit<SavedDocument, 'position'> & { readonly position: number };

export class ViewDatabase {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #fields = new Map<string, readonly string[]>();

  constructor(path: string) {
    this.#db = openViewFile(path);
  }

  live(view: string): ViewStateRow | null {
    const row = this.#prepare(
      'SELECT version, checkpoint, event_store_id FROM versions WHERE view = ? AND live = 1',
    ).get(view);
    return row === undefined ? null : stateFrom(row);
  }

  open({ name, fieldTypes, indexes }: ViewDefinition, version: string, eventStoreId: string): ViewStateRow {
    const at = { view: name, version };
    this.#fields.delete(tableName(at));
    this.#db.exec(FOR_BUILDING);
    return inTransaction(this.#db, () => {
      const columns = Object.entries(fieldTypes).map(
        ([field, type]) => `, ${column(field)} ${type === 'integer' ? 'INTEGER' : 'TEXT'}`,
      );
      this.#prepare(
        'INSERT OR IGNORE INTO versions (view, version, event_store_id, definition) VALUES (?, ?, ?, ?)',
      ).run(name, version, eventStoreId, JSON.stringify({ name, fieldTypes, indexes } satisfies ViewDefinition));
      this.#db.exec(
        `CREATE TABLE IF NOT EXISTS ${tableName(at)} (id TEXT PRIMARY KEY, position INTEGER NOT NULL${columns.join('')}, json TEXT NOT NULL)`,
      );
      return stateFrom(
        this.#prepare('SELECT version, checkpoint, event_store_id FROM versions WHERE view = ? AND version = ?').get(
          name,
          version,
        )!,
      );
    });
  }

  /** The indexes are made only here: nobody finds anything in a version before, and keeping them up would slow its build. */
  promote(at: ViewVersion): void {
    // Each index reads the whole table: mapped, that is no call for every page. Only here, for a mapped file that fails ends the process.
    this.#db.exec('PRAGMA mmap_size = 1073741824');
    inTransaction(this.#db, () => {
      for (const fields of this.#definition(at).indexes) {
        const name = identifier(`${at.view}@${at.version}:${fields.join(',')}`);
        // A document without a value to be found by costs such an index nothing; a search for a value still uses it.
        this.#db.exec(
          `CREATE INDEX IF NOT EXISTS ${name} ON ${tableName(at)} (${fields.map(column).join(', ')})
           WHERE ${column(fields[0]!)} IS NOT NULL`,
        );
      }
      this.#prepare('UPDATE versions SET live = (version = ?) WHERE view = ?').run(at.version, at.view);
    });
    this.#db.exec('PRAGMA mmap_size = 0');
    this.#db.exec(FOR_FOLLOWING);
  }

  drop(at: ViewVersion): void {
    // A statement at rest on the table would keep it from being dropped.
    this.#statements.clear();
    this.#fields.delete(tableName(at));
    inTransaction(this.#db, () => {
      const { changes } = this.#prepare('DELETE FROM versions WHERE view = ? AND version = ? AND live = 0').run(
        at.view,
        at.version,
      );
      if (changes === 0) return;
      this.#prepare('DELETE FROM parked WHERE view = ? AND version = ?').run(at.view, at.version);
      this.#db.exec(`DROP TABLE IF EXISTS ${tableName(at)}`);
    });
  }

  versions(view: string): string[] {
    return this.#prepare('SELECT version FROM versions WHERE view = ? ORDER BY version')
      .all(view)
      .map((row) => String(row['version']));
  }

  load(at: ViewVersion, ids: readonly string[]): ViewRow[] {
    const statement = this.#prepare(`SELECT id, position, json FROM ${tableName(at)} WHERE id = ?`);
    return ids.flatMap((id) => (statement.get(id) as unknown as ViewRow | undefined) ?? []);
  }

  /** Documents and checkpoint in one transaction: after a crash they agree. */
  save(at: ViewVersion, documents: readonly ViewSave[], checkpoint: number): void {
    inTransaction(this.#db, () => {
      const fields = this.#fieldsOf(at);
      for (let from = 0; from < documents.length;) {
        const rows = documents.length - from >= ROWS_A_STATEMENT ? ROWS_A_STATEMENT : 1;
        const values: SQLInputValue[] = [];
        for (const document of documents.slice(from, from + rows)) {
          values.push(document.id, document.position, document.json);
          for (const field of fields) values.push(document.fields[field] ?? null);
        }
        this.#upsert(at, fields, rows).run(...values);
        from += rows;
      }
      this.#prepare('UPDATE versions SET checkpoint = max(checkpoint, ?) WHERE view = ? AND version = ?').run(
        checkpoint,
        at.view,
        at.version,
      );
    });
  }

  #upsert(at: ViewVersion, fields: readonly string[], rows: number): StatementSync {
    const columns = ['position', 'json', ...fields.map(column)];
    const row = `(?, ${columns.map(() => '?').join(', ')})`;
    return this.#prepare(
      `INSERT INTO ${tableName(at)} (id, ${columns.join(', ')}) VALUES ${Array(rows).fill(row).join(', ')}
       ON CONFLICT (id) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}
       WHERE excluded.position > position`,
    );
  }

  get(view: string, id: string): ViewRow | null {
    return this.#ofLive(view, null, (at) => this.load(at, [id])[0] ?? null);
  }

  find(view: string, { where, orderBy, limit, offset = 0 }: FindOptions): ViewRow[] {
    return this.#ofLive(view, [], (at) => {
      const filter = whereClause(where, (field) => this.#known(at, field));
      const direction = orderBy.direction === 'desc' ? 'DESC' : 'ASC';
      const order = `${this.#known(at, orderBy.field)} ${direction}, id ${direction}`;
      return this.#prepare(
        `SELECT id, position, json FROM ${tableName(at)} ${filter.sql} ORDER BY ${order} LIMIT ? OFFSET ?`,
      ).all(...filter.values, limit, offset) as unknown as ViewRow[];
    });
  }

  count(view: string, where: readonly Condition[]): number {
    return this.#ofLive(view, 0, (at) => {
      const filter = whereClause(where, (field) => this.#known(at, field));
      return Number(
        this.#prepare(`SELECT count(*) AS count FROM ${tableName(at)} ${filter.sql}`).get(...filter.values)!['count'],
      );
    });
  }

  /** A page of all documents in order of id. */
  page(at: ViewVersion, after: string, limit: number): ViewRow[] {
    return this.#prepare(`SELECT id, position, json FROM ${tableName(at)} WHERE id > ? ORDER BY id LIMIT ?`).all(
      after,
      limit,
    ) as unknown as ViewRow[];
  }

  park(at: ViewVersion, { stream, position, reason }: ParkedStream): void {
    this.#definition(at);
    this.#prepare('INSERT OR REPLACE INTO parked (view, version, stream, position, reason) VALUES (?, ?, ?, ?, ?)').run(
      at.view,
      at.version,
      stream,
      position,
      reason,
    );
  }

  unpark(at: ViewVersion, stream: string): void {
    this.#prepare('DELETE FROM parked WHERE view = ? AND version = ? AND stream = ?').run(at.view, at.version, stream);
  }

  parked(at: ViewVersion): { stream: string; position: number; reason: string }[] {
    return this.#prepare(
      'SELECT stream, position, reason FROM parked WHERE view = ? AND version = ? ORDER BY stream',
    ).all(at.view, at.version) as unknown as { stream: string; position: number; reason: string }[];
  }

  ready(): void {
    this.#prepare('SELECT count(*) FROM versions').get();
  }

  close(): void {
    this.#db.close();
  }

  /** Reads the live version as it is at one moment: another process may promote and drop meanwhile. */
  #ofLive<Result>(view: string, none: Result, read: (at: ViewVersion) => Result): Result {
    this.#db.exec('BEGIN');
    try {
      const state = this.live(view);
      return state === null ? none : read({ view, version: state.version });
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  #definition(at: ViewVersion): ViewDefinition {
    const row = this.#prepare('SELECT definition FROM versions WHERE view = ? AND version = ?').get(
      at.view,
      at.version,
    );
    if (row === undefined) throw new Error(`version ${at.version} of view ${at.view} is gone`);
    return JSON.parse(String(row['definition'])) as ViewDefinition;
  }

  #fieldsOf(at: ViewVersion): readonly string[] {
    const key = tableName(at);
    const known = this.#fields.get(key) ?? Object.keys(this.#definition(at).fieldTypes);
    this.#fields.set(key, known);
    return known;
  }

  #known(at: ViewVersion, field: string): string {
    if (!this.#fieldsOf(at).includes(field)) throw new Error(`view ${at.view} declares no field ${field}`);
    return column(field);
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
}

function stateFrom(row: Record<string, unknown>): ViewStateRow {
  return {
    version: String(row['version']),
    checkpoint: Number(row['checkpoint']),
    eventStoreId: String(row['event_store_id']),
  };
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
