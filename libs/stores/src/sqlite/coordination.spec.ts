import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { describeCoordination } from '../../../sourcing/src/testing/coordination-contract.ts';
import { scratchFile } from '../testing/scratch.ts';
import { openSqliteCoordination } from './coordination.ts';

for (const threads of [true, false]) {
  const path = scratchFile('coordination.db');
  const open = () => openSqliteCoordination(path, { threads });
  describeCoordination(`SQLite, ${threads ? 'on a thread' : 'in place'}`, async () => {
    const coordination = open();
    return {
      coordination,
      reopen: async () => {
        await coordination.close();
        return open();
      },
      another: async () => open(),
    };
  });
}

describe('a coordination file of the release before texts and leases', () => {
  const path = scratchFile('coordination.db');

  it('is brought forward with what it counted', async () => {
    const before = new DatabaseSync(path);
    before.exec(`CREATE TABLE windows (name TEXT PRIMARY KEY, ends_at INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
      CREATE INDEX windows_ends_at ON windows (ends_at);
      CREATE TABLE uses (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
      INSERT INTO uses VALUES ('key', 5);
      PRAGMA user_version = 1`);
    before.close();
    const coordination = openSqliteCoordination(path, { threads: false });
    expect(await coordination.lastUsed(['key'])).toEqual(new Map([['key', 5]]));
    await coordination.keep('text', 'new');
    expect(await coordination.kept('text')).toBe('new');
    expect(await coordination.lease('name', 'holder', 1_000, 0)).toBe(true);
    expect(await coordination.takeRolling('name', { limit: 1, windowMs: 1 }, 0)).toMatchObject({ allowed: true });
    await coordination.close();
  });
});

describe('rolling windows that ended', () => {
  const path = scratchFile('coordination.db');

  it('are cleared away while others are taken from', async () => {
    const coordination = openSqliteCoordination(path, { threads: false });
    const rule = { limit: 2, windowMs: 1_000 };
    for (let n = 0; n < 50; n++) await coordination.takeRolling(`window ${n}`, rule, n);
    await coordination.takeRolling('later', rule, 3_600_000);
    await coordination.close();
    const db = new DatabaseSync(path);
    expect(db.prepare('SELECT name FROM rolling').all()).toEqual([{ name: 'later' }]);
    db.close();
  });
});

describe('leases that ended', () => {
  const path = scratchFile('coordination.db');

  it('are cleared away while others are taken', async () => {
    const coordination = openSqliteCoordination(path, { threads: false });
    for (let n = 0; n < 50; n++) await coordination.lease(`lease ${n}`, 'holder', 1_000, n);
    await coordination.lease('later', 'holder', 1_000, 3_600_000);
    await coordination.close();
    const db = new DatabaseSync(path);
    expect(db.prepare('SELECT name FROM leases').all()).toEqual([{ name: 'later' }]);
    db.close();
  });
});
