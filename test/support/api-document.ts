/** The OpenAPI document as tests use it: its routes, bodies with ids put in, and the schemas that answers must match. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import {
  type ApiDocument,
  examplesOf,
  type Route,
  routesOf,
  type Schema,
} from '../../apps/server/src/http/api-document.ts';
import { type Dialect, DIALECTS } from './callers.ts';
import type { Answer, Client } from './client.ts';

export interface DialectRoute extends Route {
  readonly dialect: Dialect;
  /** `POST /v1/signals` */
  readonly name: string;
}

export async function readDocument(client: Client): Promise<ApiDocument> {
  return (await client.call('GET', '/openapi.json')).body as ApiDocument;
}

/** The routes of the dialects: all but the server's own. */
export function dialectRoutes(document: ApiDocument): readonly DialectRoute[] {
  return routesOf(document).flatMap((route) => {
    const dialect = DIALECTS[route.operation.tags[0] as keyof typeof DIALECTS] as Dialect | undefined;
    return dialect === undefined ? [] : [{ ...route, dialect, name: `${route.method} ${route.path}` }];
  });
}

/** The routes of agents, whose keys are their own: whoever tests across dialects by channels has none of them. */
export function agentRoutes(document: ApiDocument): readonly (Route & { readonly name: string })[] {
  return routesOf(document)
    .filter(({ operation }) => operation.tags[0] === 'NEXT.exchange')
    .map((route) => ({ ...route, name: `${route.method} ${route.path}` }));
}

/** A strategy that every channel of the callers has. */
const STRATEGY_ID = 'your_strategy_id';

/** The path with a signal's id in the place of its parameter. */
export function pathWith({ path }: Route, id: string): string {
  return path.replace('{strategy_id}', STRATEGY_ID).replaceAll(/\{\w+\}/g, id);
}

/** Whether a path names a signal. */
export function namesSignal(path: string): boolean {
  return path.replace('{strategy_id}', '').includes('{');
}

/** The example bodies of a write. Where a call names its signal, it is this one. */
export function bodiesOf({ operation, path }: Route, id: string): readonly (readonly [name: string, body: object])[] {
  const content = operation.requestBody?.content['application/json'];
  if (content === undefined) return [];
  return examplesOf(content).map(([name, body]) => [
    name,
    namesSignal(path) ? { ...(body as object), parent_signal_id: id } : (body as object),
  ]);
}

export interface Validators {
  /** What is wrong with an answer of a route; null where it is as documented for its status. */
  readonly wrongWith: (route: Route, answer: Answer) => string | null;
  /** What is wrong with a value of a schema. */
  readonly wrongWithValue: (schema: Schema, value: unknown) => string | null;
}

/** Objects hold what their schemas name and nothing else, also where a schema does not say so. */
export function validatorsOf(document: ApiDocument): Validators {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'api', components: closed(document.components) });
  const compiled = new Map<string, ValidateFunction>();
  const wrongWithValue = (schema: Schema, value: unknown): string | null => {
    const text = JSON.stringify(closed(schema)).replaceAll('"#/components/', '"api#/components/');
    let validate = compiled.get(text);
    if (validate === undefined) compiled.set(text, (validate = ajv.compile(JSON.parse(text) as object)));
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
  const wrongWith = ({ operation }: Route, { status, headers, body, text }: Answer): string | null => {
    const documented = operation.responses[String(status)];
    if (documented === undefined) return `${status} is not documented: ${text}`;
    if (headers['content-type'] !== 'application/json; charset=utf-8')
      return `it is ${String(headers['content-type'])}`;
    const wrong = wrongWithValue(documented.content!['application/json']!.schema, body);
    return wrong === null ? null : `${status} ${wrong}: ${text}`;
  };
  return { wrongWith, wrongWithValue };
}

function closed(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(closed);
  const inner = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, closed(item)]));
  const isOpen = typeof inner['properties'] === 'object' && inner['additionalProperties'] === undefined;
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}
