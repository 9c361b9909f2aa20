/** Thousands of bodies, valid, nearly valid and hostile: never a 500, always an answer in the dialect's form. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Answer } from '../support/client.ts';
import { bearer, createNextprodWorld, get, isError, type NextprodWorld, post, postBatch } from '../support/nextprod.ts';
import { startServer, type TestServer } from '../support/server.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 3_000);

let world: NextprodWorld;
let server: TestServer;

beforeAll(async () => {
  world = await createNextprodWorld();
  server = await startServer(world.dataDir, { NEXTPROD_RATE_LIMIT: '1000000', LOG_LEVEL: 'error' });
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
  fc.constantFrom<unknown>(1e308, -0, 1e-320, Number.MAX_SAFE_INTEGER, '', ' ', '\u202e', 'constructor', '__proto__'),
);

/** Mostly right, sometimes anything. */
const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: anything });

const signal = fc.record(
  {
    strategy_id: mostly(fc.constantFrom('your_strategy_id', 'anywhere', 'asleep', 'others')),
    market: mostly(fc.constantFrom('KXMLBGAME-26APR041905MIANYY-NYY', 'KXMLBGAME-...-BOS', 'KXNONE', 'toString')),
    direction: mostly(fc.constantFrom('YES', 'NO')),
    size: mostly(fc.oneof(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), fc.integer())),
    size_type: mostly(fc.constantFrom('dollars', 'contracts', null)),
    entry_price: mostly(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(null))),
    exchange: mostly(fc.constantFrom('kalshi', 'polymarket', null)),
    rationale: mostly(fc.string()),
    idempotency_key: mostly(fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.uuid())),
    [`x${'_'.repeat(3)}`]: anything,
  },
  { requiredKeys: [] },
);

const REGISTERED = [
  'signal_id',
  'timestamp',
  'status',
  'market_resolved',
  'entry_price',
  'size_usd',
  'direction',
  'exchange',
].join();

function isRegistered({ body }: Answer, mark: 'sandbox' | 'tracking'): boolean {
  return (
    Object.keys(body).join() === `${REGISTERED},${mark}` &&
    body.entry_price > 0 &&
    body.entry_price < 1 &&
    Number.isFinite(body.size_usd)
  );
}

test(`${RUNS} single bodies`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ weight: 9, arbitrary: signal }, { weight: 1, arbitrary: anything }),
      fc.boolean(),
      async (body, real) => {
        const answer = await post(server, real ? world.keys.real : world.keys.sandbox, body);
        if (answer.status === 201) return isRegistered(answer, real ? 'tracking' : 'sandbox');
        return [400, 404, 409].includes(answer.status) && isError(answer.body);
      },
    ),
    { numRuns: RUNS },
  );
  const { status, body } = await get(server, world.keys.real, '/api/v1/signals?limit=100');
  expect(status).toBe(200);
  expect(body.total).toBeGreaterThan(0);
  expect(server.log).toEqual([]);
});

test('batches', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(signal, anything), { maxLength: 12 }), async (signals) => {
      const { status, body } = await postBatch(server, world.keys.real, signals);
      if (status !== 200) return status === 400 && isError(body);
      return (
        body.results.length === signals.length &&
        body.results.every(
          (one: { index: number; status: string; error?: object }, index: number) =>
            one.index === index &&
            (one.status === 'failed' ? isError({ error: one.error }) : one.status === 'registered'),
        )
      );
    }),
    { numRuns: RUNS / 10 },
  );
  expect(server.log).toEqual([]);
});

test('bytes that are hardly JSON, and paths that are hardly paths', async () => {
  const key = bearer(world.keys.sandbox);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), fc.json()),
      fc.constantFrom('/api/v1/signals', '/api/v1/signals/batch'),
      async (raw, path) => {
        const answer = await server.call('POST', path, {
          raw,
          headers: { ...key, 'content-type': 'application/json' },
        });
        return answer.status < 500 && (answer.status < 300 || isError(answer.body));
      },
    ),
    { numRuns: RUNS / 10 },
  );
  await fc.assert(
    fc.asyncProperty(fc.webQueryParameters(), fc.webSegment(), async (query, segment) => {
      const list = await server.call('GET', `/api/v1/signals?${query}&limit=${segment}`, { headers: key });
      const one = await server.call('GET', `/api/v1/signals/${segment || 'x'}`, { headers: key });
      return list.status < 500 && one.status < 500;
    }),
    { numRuns: RUNS / 10 },
  );
  expect(server.log).toEqual([]);
});
