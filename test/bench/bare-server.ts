/**
 * What the ledger is compared with: a bare Fastify route with an ajv schema of the v2 body.
 * Without an argument it stores nothing; with a file's path each request appends one SignalCreated to our own SQLite
 * event store and is answered when that is durable.
 */
import fastify from 'fastify';
import { type EventStore, NO_STREAM } from '#libs/sourcing';
import { openSqliteEventStore } from '#libs/stores';
import { CREATE_SCHEMA } from './bodies.ts';
import { createdEvent } from './created-event.ts';

const file = process.argv[2];
const store = file === undefined ? null : openSqliteEventStore(file);
const app = fastify();
let count = 0;

const text = { type: 'string' };
const answer = {
  type: 'object',
  properties: {
    result: { type: 'object', properties: { type: text } },
    payload: { type: 'object', properties: { parent_signal_id: text, result: text } },
  },
};

app.post(
  '/v2/signal',
  { schema: { body: CREATE_SCHEMA, response: { 200: answer } } },
  store === null ? () => success((++count).toString(16).padStart(32, '0')) : (request) => append(store, request.body),
);

await app.listen({ host: '127.0.0.1', port: 0 });
process.send!({ port: (app.server.address() as { port: number }).port });
process.on('disconnect', () => process.exit(0));
// The bench ends its children itself, in its own order.
process.on('SIGINT', () => undefined);

function success(id: string): object {
  return { result: { type: 'OPERATION_PERFORMED' }, payload: { parent_signal_id: id, result: 'success' } };
}

async function append(events: EventStore, body: unknown): Promise<object> {
  const { signalId, event } = createdEvent(body, ++count);
  await events.append({ stream: `signal-${signalId}`, expected: NO_STREAM, events: [event] });
  return success(signalId);
}
