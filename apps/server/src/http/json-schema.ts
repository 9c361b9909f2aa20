/** JSON Schema as the dialects write it down for their answers. */

export type JsonSchema = Readonly<Record<string, unknown>>;

/** An object with exactly these properties, all of them but the optional ones. A title makes it a named type. */
export function exactly(
  title: string | null,
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema {
  return {
    ...(title !== null && { title }),
    type: 'object',
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    additionalProperties: false,
    properties,
  };
}

/** A list of one kind. */
export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** The same, or null. */
export function orNull({ type, ...rest }: JsonSchema): JsonSchema {
  const { enum: allowed } = rest as { enum?: readonly unknown[] };
  return { type: [type, 'null'], ...rest, ...(allowed && { enum: [...allowed, null] }) };
}
