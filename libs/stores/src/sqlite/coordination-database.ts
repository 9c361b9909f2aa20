/** Counters, last-used times, small texts and leases in one SQLite file, as plain synchronous calls. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RollingState, WindowRule, WindowState } from '#libs/sourcing';
import { inTransaction, migrate, openDatabase } from './database.ts';
import { ROLLING_SCHEMA, type RollingTake, RollingWindows } from './rolling.ts';

const SCHEMA = [
  `CREATE TABLE windows (name TEXT PRIMARY KEY, ends_at INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX windows_ends_at ON windows (ends_at);
   CREATE TABLE uses (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE texts (name TEXT PRIMARY KEY, text TEXT NOT NULL);
   CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, ends_at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX leases_ends_at ON leases (ends_at);`,
  ROLLING_SCHEMA,
];

/** Ended windows, or leases, cleared away with each transaction: more than it adds, so that they never pile up. */
const PRUNE_LIMIT = 100;

export type Take = readonly [name: string, cost: number, rule: WindowRule, now: number];
export type TakeResult = WindowState & { readonly allowed: boolean };

export class CoordinationDatabase {
  readonly #db: DatabaseSync;
  readonly #window: StatementSync;
  readonly #begin: StatementSync;
  readonly #use: StatementSync;
  readonly #prune: StatementSync;
  readonly #rolling: RollingWindows;
  readonly #touch: StatementSync;
  readonly #usedAt: StatementSync;
  readonly #keep: StatementSync;
  readonly #kept: StatementSync;
  readonly #forget: StatementSync;
  readonly #lease: StatementSync;
  readonly #release: StatementSync;
  readonly #pruneLeases: StatementSync;

  /** NORMAL: a power cut may give back what was counted last, no more. */
  constructor(path: string) {
    const db = openDatabase(path, 'NORMAL');
    migrate(db, path, SCHEMA);
    this.#db = db;
    this.#window = db.prepare('SELECT ends_at, used FROM windows WHERE name = ? AND ends_at > ?');
    this.#begin = db.prepare('INSERT OR REPLACE INTO windows (name, ends_at, used) VALUES (?, ?, ?)');
    this.#use = db.prepare('UPDATE windows SET used = used + ? WHERE name = ?');
    this.#prune = db.prepare('DELETE FROM windows WHERE name IN (SELECT name FROM windows WHERE ends_at <= ? LIMIT ?)');
    this.#rolling = new RollingWindows(db);
    this.#touch = db.prepare(
      'INSERT INTO uses (name, at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = max(at, excluded.at)',
    );
    this.#usedAt = db.prepare('SELECT at FROM uses WHERE name = ?');
    this.#keep = db.prepare('INSERT OR REPLACE INTO texts (name, text) VALUES (?, ?)');
    this.#kept = db.prepare('SELECT text FROM texts WHERE name = ?');
    this.#forget = db.prepare('DELETE FROM texts WHERE name = ?');
    this.#lease = db.prepare(
      `INSERT INTO leases (name, holder, ends_at) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
       WHERE leases.holder = excluded.holder OR leases.ends_at <= ?`,
    );
    this.#release = db.prepare('DELETE FROM leases WHERE name = ? AND holder = ?');
    this.#pruneLeases = db.prepare(
      'DELETE FROM leases WHERE name IN (SELECT name FROM leases WHERE ends_at <= ? LIMIT ?)',
    );
  }

  /** All of them in one transaction, in order. */
  take(takes: readonly Take[]): TakeResult[] {
    return inTransaction(this.#db, () => {
      const results = takes.map(([name, cost, rule, now]) => this.#takeOne(name, cost, rule, now));
      this.#prune.run(Math.max(...takes.map(([, , , now]) => now)) - GRACE_MS, PRUNE_LIMIT);
      return results;
    });
  }

  #takeOne(name: string, cost: number, { limit, windowMs }: WindowRule, now: number): TakeResult {
    const window = this.#window.get(name, now);
    const used = Number(window?.['used'] ?? 0);
    const resetAt = window === undefined ? now + windowMs : Number(window['ends_at']);
    if (used + cost > limit) return { allowed: false, remaining: Math.max(limit - used, 0), resetAt };
    if (window === undefined) this.#begin.run(name, resetAt, cost);
    else this.#use.run(cost, name);
    return { allowed: true, remaining: limit - used - cost, resetAt };
  }

  /** All of them in one transaction, in order. */
  takeRolling(takes: readonly RollingTake[]): RollingState[] {
    return inTransaction(this.#db, () => {
      const results = takes.map((take) => this.#rolling.take(...take));
      this.#rolling.prune(Math.max(...takes.map(([, , now]) => now)) - GRACE_MS, PRUNE_LIMIT);
      return results;
    });
  }

  peek(name: string, { limit, windowMs }: WindowRule, now: number): WindowState {
    const window = this.#window.get(name, now);
    if (window === undefined) return { remaining: limit, resetAt: now + windowMs };
    return { remaining: Math.max(limit - Number(window['used']), 0), resetAt: Number(window['ends_at']) };
  }

  touch(uses: readonly { readonly name: string; readonly at: number }[]): void {
    inTransaction(this.#db, () => {
      for (const { name, at } of uses) this.#touch.run(name, at);
    });
  }

  lastUsed(names: readonly string[]): (readonly [name: string, at: number])[] {
    return names.flatMap((name) => {
      const row = this.#usedAt.get(name);
      return row === undefined ? [] : [[name, Number(row['at'])] as const];
    });
  }

  keep(name: string, text: string): void {
    this.#keep.run(name, text);
  }

  kept(name: string): string | null {
    const row = this.#kept.get(name);
    return row === undefined ? null : String(row['text']);
  }

  forget(name: string): void {
    this.#forget.run(name);
  }

  lease(name: string, holder: string, ttlMs: number, now: number): boolean {
    return inTransaction(this.#db, () => {
      this.#pruneLeases.run(now - GRACE_MS, PRUNE_LIMIT);
      return this.#lease.run(name, holder, now + ttlMs, now).changes === 1;
    });
  }

  release(name: string, holder: string): void {
    this.#release.run(name, holder);
  }

  ready(): void {
    this.#usedAt.get('');
  }

  close(): void {
    this.#db.close();
  }
}

/** Processes' clocks differ a little: a window that ended just now may still be open for another. */
const GRACE_MS = 60_000;
