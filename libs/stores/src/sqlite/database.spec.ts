import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { migrate, MINIMUM_SQLITE, olderThan, openDatabase } from './database.ts';
import { EventLog } from './event-log.ts';
import { openSqliteEventStore } from './event-store.ts';
import { scratchFile } from '../testing/scratch.ts';

describe('opening a SQLite file', () => {
  const path = scratchFile('folder/that/is/not/there/yet/file.db');
  const broken = scratchFile('broken.db');

  it.each([
    ['FULL', 2],
    ['NORMAL', 1],
    ['OFF', 0],
  ] as const)('puts it in WAL mode with synchronous %s', (synchronous, code) => {
    const db = openDatabase(path, synchronous);
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: code });
    db.close();
  });

  it('refuses where the settings do not take hold', () => {
    expect(() => openDatabase(':memory:', 'FULL')).toThrow(':memory:: journal_mode is memory, not wal');
  });

  it('runs on a library that is new enough, and knows one that is not', () => {
    const version = String(
      new DatabaseSync(':memory:').prepare('SELECT sqlite_version() AS version').get()!['version'],
    );
    expect(olderThan(version, MINIMUM_SQLITE)).toBe(false);
    const compared = (
      ['3.51.2', '3.50.9', '2.99.99', '3.9', '3.51', '3.51.3', '3.51.10', '3.53.0', '4.0.0'] as const
    ).map((one) => olderThan(one, '3.51.3'));
    expect(compared).toEqual([true, true, true, true, true, false, false, false, false]);
  });

  it('leaves a file alone that is no database', async () => {
    const { writeFileSync, readFileSync } = await import('node:fs');
    writeFileSync(broken, 'these are not the events you are looking for');
    expect(() => openSqliteEventStore(broken)).toThrow('file is not a database');
    expect(readFileSync(broken, 'utf8')).toBe('these are not the events you are looking for');
  });
});

describe('the schema of a file', () => {
  const [steps, future, failing, empty] = ['steps', 'future', 'failing', 'empty'].map((name) =>
    scratchFile(`${name}.db`),
  ) as [string, string, string, string];
  const versionOf = (path: string): unknown => {
    const db = new DatabaseSync(path);
    const row = db.prepare('PRAGMA user_version').get();
    db.close();
    return row!['user_version'];
  };

  it('is brought forward step by step, with what is in it', () => {
    const db = openDatabase(steps, 'FULL');
    const first = 'CREATE TABLE things (name TEXT)';
    migrate(db, steps, [first]);
    db.exec("INSERT INTO things VALUES ('one')");
    const later = [first, 'ALTER TABLE things ADD COLUMN size INTEGER', 'UPDATE things SET size = 3'];
    migrate(db, steps, later);
    migrate(db, steps, later);
    expect(db.prepare('SELECT name, size FROM things').all()).toEqual([
      expect.objectContaining({ name: 'one', size: 3 }),
    ]);
    db.close();
    expect(versionOf(steps)).toBe(3);
  });

  it('stays as it was when a step fails', () => {
    const db = openDatabase(failing, 'FULL');
    expect(() => migrate(db, failing, ['CREATE TABLE one (x)', 'CREATE TABLE two (x); CREATE TABLE one (x)'])).toThrow(
      'table one already exists',
    );
    expect(db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()).toEqual([
      expect.objectContaining({ name: 'one' }),
    ]);
    expect(db.isTransaction).toBe(false);
    db.close();
    expect(versionOf(failing)).toBe(1);
  });

  it('is made in a file of version 0, beside what else is there', () => {
    const db = new DatabaseSync(empty);
    db.exec('CREATE TABLE notes (text); INSERT INTO notes VALUES (1)');
    db.close();
    const log = new EventLog(empty);
    expect(log.head()).toBe(0);
    const id = log.id();
    log.close();
    const again = new EventLog(empty);
    expect(again.id()).toBe(id);
    again.close();
    expect(versionOf(empty)).toBe(1);
    const after = new DatabaseSync(empty);
    expect(after.prepare('SELECT count(*) AS notes FROM notes').get()).toEqual({ notes: 1 });
    after.close();
  });

  it('of a later release is refused in one sentence, and left alone', () => {
    new EventLog(future).close();
    const db = new DatabaseSync(future);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(() => openSqliteEventStore(future)).toThrow(
      `${future} has schema version 99; this release knows up to 1: use the release that wrote it, or a newer one`,
    );
    expect(versionOf(future)).toBe(99);
  });
});
