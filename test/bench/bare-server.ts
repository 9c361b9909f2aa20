/**
 * What the ledger is compared with: a bare Fastify route with an ajv schema of the v2 body.
 * Without an argument it stores nothing; with a file's path each request appends one SignalCreated to our own SQLite
 * event store and is answered when that is durable.
 */
import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import { compactId, type EventStore, newId, NO_STREAM } from '#libs/sourcing';
import { openSqliteEventStore } from '#libs/stores';
import { CREATE_SCHEMA } from './bodies.ts';

const CHANNEL = newId(Date.now());
const KEY = newId(Date.now());

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

/** An event of the form and size that the ledger keeps. Its id is random, as a derived one is: an index pays for that. */
async function append(events: EventStore, body: unknown): Promise<object> {
  const now = Date.now();
  const time = new Date(now).toISOString();
  const signalId = compactId(newId(now));
  const order = body as Record<string, string>;
  await events.append({
    stream: `signal-${signalId}`,
    expected: NO_STREAM,
    events: [
      {
        id: randomUUID(),
        type: 'SignalCreated',
        time,
        channelId: CHANNEL,
        data: {
          channelId: CHANNEL,
          dialect: 'anny',
          sandbox: false,
          instrument: {
            class: 'crypto',
            venue: order['exchange'],
            symbol: `${order['coin']}/${order['trade_market']}`,
            base: order['coin'],
            quote: order['trade_market'],
            account: 'SPOT',
          },
          side: 'open',
          direction: 'long',
          entry: { min: order['entry_price_min'], max: order['entry_price_max'] },
          targets: [order['exit_price_1'], order['exit_price_2']],
          stop: order['stop_loss'],
          size: { kind: 'percent', value: '10' },
          leverage: '1',
          marginType: 'ISOLATED',
        },
        metadata: {
          commandId: newId(now),
          requestId: `bench-${(++count).toString(36)}`,
          dialect: 'anny',
          actor: `channel:${CHANNEL}`,
          keyId: KEY,
          receivedAt: time,
          schemaVersion: 1,
        },
      },
    ],
  });
  return success(signalId);
}
