/**
 * The NEXT.exchange dialect's requests and answers, from its document and what settles it. `before` runs first; `$id` is
 * the order that it placed, `$now` the case's own timestamp, which `signing` signs. Each file has a sandbox agent of its
 * own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalExchange, startExchange } from '../support/exchange.ts';
import { expectAnswer, filledWith, goldenFiles, type GoldenRequest, matching } from '../support/golden.ts';
import {
  LIVE,
  register,
  registerLive,
  SANDBOX,
  signed,
  type TestAgent,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

/**
 * The file's own agent where nothing is said. `bare` may do next to nothing, `limited` has both limits, `busy` is asked
 * by nothing else; `live` signs nothing, `signing` is the same agent and signs.
 */
type Caller = 'bare' | 'limited' | 'busy' | 'live' | 'signing' | 'pending';

interface Request extends GoldenRequest<Caller> {
  /** Another server on the same stores: `exchange` asks an exchange for prices, `strict` takes one request a minute. */
  readonly at?: 'exchange' | 'strict';
}

const FILES = goldenFiles<Request>('nextexchange');

/** What stands for a value that each run makes anew. */
const ANY: Readonly<Record<string, unknown>> = {
  $agent: expect.stringMatching(/^agent_[0-9a-f]{32}$/),
  $testKey: expect.stringMatching(/^nx_test_[0-9A-Za-z]{71}$/),
  $liveKey: expect.stringMatching(/^nx_live_[0-9A-Za-z]{71}$/),
  $secret: expect.stringMatching(/^[0-9A-Za-z]{43}$/),
  $order: expect.stringMatching(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/),
  $time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  $position: expect.stringMatching(/^\d+$/),
  $seconds: expect.stringMatching(/^[1-9]\d?$/),
  $number: expect.any(Number),
  $text: expect.stringMatching(/\w/),
};

let world: World;
let server: TestServer;
let exchange: LocalExchange;
let others: Readonly<Record<'exchange' | 'strict', TestServer>>;
let agents: Readonly<Record<Exclude<Caller, 'signing'>, TestAgent>>;
const ownAgents = new Map<string, TestAgent>();

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir, WITH_PRICES);
  await untilPriced(server);
  exchange = await startExchange([{ id: 'BTCUSDT', base: 'BTC', quote: 'USDT' }]);
  exchange.books.set('BTCUSDT', {
    bids: [
      ['67250.30', '0.40'],
      ['67250.10', '1.5'],
    ],
    asks: [['67250.40', '0.25']],
  });
  const asking = { BROKER_EXCHANGE: 'binance', BROKER_URL: exchange.url, VENUES: 'binance' };
  others = {
    exchange: await startServer(world.dataDir, { ...WITH_PRICES, ROLES: 'api', ...asking }),
    strict: await startServer(world.dataDir, { ...WITH_PRICES, ROLES: 'api', AGENT_RATE_LIMIT: '1' }),
  };
  agents = {
    limited: await register(server, { ...SANDBOX, dailyLossLimit: 5_000, maxPositionSize: 5_000 }),
    busy: await register(server),
    bare: await register(server, { ...SANDBOX, permissions: ['write:webhook'] }),
    live: await registerLive(server, world.dataDir),
    pending: await register(server, LIVE),
  };
  for (const { file } of FILES) ownAgents.set(file, await register(server));
  // What was known of the live one before its approval is forgotten by then.
  await sleep(600);
});

afterAll(async () => {
  for (const other of Object.values(others)) await other.stop();
  await exchange.stop();
  await server.stop();
  await world.remove();
});

for (const golden of FILES) {
  describe(`${golden.file} (${golden.source})`, () => {
    test.each(golden.cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
      const now = String(Date.now());
      let id = '';
      for (const step of (one.before ?? []) as readonly Request[]) {
        const { status, body } = await send(golden.file, step, { id, now });
        expect({ step: step.path, ok: status < 300 }).toEqual({ step: step.path, ok: true });
        id = body.order?.orderId ?? id;
      }
      const answer = await send(golden.file, one.request, { id, now });
      expectAnswer(answer, matching(filled(one.response, { id, now }), ANY));
    });
  });
}

interface Made {
  readonly id: string;
  readonly now: string;
}

function send(file: string, request: Request, made: Made) {
  const { method, path, as, at, headers, body, raw } = filled(request, made);
  const text = raw ?? (body === undefined ? '' : JSON.stringify(body));
  return (at === undefined ? server : others[at]).call(method, path, {
    ...(text !== '' && { raw: text }),
    headers: { ...headersOf(file, as, () => signed(agents.live, method, path, text, { timestamp: made.now })), ...headers },
  });
}

/** What tells who asks. */
function headersOf(file: string, as: Request['as'], sign: () => Record<string, string>): Record<string, string> {
  if (as === 'nobody') return {};
  if (as === 'signing') return sign();
  return { 'x-nx-key': (as === undefined ? ownAgents.get(file)! : agents[as]).apiKey };
}

/** With the values of this run in the place of their names. */
function filled<Value>(value: Value, { id, now }: Made): Value {
  return filledWith(value, { $id: id, $now: now, $64K: 'x'.repeat(65_536) });
}
