/** Pieces of the API documents that dialects share. */
import { ApiHeader, ApiQuery, ApiResponse } from '@nestjs/swagger';

/** Bodies or answers by the name of what they show. */
export type Cases = Readonly<Record<string, object>>;

/** Cases in the form in which a document has examples. */
export function valued(cases: Cases): Record<string, { value: object }> {
  return Object.fromEntries(Object.entries(cases).map(([name, value]) => [name, { value }]));
}

/** An answer of JSON with its schema and an example of each case. */
export function answer(
  status: number,
  description: string,
  schema: object,
  cases: Cases,
  headers?: object,
): MethodDecorator {
  return ApiResponse({
    status,
    description,
    ...(headers && { headers: headers as never }),
    content: { 'application/json': { schema, examples: valued(cases) } },
  });
}

/** The header `Retry-After`. */
export const RETRY = { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } } as const;

/** The `limit` of a list. */
export function pageLimit(usual: number, most: number): MethodDecorator {
  return ApiQuery({
    name: 'limit',
    required: false,
    description: 'Signals on a page',
    schema: { type: 'integer', minimum: 1, maximum: most, default: usual },
  });
}

/** The `cursor` of a list that goes on from page to page. */
export function pageCursor(): MethodDecorator {
  return ApiQuery({
    name: 'cursor',
    required: false,
    description: '`next_cursor` of the page before',
    schema: { type: 'string' },
  });
}

/** The header by which a reader waits for a write. */
export function waitPosition(): MethodDecorator {
  return ApiHeader({
    name: 'X-Wait-Position',
    required: false,
    description: 'Show at least what `X-Position` of a write named',
    schema: { type: 'string' },
  });
}
