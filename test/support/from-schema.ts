/** Bodies drawn from a JSON Schema: valid, nearly valid, and hostile. */
import fc from 'fast-check';
import type { ApiDocument, Schema } from '../../apps/server/src/http/api-document.ts';

type Any = fc.Arbitrary<unknown>;

/** Draws what goes over the wire as the body of a write whose schema and examples these are. */
export function bodiesFor(schema: Schema, examples: readonly object[], document: ApiDocument): fc.Arbitrary<Buffer> {
  const valid = valuesOf(schema, document);
  const example = fc.constantFrom(...examples);
  const names = [...new Set(examples.flatMap((one) => Object.keys(one)))];
  return fc.oneof(
    { weight: 2, arbitrary: example.map(toBytes) },
    { weight: 4, arbitrary: valid.map(toBytes) },
    { weight: 4, arbitrary: fc.tuple(example, valid, fc.subarray(names)).map(mixed).map(toBytes) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(example, fc.constantFrom(...names), hostile)
        .map(replaced)
        .map(toBytes),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(example, fc.subarray(names, { minLength: 1, maxLength: Math.min(2, names.length) }))
        .map(without)
        .map(toBytes),
    },
    { weight: 1, arbitrary: fc.tuple(example, fc.constantFrom(...KEYS), hostile).map(withKey) },
    { weight: 2, arbitrary: fc.tuple(example, edits).map(([body, some]) => mangled(toBytes(body), some)) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.json().map((text) => Buffer.from(text)),
        fc.constantFrom(...BROKEN).map(Buffer.from),
      ),
    },
  );
}

/** Values of a schema. What the schema cannot say, such as that a text is a decimal, its example shows. */
function valuesOf(schema: Schema, document: ApiDocument): Any {
  if (schema.$ref !== undefined)
    return valuesOf(document.components.schemas[schema.$ref.split('/').at(-1)!]!, document);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const types = [schema.type].flat();
  const drawn = valuesOfType(types[0], schema, document);
  return types.includes('null')
    ? fc.oneof({ weight: 9, arbitrary: drawn }, { weight: 1, arbitrary: fc.constant(null) })
    : drawn;
}

function valuesOfType(type: string | undefined, schema: Schema, document: ApiDocument): Any {
  const { properties, required = [], example } = schema as Schema & { example?: unknown };
  const limit = (name: string): number | undefined => schema[name] as number | undefined;
  switch (type) {
    case 'object': {
      if (properties === undefined) return fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
      const fields = Object.entries(properties).map(([name, field]) => [name, valuesOf(field, document)] as const);
      return fc.record(Object.fromEntries(fields), { requiredKeys: [...required] as never[], noNullPrototype: true });
    }
    case 'array':
      return fc.array(valuesOf(schema.items!, document), {
        minLength: limit('minItems') ?? 0,
        maxLength: Math.min(limit('maxItems') ?? 5, 5),
      });
    case 'integer':
      return fc.integer({ min: limit('minimum') ?? 0, max: Math.min(limit('maximum') ?? 2 ** 31 - 1, 2 ** 31 - 1) });
    case 'number': {
      const most = limit('exclusiveMaximum') ?? limit('maximum') ?? 100_000;
      return fc.oneof(
        fc.double({ min: 0, minExcluded: true, max: most, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
      );
    }
    default:
      return textsOf(schema, example);
  }
}

/** Decimals, where the field has no example or one that is a number; else the example, and any text. */
function textsOf({ maxLength, minLength }: Schema, example: unknown): Any {
  if (example === undefined || (typeof example === 'string' && /^[\d.]+$/.test(example)))
    return fc.integer({ min: 1, max: 20_000_000 }).map((cents) => String(cents / 100));
  const lengths = { minLength: Number(minLength ?? 0), maxLength: Math.min(Number(maxLength ?? 40), 300) };
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(example) },
    { weight: 1, arbitrary: fc.string({ ...lengths, unit: 'grapheme' }) },
  );
}

const hostile: Any = fc.oneof(
  fc.constantFrom(
    null,
    true,
    '',
    ' ',
    0,
    -1,
    -0,
    1e308,
    5e-324,
    2 ** 53 + 1,
    1e21,
    '0',
    '-5',
    '1e5',
    '٣',
    '9'.repeat(41),
    [],
    {},
  ),
  fc.constantFrom(
    'x'.repeat(5_000),
    '\u202Eabc',
    '\uFEFF',
    '\t',
    "'; DROP TABLE events;--",
    '<script>',
    '{{7*7}}',
    '${x}',
    '../../etc/passwd',
  ),
  fc.jsonValue(),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.double(),
);

const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  'then',
  'toJSON',
  '',
  'dialect',
  'channelId',
  'now',
];

const BROKEN = [
  '',
  '{',
  '[[[[',
  'null',
  '"',
  '{"price":1e999}',
  '{"symbol":"\\ud800"}',
  '{"coin":"\\u0000"}',
  '{"a":1,"a":2}',
  '[]',
  '1',
  '{}',
];

const edits = fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.uint8Array({ minLength: 1, maxLength: 4 })), {
  minLength: 1,
  maxLength: 4,
});

function toBytes(body: unknown): Buffer {
  return Buffer.from(JSON.stringify(body));
}

/** An example in which some fields are drawn anew. */
function mixed([example, drawn, names]: [object, unknown, string[]]): object {
  const values = drawn as Record<string, unknown>;
  return {
    ...example,
    ...Object.fromEntries(names.filter((name) => name in values).map((name) => [name, values[name]])),
  };
}

function replaced([example, name, value]: [object, string, unknown]): object {
  return { ...example, [name]: value };
}

function without([example, names]: [object, string[]]): object {
  return Object.fromEntries(Object.entries(example).filter(([name]) => !names.includes(name)));
}

/** Written as text: an object would take some of these keys for its own. */
function withKey([example, key, value]: [object, string, unknown]): Buffer {
  return Buffer.from(`${JSON.stringify(example).slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(value)}}`);
}

/** Bytes changed, cut or put in. */
function mangled(bytes: Buffer, some: readonly [at: number, cut: number, put: Uint8Array][]): Buffer {
  return some.reduce((all, [at, cut, put]) => {
    const place = at % (all.length + 1);
    return Buffer.concat([all.subarray(0, place), put, all.subarray(place + cut)]);
  }, bytes);
}
