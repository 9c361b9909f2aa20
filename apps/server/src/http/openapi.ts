/** The API documents: OpenAPI 3.1 as JSON and YAML, a page to try it, and the same as text for language models. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { stringify } from 'yaml';
import type { ApiDocument } from './api-document.ts';
import { llmsFull, llmsIndex } from './llms.ts';

function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Signal Ledger')
    .setDescription(
      'An event-sourced server for the life of a trading signal. Providers speak to it in the API they already use.',
    )
    .setVersion('1.0.0')
    .setOpenAPIVersion('3.1.0')
    .addTag('Anny', 'A channel managing crypto signals through their whole life: the Anny Signal API.')
    .addTag('NextProd', 'A manager registering prediction-market signals: the NextProd Signals API.')
    .addTag('Traderz', 'A desk ingesting signals, idempotent: the Traderz Signals API.')
    .addTag('NEXT.exchange', 'A trading agent: markets, portfolio and orders, on paper or live: the Agent Connect API.')
    .addTag('Operations', 'Whether the server lives and takes writes.')
    .addApiKey(header('anny-api-key', 'The key of an Anny pair; sent together with its secret'), 'anny-api-key')
    .addApiKey(header('anny-api-secret', 'The secret of an Anny pair'), 'anny-api-secret')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'np_live_…', description: 'NextProd: `np_live_…`' },
      'nextprod',
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'Traderz: `tzk_` + 64 hex digits' }, 'traderz')
    .addApiKey(header('X-API-Key', 'Traderz: the same key without `Bearer`'), 'X-API-Key')
    .addApiKey(
      header('X-NX-Key', 'NEXT.exchange: `nx_test_…` of a sandbox agent, `nx_live_…` of a live one'),
      'X-NX-Key',
    )
    .addApiKey(
      header(
        'X-NX-Signature',
        'Of a live agent: HMAC-SHA256, in hex, of timestamp + METHOD + path + body under its secret. The path is the ' +
          'one behind `/v1/agent`, or the whole one, without the query; the body is the bytes sent. A write is signed anew each time',
      ),
      'X-NX-Signature',
    )
    .addApiKey(
      header('X-NX-Timestamp', 'Of a live agent: milliseconds since 1970, 13 digits, within 30 seconds of our clock'),
      'X-NX-Timestamp',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config, { autoTagControllers: false });
  const schemas: Record<string, unknown> = { ...document.components?.schemas };
  const paths = withNamedSchemas(document.paths, schemas) as OpenAPIObject['paths'];
  return { ...document, paths, components: { ...document.components, schemas: schemas as never } };
}

/** Serves /openapi.json, /openapi.yaml, /docs, /llms.txt and /llms-full.txt. */
export function serveApiDocuments(app: NestFastifyApplication): void {
  const document = describeApi(app);
  SwaggerModule.setup('docs', app, document, { raw: false });
  const server = app.getHttpAdapter().getInstance();
  const serve = (path: string, type: string, text: string): void => {
    server.get(path, (_request, reply) => reply.type(`${type}; charset=utf-8`).send(text));
  };
  serve('/openapi.json', 'application/json', JSON.stringify(document, null, 2));
  serve('/openapi.yaml', 'application/yaml', stringify(document));
  // Its form is OpenAPI 3.1, of which Nest's types know 3.0.
  const read = document as unknown as ApiDocument;
  serve('/llms.txt', 'text/plain', llmsIndex(read));
  serve('/llms-full.txt', 'text/plain', llmsFull(read));
}

function header(
  name: string,
  description: string,
): { type: 'apiKey'; in: 'header'; name: string; description: string } {
  return { type: 'apiKey', in: 'header', name, description };
}

/** A schema with a title becomes a component of that name: clients made from the document have a type for it. */
function withNamedSchemas(value: unknown, schemas: Record<string, unknown>): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => withNamedSchemas(item, schemas));
  const inner = Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      name === 'example' || name === 'examples' ? item : withNamedSchemas(item, schemas),
    ]),
  );
  if (typeof inner['title'] !== 'string') return inner;
  const { title, ...schema } = inner;
  schemas[title as string] = schema;
  return { $ref: `#/components/schemas/${title as string}` };
}
