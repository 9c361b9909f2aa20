/** Contract of `find` and `count`: compared with the same query on plain arrays. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Condition, FieldValue, FindOptions, ViewStore } from '../views.ts';
import { freshName } from './sample-events.ts';
import { item, type ItemDocument, itemsView } from './sample-view.ts';

const NAMES = ['alpha', 'beta', 'gamma', 'Ärger', null];

/** 300 documents: few names, many ranks, some of them null, all saved in no particular order. */
const ITEMS: ItemDocument[] = Array.from({ length: 300 }, (_, n) => ({
  id: ((n * 7) % 300).toString(16).padStart(4, '0'),
  revision: n + 1,
  name: NAMES[n % NAMES.length]!,
  rank: n % 11 === 0 ? null : (n * 37) % 101,
}));

const order = (left: FieldValue, right: FieldValue): number => {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
};

function holds(document: ItemDocument, { field, is, value }: Condition): boolean {
  const actual = document[field as 'name' | 'rank'];
  if (is === 'in') return (value as FieldValue[]).includes(actual);
  if (is === 'eq') return actual === value;
  if (actual === null || value === null) return false;
  const compared = order(actual, value as FieldValue);
  return is === 'lt' ? compared < 0 : is === 'lte' ? compared <= 0 : is === 'gt' ? compared > 0 : compared >= 0;
}

function expected({ where, orderBy: { field, direction }, limit, offset = 0 }: FindOptions): string[] {
  const sign = direction === 'desc' ? -1 : 1;
  return ITEMS.filter((document) => where.every((condition) => holds(document, condition)))
    .toSorted(
      (left, right) => sign * (order(left[field as 'rank'], right[field as 'rank']) || order(left.id, right.id)),
    )
    .slice(offset, offset + limit)
    .map(({ id }) => id);
}

const CONDITIONS: Condition[][] = [
  [],
  ...(['eq', 'lt', 'lte', 'gt', 'gte'] as const).flatMap((is): Condition[][] => [
    [{ field: 'rank', is, value: 50 }],
    [{ field: 'rank', is, value: null }],
    [{ field: 'name', is, value: 'beta' }],
    [{ field: 'name', is, value: null }],
  ]),
  [{ field: 'name', is: 'in', value: ['alpha', 'Ärger', 'nobody'] }],
  [{ field: 'name', is: 'in', value: ['alpha', null] }],
  [{ field: 'rank', is: 'in', value: [1, 2, 3, 5, 8, 13, 21] }],
  [{ field: 'rank', is: 'in', value: [] }],
  [
    { field: 'name', is: 'eq', value: 'gamma' },
    { field: 'rank', is: 'gte', value: 20 },
    { field: 'rank', is: 'lt', value: 60 },
  ],
];

const told = (where: readonly Condition[]): string =>
  where.length === 0
    ? 'everything'
    : where.map(({ field, is, value }) => `${field} ${is} ${JSON.stringify(value)}`).join(' and ');

export function testQueries(views: () => ViewStore): void {
  describe('queries', () => {
    const view = itemsView(freshName('queried'));
    beforeAll(async () => {
      const at = { view: view.name, version: '1.1' };
      await views().open(view, at.version, 'event-store-1');
      for (let from = 0; from < ITEMS.length; from += 50) {
        const documents = ITEMS.slice(from, from + 50).map(({ id, revision, name, rank }) =>
          item(id, BigInt(revision), { name, rank }),
        );
        await views().save(at, documents, BigInt(from + 50));
      }
      await views().promote(at);
    });
    const found = async (options: FindOptions): Promise<string[]> =>
      (await views().find(view.name, options)).map(({ id }) => id);

    it.each(CONDITIONS.map((where) => [told(where), where] as const))('%s', async (_told, where) => {
      for (const field of ['rank', 'name']) {
        for (const direction of ['asc', 'desc'] as const) {
          const options: FindOptions = { where, orderBy: { field, direction }, limit: 1_000 };
          expect(await found(options)).toEqual(expected(options));
        }
      }
      expect(await views().count(view.name, where)).toBe(
        ITEMS.filter((one) => where.every((condition) => holds(one, condition))).length,
      );
    });

    it('pages without gap or repeat where many are equal', async () => {
      const options = { where: [], orderBy: { field: 'name', direction: 'desc' } } as const;
      const pages: string[] = [];
      for (let offset = 0; offset < ITEMS.length; offset += 17)
        pages.push(...(await found({ ...options, limit: 17, offset })));
      expect(pages).toEqual(expected({ ...options, limit: 1_000 }));
    });

    it('gives what was saved', async () => {
      const [first] = await views().find(view.name, {
        where: [{ field: 'rank', is: 'eq', value: 37 }],
        orderBy: { field: 'name', direction: 'asc' },
        limit: 1,
      });
      const { id, revision, name, rank } = ITEMS.find((one) => one.id === first!.id)!;
      expect(first).toEqual(
        expect.objectContaining({ id, position: BigInt(revision), json: JSON.stringify({ id, revision, name, rank }) }),
      );
    });

    it('answers a bigint like the number it is', async () => {
      const where = (value: FieldValue): Condition[] => [{ field: 'rank', is: 'lte', value }];
      expect(await views().count(view.name, where(40n))).toBe(await views().count(view.name, where(40)));
    });
  });
}
