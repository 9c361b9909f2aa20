/** Schemas as Markdown: the name of a type, and tables of fields. Pure. */
import { refersTo, type Schema } from './api-document.ts';

const LIMITS: readonly (readonly [keyword: string, say: (limit: string) => string])[] = [
  ['minimum', (limit) => `at least ${limit}`],
  ['exclusiveMinimum', (limit) => `above ${limit}`],
  ['maximum', (limit) => `at most ${limit}`],
  ['exclusiveMaximum', (limit) => `below ${limit}`],
  ['minLength', (limit) => `at least ${limit} characters`],
  ['maxLength', (limit) => `at most ${limit} characters`],
  ['minItems', (limit) => `at least ${limit} items`],
  ['maxItems', (limit) => `at most ${limit} items`],
  ['default', (value) => `${value} by default`],
];

/** A type in a few words, such as `list of NextprodSignal` or `string or null`. */
export function typeOf(schema: Schema): string {
  const named = refersTo(schema);
  if (named !== undefined) return named;
  if (schema.oneOf !== undefined) return schema.oneOf.map(typeOf).join(' or ');
  const types = [schema.type ?? 'any'].flat();
  return types.map((type) => (type === 'array' ? `list of ${typeOf(schema.items ?? {})}` : type)).join(' or ');
}

/** The fields of an object, also those of unnamed objects within it, as a table; null for what has none. */
export function fieldTable(schema: Schema): string | null {
  const rows = [...fieldsOf(schema, '')];
  if (rows.length === 0) return null;
  return table(
    ['Field', 'Type', 'Required', 'Description'],
    rows.map(([name, field, required]) => [`\`${name}\``, typeOf(field), required ? 'yes' : 'no', meaningOf(field)]),
  );
}

function* fieldsOf(
  schema: Schema,
  prefix: string,
): Generator<readonly [name: string, field: Schema, required: boolean]> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    yield [`${prefix}${name}`, field, schema.required?.includes(name) === true];
    yield* fieldsOf(field, `${prefix}${name}.`);
    if (field.items !== undefined) yield* fieldsOf(field.items, `${prefix}${name}[].`);
  }
}

/** What is said of a value, and what it may be. */
export function meaningOf(schema: Schema, example: unknown = schema['example']): string {
  const allowed = schema.enum?.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  const limits = LIMITS.flatMap(([name, say]) =>
    schema[name] === undefined ? [] : [say(JSON.stringify(schema[name]))],
  );
  return [
    schema.description,
    allowed && `One of ${allowed}`,
    limits.length > 0 ? limits.join(', ') : undefined,
    example === undefined ? undefined : `Example: \`${JSON.stringify(example)}\``,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join('. ');
}

export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}
