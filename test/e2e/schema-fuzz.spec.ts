/**
 * Whatever is sent to a write of any dialect: no 500, and an answer of the schema that is documented for its status.
 * Bodies are drawn from the API documents. FUZZ_RUNS is their number for each dialect.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bodiesOf,
  type DialectRoute,
  dialectRoutes,
  namesSignal,
  pathWith,
  readDocument,
  type Validators,
  validatorsOf,
} from '../support/api-document.ts';
import type { ApiDocument } from '../../apps/server/src/http/api-document.ts';
import { type Callers, createCallers, type Dialect, DIALECTS } from '../support/callers.ts';
import { bodiesFor } from '../support/from-schema.ts';
import { idIn } from '../support/signals.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { STAND_IN } from '../support/stores.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? (STAND_IN ? 150 : 1_500));
const TOGETHER = 10;

/** Bodies on one signal before a new one is made: at some point it takes no more. */
const SIGNAL_LASTS = 50;

let callers: Callers;
let server: TestServer;
let document: ApiDocument;
let routes: readonly DialectRoute[];
let validators: Validators;

beforeAll(async () => {
  callers = await createCallers();
  server = await startServer(callers.dataDir, { LOG_LEVEL: 'warn', NEXTPROD_RATE_LIMIT: '1000000' });
  document = await readDocument(server);
  routes = dialectRoutes(document);
  validators = validatorsOf(document);
});

afterAll(async () => {
  await server.stop();
  await callers.remove();
});

/** A new signal, for the calls that need one. */
async function newSignal(route: DialectRoute): Promise<string> {
  if (!namesSignal(route.path)) return '';
  const create = routes.find(({ name }) => name === 'POST /v2/signal')!;
  const [, body] = bodiesOf(create, '')[0]!;
  return idIn(await server.call('POST', create.path, { headers: callers.keys[route.dialect].own.headers, body }));
}

/** Sends that many bodies to a route, and tells how often each status was answered. */
async function fuzz(route: DialectRoute, count: number): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const { schema } = route.operation.requestBody!.content['application/json'];
  const { headers } = callers.keys[route.dialect].own;
  const send = async (id: string, raw: Buffer): Promise<void> => {
    const answer = await server.call(route.method, pathWith(route, id), { headers, raw });
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const wrong = answer.status >= 500 ? `${answer.status} ${answer.text}` : validators.wrongWith(route, answer);
    if (wrong !== null) throw new Error(`${route.name}: ${wrong} to ${raw.toString()}`);
  };
  for (let sent = 0; sent < count; sent += SIGNAL_LASTS) {
    const id = await newSignal(route);
    const examples = bodiesOf(route, id).map(([, body]) => body);
    const bodies = fc.array(bodiesFor(schema, examples, document), { minLength: TOGETHER, maxLength: TOGETHER });
    await fc.assert(
      fc.asyncProperty(bodies, async (some) => void (await Promise.all(some.map((raw) => send(id, raw))))),
      { numRuns: Math.ceil(Math.min(SIGNAL_LASTS, count - sent) / TOGETHER) },
    );
  }
  return statuses;
}

test.each(Object.values(DIALECTS))(
  `${RUNS} bodies of %s`,
  async (dialect: Dialect) => {
    const writes = routes.filter((route) => route.dialect === dialect && route.operation.requestBody !== undefined);
    for (const route of writes) {
      const statuses = await fuzz(route, Math.ceil(RUNS / writes.length));
      const told = [...statuses].map(([status, times]) => `${status}: ${times}`).join(', ');
      // Both ways are walked: what is accepted and what is refused.
      expect({ route: route.name, told, done: [...statuses.keys()].some((one) => one < 300) }).toMatchObject({
        done: true,
      });
      expect({ route: route.name, told, refused: statuses.has(400) }).toMatchObject({ refused: true });
      if (RUNS > 1_500) process.stdout.write(`${route.name}: ${told}\n`);
    }
    expect(server.log).toEqual([]);
  },
  60_000 + RUNS * 60,
);
