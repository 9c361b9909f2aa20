/** The API documents: they say what the server does, and their examples are accepted by it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SIGNAL_ID } from '../../apps/server/src/dialects/anny/examples.ts';
import { create } from '../support/anny.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- an example is judged, not typed
type Example = any;

interface Content {
  readonly schema?: object;
  readonly example?: Example;
  readonly examples?: Readonly<Record<string, { readonly value: Example }>>;
}

interface Operation {
  readonly summary: string;
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string; schema?: object; required?: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { description: string; content?: Readonly<Record<string, Content>> }>>;
}

interface OpenApi {
  readonly openapi: string;
  readonly info: { title: string; version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

let world: World;
let server: TestServer;
let document: OpenApi;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir);
  document = (await server.call('GET', '/openapi.json')).body;
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

const operations = (): { method: string; path: string; operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

const annyOperations = () => operations().filter(({ path }) => /^\/v[12]\/signal(\/|$)/.test(path));

/** Every object inside, with the way to it. */
function* objectsIn(value: unknown, way = '#'): Generator<readonly [way: string, object: Record<string, unknown>]> {
  if (value === null || typeof value !== 'object') return;
  yield [way, value as Record<string, unknown>];
  for (const [name, inner] of Object.entries(value)) yield* objectsIn(inner, `${way}/${name}`);
}

test('JSON and YAML say the same, and need no key', async () => {
  const json = await server.call('GET', '/openapi.json');
  const yaml = await server.call('GET', '/openapi.yaml');
  expect([json.status, yaml.status]).toEqual([200, 200]);
  expect(json.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(yaml.headers['content-type']).toBe('application/yaml; charset=utf-8');
  expect(parse(yaml.text)).toEqual(json.body);
});

test('the page to try it answers, with all that it loads', async () => {
  const page = await server.call('GET', '/docs');
  expect(page.status).toBe(200);
  const loaded = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
  expect(loaded.length).toBeGreaterThan(2);
  for (const link of loaded) {
    const path = new URL(link, 'http://x/docs').pathname;
    expect({ path, status: (await server.call('GET', path)).status }).toEqual({ path, status: 200 });
  }
});

describe('the form', () => {
  test('OpenAPI 3.1, without words of 3.0', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: 'Signal Ledger', version: expect.any(String) });
    for (const [way, object] of objectsIn(document.components)) {
      expect({ way, nullable: object['nullable'] }).toEqual({ way, nullable: undefined });
      expect({ way, exclusive: typeof object['exclusiveMinimum'] === 'boolean' }).toEqual({ way, exclusive: false });
    }
  });

  test('each $ref leads somewhere', () => {
    let refs = 0;
    for (const [way, { $ref }] of objectsIn(document)) {
      if (typeof $ref !== 'string') continue;
      refs += 1;
      const target = $ref
        .split('/')
        .slice(1)
        .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], document);
      expect({ way, $ref, found: target !== undefined }).toEqual({ way, $ref, found: true });
    }
    expect(refs).toBeGreaterThan(20);
  });

  test('operations have an id of their own, a summary, and the parameters of their path', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations()) {
      expect(operation.summary).toEqual(expect.any(String));
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const given = (operation.parameters ?? []).filter((one) => one.in === 'path');
      expect(given.map(({ name }) => name)).toEqual(named);
      for (const parameter of operation.parameters ?? []) {
        expect(parameter).toMatchObject({ name: expect.any(String), schema: expect.any(Object) });
        if (parameter.in === 'path') expect(parameter.required).toBe(true);
      }
    }
  });

  test('both credentials are asked for on every route of the Anny dialect', () => {
    const schemes = Object.keys(document.components.securitySchemes);
    expect(schemes).toEqual(expect.arrayContaining(['anny-api-key', 'anny-api-secret']));
    for (const { operation } of annyOperations()) {
      expect(operation).toMatchObject({ security: [{ 'anny-api-key': [], 'anny-api-secret': [] }] });
    }
  });
});

test('every route is documented, and every documented route is there', () => {
  const documented = operations().map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
  const own = routesOf(server.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }));
  expect(own.length).toBeGreaterThan(10);
  expect(documented.toSorted()).toEqual(own.toSorted());
});

