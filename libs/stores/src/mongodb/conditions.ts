/** Conditions and order of a query in MongoDB's form. */
import type { Filter, Sort } from 'mongodb';
import type { Condition, FieldValue, FindOptions } from '#libs/sourcing';
import { type DocumentRecord, storedValue } from './documents.ts';
import type { VersionRecord } from './view-records.ts';

/**
 * The filter of some conditions; null where no document can meet them.
 * @throws Error where a field is not declared.
 */
export function filterFor(
  view: string,
  version: VersionRecord,
  where: readonly Condition[],
): Filter<DocumentRecord> | null {
  const parts: Filter<DocumentRecord>[] = [];
  let possible = true;
  for (const { field, is, value } of where) {
    const path = declared(view, version, field);
    if (is === 'in') {
      const values = (value as readonly FieldValue[]).map((one) => storedValue(one, field));
      parts.push({ [path]: { $in: values } });
    } else {
      // MongoDB holds that null is not less than null, but at most null.
      if (value === null && is !== 'eq') possible = false;
      parts.push({ [path]: { [`$${is}`]: storedValue(value as FieldValue, field) } });
    }
  }
  if (!possible) return null;
  return parts.length === 0 ? {} : { $and: parts };
}

/** Null comes first in MongoDB's own order too, text in that of its bytes. */
export function sortFor(view: string, version: VersionRecord, { field, direction }: FindOptions['orderBy']): Sort {
  const way = direction === 'desc' ? -1 : 1;
  return { [declared(view, version, field)]: way, _id: way };
}

/** Keys of an index: its fields, and the id, by which documents that are equal in them are ordered. */
export function indexKey(fields: readonly string[]): Record<string, 1> {
  return Object.fromEntries([...fields.map((field) => [pathOf(field), 1] as const), ['_id', 1] as const]);
}

/** @throws Error where a field has a name that MongoDB would read as a path or an operator. */
export function refuseFieldName(view: string, field: string): void {
  if (!/^[A-Za-z_]\w*$/.test(field))
    throw new Error(`view ${view} declares field "${field}"; a name is letters, digits and _, not first a digit`);
}

function declared(view: string, { fields }: VersionRecord, field: string): string {
  if (!fields.includes(field)) throw new Error(`view ${view} declares no field ${field}`);
  return pathOf(field);
}

function pathOf(field: string): string {
  return `fields.${field}`;
}
