/**
 * The API documents as Markdown for language models, in the form of llmstxt.org: a concise index, and all of it in one
 * text. Both are made from the OpenAPI document, so they say what it says. Pure.
 */
import {
  type Answer,
  type ApiDocument,
  type Content,
  examplesOf,
  type Operation,
  refersTo,
  type Route,
  routesOf,
  type Schema,
} from './api-document.ts';
import { fieldTable, meaningOf, table, typeOf } from './llms-schema.ts';

/** /llms.txt: what there is, and where to read on. */
export function llmsIndex(document: ApiDocument): string {
  return joined([
    ...opening(document),
    ...document.tags.map(({ name, description }) =>
      joined([`## ${name}`, description, list(routesTagged(document, name).map(indexLine))]),
    ),
    '## Documents',
    list([
      '[Full documentation](/llms-full.txt): every route, field, answer and error in one Markdown text',
      '[OpenAPI 3.1, YAML](/openapi.yaml): the same for machines',
      '[OpenAPI 3.1, JSON](/openapi.json): the same as JSON',
    ]),
    '## Optional',
    list(['[Console](/docs): try the routes in a browser']),
  ]);
}

/** /llms-full.txt: the whole API. */
export function llmsFull(document: ApiDocument): string {
  const bodies = new Set(routesOf(document).map(({ operation }) => refersTo(bodyOf(operation)?.schema ?? {})));
  const objects = Object.entries(document.components.schemas).filter(([name]) => !bodies.has(name));
  return joined([
    ...opening(document),
    '## Authentication',
    'A key is checked before a body is read. Each route names the keys that open it.',
    list(
      Object.entries(document.components.securitySchemes).map(([name, { type, name: header, description }]) => {
        const where = type === 'http' ? 'header `Authorization: Bearer KEY`' : `header \`${header}\``;
        return `\`${name}\`: ${where}. ${description}`;
      }),
    ),
    ...document.tags.flatMap(({ name, description }) => [
      `## ${name}`,
      description,
      ...routesTagged(document, name).map((route) => describeRoute(route, document)),
    ]),
    '## Objects',
    'What bodies hold, by the names used above.',
    ...objects.map(([name, schema]) => joined([`### ${name}`, ...describeSchema(schema)])),
  ]);
}

function opening({ info }: ApiDocument): string[] {
  return [
    `# ${info.title}`,
    `> ${info.description}`,
    'Bodies are JSON in UTF-8. Every answer has a header `X-Request-Id`; a request may bring its own.',
  ];
}

function indexLine({ method, path, operation }: Route): string {
  return `[${method} ${path}](/llms-full.txt#${anchorOf(method, path)}): ${operation.summary}`;
}

/** The anchor that Markdown viewers give to the heading of a route. */
function anchorOf(method: string, path: string): string {
  return `${method} ${path}`
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

function routesTagged(document: ApiDocument, tag: string): readonly Route[] {
  return routesOf(document).filter(({ operation }) => operation.tags.includes(tag));
}

function describeRoute({ method, path, operation }: Route, document: ApiDocument): string {
  const body = bodyOf(operation);
  return joined([
    `### ${method} ${path}`,
    `${operation.summary}.`,
    operation.description,
    keysOf(operation),
    ...describeParameters(operation),
    ...(body === undefined ? [] : describeBody(body, document)),
    ...Object.entries(operation.responses).map(([status, answer]) => describeAnswer(status, answer)),
  ]);
}

function keysOf({ security = [] }: Operation): string {
  const ways = security.map((way) =>
    Object.keys(way)
      .map((name) => `\`${name}\``)
      .join(' with '),
  );
  return ways.length === 0 ? 'Key: none.' : `Key: ${ways.join(', or ')}.`;
}

function describeParameters({ parameters = [] }: Operation): readonly string[] {
  if (parameters.length === 0) return [];
  return [
    '#### Parameters',
    table(
      ['Name', 'In', 'Type', 'Required', 'Description'],
      parameters.map(({ name, in: where, required, description = '', schema, example }) => [
        `\`${name}\``,
        where,
        typeOf(schema),
        required === true ? 'yes' : 'no',
        meaningOf({ ...schema, description }, example ?? schema['example']),
      ]),
    ),
  ];
}

function describeBody(content: Content, document: ApiDocument): readonly string[] {
  const name = refersTo(content.schema);
  const schema = name === undefined ? content.schema : document.components.schemas[name]!;
  return [`#### Body: ${name ?? 'JSON'}`, ...describeSchema(schema), ...showExamples(content)];
}

function describeAnswer(status: string, { description, headers = {}, content }: Answer): string {
  const json = content?.['application/json'];
  const heading = `#### ${status}: ${description}`;
  const named = Object.entries(headers).map(([name, header]) => `Header \`${name}\`: ${meaningOf({ ...header })}`);
  if (json === undefined) return joined([heading, list(named)]);
  const type = json.schema === undefined ? 'JSON' : typeOf(json.schema);
  return joined([heading, list([...named, `Body: ${type}`]), ...showExamples(json)]);
}

function describeSchema(schema: Schema): readonly string[] {
  const shown = fieldTable(schema);
  return [...(schema.description === undefined ? [] : [schema.description]), shown ?? typeOf(schema)];
}

function showExamples(content: Content): readonly string[] {
  return examplesOf(content).map(
    ([name, value]) => `${name}:\n\n\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``,
  );
}

function bodyOf({ requestBody }: Operation): Content | undefined {
  return requestBody?.content['application/json'];
}

function list(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.map((item) => `- ${item}`).join('\n');
}

/** Paragraphs, one after another; what is not there leaves no hole. */
function joined(parts: readonly (string | undefined)[]): string {
  return `${parts
    .filter((part) => part !== undefined)
    .map((part) => part.trimEnd())
    .join('\n\n')}\n`;
}
