import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { rejection } from '../../../sourcing/src/testing/event-store-appends.ts';
import { item, itemsView } from '../../../sourcing/src/testing/sample-view.ts';
import { scratchFile } from '../testing/scratch.ts';
import { openSqliteViewStore } from './view-store.ts';

const view = itemsView('items');
const at = { view: view.name, version: '1.1' };

describe('the file of the views', () => {
  const path = scratchFile('views.db');
  const fresh = scratchFile('fresh.db');
  const large = scratchFile('large.db');

  async function filled(): Promise<void> {
    const views = openSqliteViewStore(path, { threads: false });
    await views.open(view, at.version, 'event-store-1');
    await views.save(at, [item('a', 1n)], 1n);
    await views.promote(at);
    await views.close();
  }

  it.each([
    [
      'is damaged',
      () => writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8_000, 7)])),
    ],
    [
      'is no database at all',
      () => writeFileSync(path, 'nothing of the kind, and long enough to be looked at. '.repeat(100)),
    ],
    [
      'is of another schema',
      () => {
        const db = new DatabaseSync(path);
        db.exec('PRAGMA user_version = 77');
        db.close();
      },
    ],
  ])('is made anew when it %s', async (_what, spoil) => {
    await filled();
    spoil();
    for (const threads of [true, false]) {
      const views = openSqliteViewStore(path, { threads });
      expect(await views.live(view.name)).toBeNull();
      expect(await views.versions(view.name)).toEqual([]);
      await views.close();
    }
    await filled();
    const views = openSqliteViewStore(path);
    expect((await views.live(view.name))?.checkpoint).toBe(1n);
    await views.close();
  });

  it('has the indexes of a version from the moment it is live, not while it is built', async () => {
    const views = openSqliteViewStore(fresh, { threads: false });
    const db = new DatabaseSync(fresh, { readOnly: true });
    const indexes = () =>
      db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        .all()
        .map(({ name }) => name);
    await views.open(view, at.version, 'event-store-1');
    await views.save(at, [item('a', 1n)], 1n);
    expect(indexes()).toEqual([]);
    await views.promote(at);
    expect(indexes()).toEqual(['items@1.1:name,rank']);
    db.close();
    await views.close();
  });

  it('is read page by page, and saved in batches of any size', async () => {
    const views = openSqliteViewStore(large);
    await views.open(view, at.version, 'event-store-1');
    const documents = Array.from({ length: 2_021 }, (_, n) =>
      item(n.toString().padStart(5, '0'), BigInt(n + 1), { rank: n }),
    );
    for (let from = 0, size = 1; from < documents.length; from += size, size += 1)
      await views.save(at, documents.slice(from, from + size), BigInt(from));
    const ids: string[] = [];
    for await (const { id } of views.all(at)) ids.push(id);
    expect(ids).toEqual(documents.map(({ id }) => id));
    await views.promote(at);
    expect(await views.count(view.name, [{ field: 'rank', is: 'gte', value: 1_000 }])).toBe(1_021);
    await views.close();
  });

  it('refuses a field that the view does not declare', async () => {
    const views = openSqliteViewStore(large);
    const where = [{ field: 'id"; DROP TABLE versions; --', is: 'eq', value: 'x' }] as const;
    expect(await rejection(views.count(view.name, where))).toEqual(
      expect.objectContaining({ message: `view items declares no field ${where[0].field}` }),
    );
    expect(
      await rejection(views.find(view.name, { where: [], orderBy: { field: 'json', direction: 'asc' }, limit: 1 })),
    ).toBeInstanceOf(Error);
    expect((await views.live(view.name))?.version).toBe('1.1');
    await views.close();
  });
});
