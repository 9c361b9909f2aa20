/** Thousands of bodies, valid, nearly valid and hostile: no 500, and every answer in a documented shape. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Answer } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { STAND_IN } from '../support/stores.ts';
import { bearer, createDesks, type Desks, OPEN, show } from '../support/traderz.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? (STAND_IN ? 60 : 400));
const BODIES_A_RUN = 25;

let world: Desks;
let server: TestServer;

beforeAll(async () => {
  world = await createDesks();
  server = await startServer(world.dataDir, { LOG_LEVEL: 'warn' });
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

const mostly = <Value>(usual: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 20, arbitrary: usual },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );

const amounts = fc.oneof(
  fc.double({ min: 1e-12, max: 1e12, noNaN: true, minExcluded: true }),
  fc.constantFrom(0, -1, 0.5, 1, 1e-300, 1e300, 5e-324, 2 ** 60),
);

const fields = {
  source: mostly(fc.constantFrom('polymarket', 'binance', 'ibkr')),
  type: mostly(fc.constantFrom('prediction_market', 'crypto', 'stock')),
  symbol: mostly(
    fc.oneof(fc.constantFrom('ETH/USDT', 'TSLA', 'BTC 15min', '/', 'A/B/C', '/A', 'A/'), fc.string({ unit: 'binary' })),
  ),
  side: mostly(fc.constantFrom('open', 'open', 'open', 'close')),
  direction: mostly(fc.constantFrom('long', 'short', 'buy', 'sell')),
  price: mostly(amounts),
  quantity: mostly(amounts),
  signal_time: mostly(fc.oneof(fc.integer({ min: 0, max: 2_000_000_000 }), fc.maxSafeInteger())),
  client_signal_id: mostly(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a', 'b', 'c'))),
  metadata: mostly(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())),
};
const names = Object.keys(fields) as (keyof typeof fields)[];

const signals = fc.record(fields, { requiredKeys: ['source', 'type', 'symbol', 'side'], noNullPrototype: true });
const partly = fc.record(fields, { requiredKeys: [], noNullPrototype: true });
const odd = fc.tuple(signals, fc.constantFrom('__proto__', 'constructor', 'toString', 'length', ''), fc.jsonValue());

/** What goes over the wire. */
const bodies: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: signals.map((body) => JSON.stringify(body)) },
  { weight: 3, arbitrary: partly.map((body) => JSON.stringify(body)) },
  {
    weight: 2,
    arbitrary: odd.map(
      ([body, key, value]) => `${JSON.stringify(body).slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(value)}}`,
    ),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{"price":1e999}',
      '[[[[',
      '{"symbol":"\\ud800"}',
      JSON.stringify({ ...OPEN, symbol: '\0' }),
    ),
  },
);

/** Whether an answer to a post has one of the documented shapes, the one of its status. */
function isDocumented({ status, body, headers }: Answer): boolean {
  const has = (...keys: string[]): boolean => body !== undefined && Object.keys(body).join() === keys.join();
  const isId = (id: unknown): boolean => typeof id === 'string' && /^[0-9a-f]{32}$/.test(id);
  if (!String(headers['content-type']).startsWith('application/json')) return false;
  switch (status) {
    case 201:
      return (
        has('id', 'received_at', 'deduped') &&
        isId(body.id) &&
        Number.isInteger(body.received_at) &&
        body.deduped === false
      );
    case 200:
      return has('id', 'deduped') && isId(body.id) && body.deduped === true;
    case 400:
    case 413:
      return has('error', 'message') && body.error === 'bad_request' && typeof body.message === 'string';
    case 422: {
      const reasons = has('error', 'fields') ? Object.values(body.fields as object) : [];
      return (
        body.error === 'validation_failed' &&
        reasons.length > 0 &&
        reasons.every((reason) => typeof reason === 'string' && reason !== '')
      );
    }
    default:
      return false;
  }
}

/** What was sent is shown. Two words for a direction are kept as one. */
async function expectShown(id: string, raw: string): Promise<void> {
  const sent = JSON.parse(raw) as Record<string, unknown>;
  const { status, body } = await show(server, world.desk.alpha, id);
  expect(status).toBe(200);
  const directions: Record<string, string> = { buy: 'long', sell: 'short' };
  for (const name of names) {
    const value = sent[name] ?? null;
    expect({ [name]: body[name] }).toEqual({
      [name]: name === 'direction' ? (directions[value as string] ?? value) : value,
    });
  }
}

/**
 * The answer to a body. A close waits for the view that it reads, and where that is too far behind it is 503 and nothing is
 * stored: on what stands in for MongoDB it is sent again, as clients do.
 */
async function posted(raw: string): Promise<Answer> {
  for (;;) {
    const answer = await server.call('POST', '/v1/signals', { raw, headers: bearer(world.desk.alpha) });
    if (!STAND_IN || answer.status !== 503) return answer;
    expect({ error: answer.body.error, again: answer.headers['retry-after'] }).toEqual({
      error: 'service_unavailable',
      again: '1',
    });
    await sleep(100);
  }
}

test(`${RUNS * BODIES_A_RUN} bodies`, async () => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(bodies, { minLength: BODIES_A_RUN, maxLength: BODIES_A_RUN }), async (batch) => {
      const send = async (raw: string): Promise<void> => {
        const answer = await posted(raw);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (!isDocumented(answer)) throw new Error(`${answer.status} ${answer.text} to ${raw}`);
        if (answer.status === 201) await expectShown(answer.body.id, raw);
      };
      await Promise.all(batch.map(send));
    }),
    // To shrink what failed takes hundreds of runs, and minutes on a slow store.
    { numRuns: RUNS, endOnFailure: STAND_IN },
  );
  for (const status of [200, 201, 400, 422]) expect(statuses.get(status) ?? 0).toBeGreaterThan(RUNS / 10);
  const late = ({ msg }: Record<string, unknown>): boolean => STAND_IN && msg === 'a request could not be served';
  expect(server.log.filter((line) => !late(line))).toEqual([]);
}, 300_000);
