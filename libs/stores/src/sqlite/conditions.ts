/** Conditions of a query as SQL. */
import type { SQLInputValue } from 'node:sqlite';
import type { Condition, FieldValue } from '#libs/sourcing';

const OPERATORS = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** A WHERE clause, empty where there are no conditions. `column` names a field's column and refuses unknown ones. */
export function whereClause(
  where: readonly Condition[],
  column: (field: string) => string,
): { sql: string; values: SQLInputValue[] } {
  const parts: string[] = [];
  const values: SQLInputValue[] = [];
  for (const { field, is, value } of where) {
    const name = column(field);
    if (is === 'in') {
      const list = value as readonly FieldValue[];
      const given = list.filter((one) => one !== null);
      const isIn = `${name} IN (${given.map(() => '?').join(', ')})`;
      parts.push(given.length === list.length ? isIn : `(${isIn} OR ${name} IS NULL)`);
      values.push(...given);
    } else if (value === null && is === 'eq') {
      parts.push(`${name} IS NULL`);
    } else {
      parts.push(`${name} ${OPERATORS[is]} ?`);
      values.push(value as FieldValue);
    }
  }
  return { sql: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
}
