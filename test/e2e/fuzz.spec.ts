/** Whatever is sent to a write: no 500, an answer in the envelope, and afterwards a server that still works. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { create, isEnvelope, SPOT, writesOn } from '../support/anny.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

/** Bodies sent together, and how often, for each route. */
const TOGETHER = 8;
const ROUNDS = 50;

let world: World;
let server: TestServer;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir, { LOG_LEVEL: 'error' });
});

afterAll(async () => {
  const { log } = server;
  await server.stop();
  await world.remove();
  expect(log).toEqual([]);
});

const price = fc.oneof(
  fc.integer({ min: 1, max: 200_000 }).map(String),
  fc.double({ min: 1e-6, max: 1e6, noNaN: true }).map((number) => number.toFixed(4)),
  fc.constantFrom('0', '-5', '1e5', '00.1', '9'.repeat(40), `0.${'0'.repeat(37)}1`, '٣', ' 1'),
);
const anything = fc.oneof(price, price, fc.integer(), fc.double(), fc.jsonValue(), fc.string({ unit: 'binary' }));

/** A valid body with some fields changed, removed or added. */
const nearly = (valid: object): fc.Arbitrary<Buffer> =>
  fc
    .tuple(
      fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(valid)), fc.string()), anything, { maxKeys: 4 }),
      fc.uniqueArray(fc.constantFrom(...Object.keys(valid)), { maxLength: 2 }),
    )
    .map(([changes, gone]) => {
      const body: Record<string, unknown> = { ...valid, ...changes };
      for (const name of gone) if (!(name in changes)) delete body[name];
      return Buffer.from(JSON.stringify(body));
    });

/** The text of a valid body with bytes changed, cut or put in. */
const mangled = (valid: object): fc.Arbitrary<Buffer> =>
  fc
    .array(fc.tuple(fc.nat(), fc.nat(3), fc.uint8Array({ minLength: 1, maxLength: 4 })), { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce(
        (bytes, [at, cut, put]) => {
          const place = at % (bytes.length + 1);
          return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]);
        },
        Buffer.from(JSON.stringify(valid)),
      ),
    );

/** Pieces of JSON in any order. */
const pieces = fc
  .array(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"coin"',
      '"__proto__"',
      '"\\u0000"',
      '"\\ud800"',
      '1e999',
      'null',
      '-',
      '"',
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join('')));

const WRITES = [
  'POST /v1/signal',
  'POST /v2/signal',
  'takeprofit',
  'trailingstop',
  'rebuy',
  'dca',
  'updateprice',
  'cancel',
];

test.each(WRITES.map((name, at) => [name, at] as const))(
  '%s',
  async (_name, at) => {
    const key = world.keys.alpha;
    const { id } = await create(server, key);
    const { method, path, body } = writesOn(id)[at]!;
    const sent = fc.oneof(
      { arbitrary: nearly(body), weight: 5 },
      { arbitrary: mangled(body), weight: 3 },
      { arbitrary: pieces, weight: 1 },
      { arbitrary: fc.json().map((text) => Buffer.from(text)), weight: 1 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { minLength: TOGETHER, maxLength: TOGETHER }), async (bodies) => {
        const answers = await Promise.all(bodies.map((raw) => server.call(method, path, { key, raw })));
        for (const [n, answer] of answers.entries()) {
          const fine = isEnvelope(answer) && [200, 400].includes(answer.status);
          expect({ fine, sent: fine || bodies[n]!.toString(), answer: fine || answer.text }).toEqual({
            fine: true,
            sent: true,
            answer: true,
          });
        }
      }),
      { numRuns: ROUNDS },
    );
    const after = await create(server, key, SPOT);
    expect((await server.call('GET', `/v1/signal/${after.id}/history`, { key })).status).toBe(200);
    expect((await server.call('GET', `/v1/signal/${id}/history`, { key })).status).toBe(200);
  },
  60_000,
);
