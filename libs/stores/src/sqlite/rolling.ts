/** Rolling windows in a SQLite file: one row a name, with the moments at which one was taken. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type RollingRule, type RollingState, takeRolling } from '#libs/sourcing';

export const ROLLING_SCHEMA = `CREATE TABLE rolling (name TEXT PRIMARY KEY, taken TEXT NOT NULL, ends_at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX rolling_ends_at ON rolling (ends_at);`;

export type RollingTake = readonly [name: string, rule: RollingRule, now: number];

export class RollingWindows {
  readonly #taken: StatementSync;
  readonly #save: StatementSync;
  readonly #prune: StatementSync;

  constructor(db: DatabaseSync) {
    this.#taken = db.prepare('SELECT taken FROM rolling WHERE name = ?');
    this.#save = db.prepare('INSERT OR REPLACE INTO rolling (name, taken, ends_at) VALUES (?, ?, ?)');
    this.#prune = db.prepare('DELETE FROM rolling WHERE name IN (SELECT name FROM rolling WHERE ends_at <= ? LIMIT ?)');
  }

  /** To be called within a transaction. */
  take(name: string, rule: RollingRule, now: number): RollingState {
    const row = this.#taken.get(name);
    const before = row === undefined ? [] : (JSON.parse(String(row['taken'])) as number[]);
    const { state, taken } = takeRolling(before, rule, now);
    if (taken !== null) this.#save.run(name, JSON.stringify(taken), taken.at(-1)! + rule.windowMs);
    return state;
  }

  /** Clears away at most so many names whose last stretch ended by a moment. */
  prune(endedBy: number, limit: number): void {
    this.#prune.run(endedBy, limit);
  }
}
