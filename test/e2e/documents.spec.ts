/** The API documents of all dialects: they are what the server does, and complete. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type ApiDocument, examplesOf, type Route, type Schema } from '../../apps/server/src/http/api-document.ts';
import {
  agentRoutes,
  bodiesOf,
  type DialectRoute,
  dialectRoutes,
  namesSignal,
  pathWith,
  readDocument,
  type Validators,
  validatorsOf,
} from '../support/api-document.ts';
import { type Callers, createCallers, DIALECTS } from '../support/callers.ts';
import { idIn } from '../support/signals.ts';
import { startServer, type TestServer } from '../support/server.ts';

let callers: Callers;
let server: TestServer;
let document: ApiDocument;
let routes: readonly DialectRoute[];
let validators: Validators;
/** Those of agents too. What they answer is held to their schemas in a test of their own. */
let documented: readonly (Route & { readonly name: string })[];

beforeAll(async () => {
  callers = await createCallers();
  server = await startServer(callers.dataDir);
  document = await readDocument(server);
  routes = dialectRoutes(document);
  documented = [...routes, ...agentRoutes(document)];
  validators = validatorsOf(document);
});

afterAll(async () => {
  await server.stop();
  await callers.remove();
});

describe('routes', () => {
  test('those of the dialects are documented, and those documented are there', () => {
    const named = documented.map(({ name }) => name.replaceAll(/\{(\w+)\}/g, ':$1'));
    const drawing = server.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
    const served = routesIn(drawing).filter((name) => /^\w+ \/(v\d|api)\//.test(name));
    expect(served.toSorted()).toEqual(named.toSorted());
    expect(new Set(routes.map(({ dialect }) => dialect))).toEqual(new Set(Object.values(DIALECTS)));
  });

  test('each asks for a key that is declared, and says what it is', () => {
    const schemes = Object.keys(document.components.securitySchemes);
    for (const { name, operation } of documented) {
      if (name === 'POST /v1/agent/register') continue;
      const asked = (operation.security ?? []).flatMap((way) => Object.keys(way));
      expect({ name, asks: asked.length > 0 }).toEqual({ name, asks: true });
      expect(schemes).toEqual(expect.arrayContaining(asked));
      expect({ name, summary: operation.summary }).toEqual({ name, summary: expect.stringMatching(/\w/) });
    }
  });

  test('every field and parameter has a type and a description', () => {
    const lacking: string[] = [];
    const judge = (where: string, schema: Schema, description: string | undefined): void => {
      if (schema.type === undefined && schema.$ref === undefined) lacking.push(`${where} has no type`);
      if (schema.type === 'object' && !('additionalProperties' in schema)) lacking.push(`${where} is any object`);
      if (description === undefined) lacking.push(`${where} has no description`);
    };
    for (const { name, operation } of documented) {
      for (const one of operation.parameters ?? []) judge(`${name} ${one.name}`, one.schema, one.description);
      const { $ref } = operation.requestBody?.content['application/json'].schema ?? {};
      if ($ref === undefined) continue;
      const fields = document.components.schemas[$ref.split('/').at(-1)!]!.properties!;
      for (const [field, schema] of Object.entries(fields)) judge(`${name} ${field}`, schema, schema.description);
    }
    expect(lacking).toEqual([]);
  });
});

describe('examples', () => {
  test('every answer has one, and each is of the schema of its status', () => {
    const wrong: string[] = [];
    for (const { name, operation } of documented) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const examples = examplesOf(content!['application/json']!);
        if (examples.length === 0) wrong.push(`${name} ${status} has no example`);
        for (const [of, value] of examples) {
          const reason = validators.wrongWithValue(content!['application/json']!.schema, value);
          if (reason !== null) wrong.push(`${name} ${status} ${of}: ${reason}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('every body is of its schema, is accepted, and answered as documented', async () => {
    let sent = 0;
    for (const route of routes.filter(({ operation }) => operation.requestBody !== undefined)) {
      const { headers } = callers.keys[route.dialect].own;
      const { schema } = route.operation.requestBody!.content['application/json'];
      const create = routes.find(({ name }) => name === 'POST /v2/signal')!;
      for (const [of] of bodiesOf(route, '')) {
        const [, first] = bodiesOf(create, '')[0]!;
        const id = namesSignal(route.path)
          ? idIn(await server.call('POST', create.path, { headers, body: first }))
          : '';
        const [, body] = bodiesOf(route, id).find(([name]) => name === of)!;
        expect({ route: route.name, of, wrong: validators.wrongWithValue(schema, body) }).toMatchObject({
          wrong: null,
        });
        const answer = await server.call(route.method, pathWith(route, id), { headers, body });
        const { status } = answer;
        expect({ route: route.name, of, status, done: status < 300 }).toMatchObject({ done: true });
        expect(validators.wrongWith(route, answer)).toBeNull();
        sent += 1;
      }
    }
    expect(sent).toBeGreaterThanOrEqual(18);
  });

  test('what every read answers is of its schema', async () => {
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      const { headers } = callers.keys[route.dialect].own;
      const list = routes.find(({ dialect, name }) => dialect === route.dialect && /^GET .*signals?$/.test(name))!;
      const id = idIn(await server.call('GET', list.path, { headers }));
      const queries = route.path.endsWith('/history') ? ['', '?as_of=0'] : [''];
      for (const query of queries) {
        const answer = await server.call('GET', `${pathWith(route, id)}${query}`, { headers });
        expect({ route: route.name, status: answer.status }).toEqual({ route: route.name, status: 200 });
        expect(validators.wrongWith(route, answer)).toBeNull();
      }
    }
  });
});

describe('texts', () => {
  test.each([
    ['/openapi.json', 'application/json; charset=utf-8'],
    ['/openapi.yaml', 'application/yaml; charset=utf-8'],
    ['/llms.txt', 'text/plain; charset=utf-8'],
    ['/llms-full.txt', 'text/plain; charset=utf-8'],
  ])('%s is %s, without a key', async (path, type) => {
    const { status, headers } = await server.call('GET', path);
    expect([status, headers['content-type']]).toEqual([200, type]);
  });

  test('JSON and YAML say the same', async () => {
    expect(parse((await server.call('GET', '/openapi.yaml')).text)).toEqual(document);
  });

  test('llms.txt has a title, a summary, and a link for each route', async () => {
    const { text } = await server.call('GET', '/llms.txt');
    const [title, , summary] = text.split('\n');
    expect([title, summary]).toEqual(['# Signal Ledger', expect.stringMatching(/^> \w/)]);
    for (const { name } of documented) expect(text).toContain(`- [${name}](/llms-full.txt#`);
    for (const { operation } of documented) expect(text).toContain(`): ${operation.summary}`);
    const links = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link!);
    for (const link of new Set(links)) {
      expect({ link, status: (await server.call('GET', link)).status }).toEqual({ link, status: 200 });
    }
  });

  test('llms-full.txt has every route, parameter, field, status and example', async () => {
    const { text } = await server.call('GET', '/llms-full.txt');
    const section = (name: string): string => text.split(`\n### ${name}\n`)[1]!.split('\n### ')[0]!;
    for (const { name, operation } of documented) {
      const own = section(name);
      for (const parameter of operation.parameters ?? []) expect(own).toContain(`| \`${parameter.name}\` |`);
      const body = operation.requestBody?.content['application/json'];
      const contents = Object.values(operation.responses).map(({ content }) => content!['application/json']!);
      for (const [, value] of [...contents, ...(body ? [body] : [])].flatMap(examplesOf))
        expect(own).toContain(JSON.stringify(value, null, 2));
      for (const [status, { description }] of Object.entries(operation.responses))
        expect(own).toContain(`#### ${status}: ${description}`);
    }
    for (const [name, { properties = {} }] of Object.entries(document.components.schemas)) {
      const own = text.split(new RegExp(`\n####? (?:Body: )?${name}\n`))[1]!;
      for (const [field, { description = '' }] of Object.entries(properties)) {
        const row = own.split('\n').find((line) => line.startsWith(`| \`${field}\` |`));
        expect(row).toContain(description);
      }
    }
  });
});

/** The routes in the router's own drawing; HEAD comes with GET. */
function routesIn(drawing: string): string[] {
  const parents: string[] = [];
  const found = new Set<string>();
  for (const line of drawing.split('\n')) {
    const [, indent, part, methods = ''] = /^([\s│]*)[├└]── (\S*)(?: \(([^)]*)\))?/.exec(line) ?? [];
    if (indent === undefined) continue;
    parents.length = indent.length / 4;
    parents.push(part!);
    for (const method of methods.split(', ').filter((one) => one !== '' && one !== 'HEAD'))
      found.add(`${method} ${parents.join('')}`);
  }
  return [...found];
}
