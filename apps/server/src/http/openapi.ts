/** The API documents: OpenAPI 3.1 as JSON and YAML, and a page to try it. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { stringify } from 'yaml';

export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Signal Ledger')
    .setDescription(
      'An event-sourced server for the life of a trading signal. Providers speak to it in the API they already use.',
    )
    .setVersion('1.0.0')
    .setOpenAPIVersion('3.1.0')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'anny-api-key' }, 'anny-api-key')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'anny-api-secret' }, 'anny-api-secret')
    .build();
  const document = SwaggerModule.createDocument(app, config, { autoTagControllers: false });
  document.components = {
    ...document.components,
    schemas: {
      ...document.components?.schemas,
      AnnyEnvelope: {
        type: 'object',
        required: ['result', 'payload'],
        properties: {
          result: {
            type: 'object',
            required: ['type'],
            properties: {
              type: {
                type: 'string',
                enum: [
                  'OPERATION_PERFORMED',
                  'INVALID_INPUT_MISSING',
                  'INVALID_INPUT_CONTENT',
                  'UNAUTHORIZED',
                  'CRITICAL',
                ],
              },
            },
          },
          payload: { type: 'object' },
        },
      },
    },
  };
  return document;
}

/** Serves /openapi.json, /openapi.yaml and /docs. */
export function serveApiDocuments(app: NestFastifyApplication): void {
  const document = describeApi(app);
  SwaggerModule.setup('docs', app, document, { raw: false });
  const json = JSON.stringify(document, null, 2);
  const yaml = stringify(document);
  const server = app.getHttpAdapter().getInstance();
  server.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(json));
  server.get('/openapi.yaml', (_request, reply) => reply.type('application/yaml; charset=utf-8').send(yaml));
}