/** The routes in the router's own drawing, but for the documents themselves. */
function routesOf(drawing: string): string[] {
  const parents: string[] = [];
  const routes: string[] = [];
  for (const line of drawing.split('\n')) {
    const [, indent, part, methods] = /^([\s│]*)[├└]── (\S*)(?: \(([^)]*)\))?/.exec(line) ?? [];
    if (indent === undefined) continue;
    const depth = indent.length / 4;
    parents.length = depth;
    parents.push(part!);
    const path = parents.join('').replace(/(.)\/$/, '$1');
    for (const method of (methods ?? '').split(', ')) {
      if (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method) && !/^\/(docs|openapi|llms)/.test(path))
        routes.push(`${method} ${path}`);
    }
  }
  return [...new Set(routes)];
}

test('every request body and every answer has an example', () => {
  for (const { path, operation } of operations()) {
    const bodies = Object.values(operation.requestBody?.content ?? {});
    for (const { examples } of bodies) expect({ path, of: Object.keys(examples ?? {}) }).not.toEqual({ path, of: [] });
    for (const [status, { content }] of Object.entries(operation.responses)) {
      const [{ examples, example } = {} as Content] = Object.values(content ?? {});
      const given = Object.keys(examples ?? {}).length > 0 || example !== undefined;
      expect({ path, status, given }).toEqual({ path, status, given: true });
    }
  }
});

test('the answers of the Anny dialect are in the envelope and of their status', () => {
  for (const { method, path, operation } of annyOperations()) {
    const writes = method !== 'GET';
    const statuses = Object.keys(operation.responses);
    expect({ path, statuses }).toEqual({
      path,
      statuses: writes ? ['200', '400', '403', '413', '415', '500', '503'] : ['200', '400', '403', '500', '503'],
    });
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      expect(description).not.toBe('');
      for (const { value } of Object.values(content!['application/json']!.examples!)) {
        const types: Record<string, RegExp> = {
          200: /^OPERATION_PERFORMED$/,
          403: /^UNAUTHORIZED$/,
          500: /^CRITICAL$/,
          503: /^CRITICAL$/,
        };
        expect(value.result.type).toMatch(types[status] ?? /^INVALID_INPUT_(MISSING|CONTENT)$/);
        if (status !== '200') expect(value.payload).toMatchObject({ result: 'failed', message: expect.any(String) });
      }
    }
  }
});

test('every request example of the Anny dialect is accepted by the server, with the documented answer', async () => {
  const key = world.keys.alpha;
  let sent = 0;
  for (const { method, path, operation } of annyOperations()) {
    if (method === 'GET') continue;
    const examples = Object.entries(operation.requestBody?.content['application/json']?.examples ?? {});
    expect({ path, examples: examples.length > 0 }).toEqual({ path, examples: true });
    const done = Object.values(operation.responses['200']!.content!['application/json']!.examples!)[0]!.value;
    for (const [name, { value }] of examples) {
      const { id } = await create(server, key);
      const body = JSON.parse(JSON.stringify(value).replaceAll(SIGNAL_ID, id));
      const answer = await server.call(method, path.replace('{parent_signal_id}', id), { key, body });
      expect({ path, name, status: answer.status }).toEqual({ path, name, status: 200 });
      const answered = answer.text.replace(/[0-9a-f]{32}/, SIGNAL_ID);
      expect(JSON.parse(answered)).toEqual(done);
      sent += 1;
    }
  }
  expect(sent).toBeGreaterThanOrEqual(10);
});

test('the documented answers of reads have the fields of real ones', async () => {
  const { id } = await create(server, world.keys.alpha);
  for (const [path, documented] of [
    [`/v1/signal/${id}`, '/v1/signal/{parent_signal_id}'],
    ['/v1/signal?limit=1', '/v1/signal'],
    [`/v1/signal/${id}/history`, '/v1/signal/{parent_signal_id}/history'],
  ] as const) {
    const { body } = await server.call('GET', path, { key: world.keys.alpha });
    const [example] = Object.values(
      document.paths[documented]!['get']!.responses['200']!.content!['application/json']!.examples!,
    );
    expect(shapeOf(body)).toEqual(shapeOf(example!.value));
  }
});

/** The names of fields in their order, all the way down. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (value === null || typeof value !== 'object') return '';
  return Object.entries(value).map(([name, inner]) => [name, inner === null ? '' : shapeOf(inner)]);
}
