/**
 * The NEXT.exchange dialect's requests and answers, from its document and what settles it. `before` runs first; `$id` is
 * the order that it placed. Each file has a sandbox agent of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectAnswer, filledWith, goldenFiles, type GoldenRequest, matching } from '../support/golden.ts';
import {
  LIVE,
  register,
  registerLive,
  SANDBOX,
  type TestAgent,
  untilPriced,
  WITH_PRICES,
} from '../support/nextexchange.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

/** The file's own agent where nothing is said. `bare` may do next to nothing. */
type Request = GoldenRequest<'bare' | 'live' | 'pending'>;

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
  $number: expect.any(Number),
  $text: expect.stringMatching(/\w/),
};

let world: World;
let server: TestServer;
let agents: Readonly<Record<'bare' | 'live' | 'pending', TestAgent>>;
const ownAgents = new Map<string, TestAgent>();

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir, WITH_PRICES);
  await untilPriced(server);
  agents = {
    bare: await register(server, { ...SANDBOX, permissions: ['write:webhook'] }),
    live: await registerLive(server, world.dataDir),
    pending: await register(server, LIVE),
  };
  for (const { file } of FILES) ownAgents.set(file, await register(server));
  // What was known of the live one before its approval is forgotten by then.
  await sleep(600);
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

for (const golden of FILES) {
  describe(`${golden.file} (${golden.source})`, () => {
    test.each(golden.cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
      let id = '';
      for (const step of (one.before ?? []) as readonly Request[]) {
        const { status, body } = await send(golden.file, step, id);
        expect({ step: step.path, ok: status < 300 }).toEqual({ step: step.path, ok: true });
        id = body.order?.orderId ?? id;
      }
      const answer = await send(golden.file, one.request, id);
      expectAnswer(answer, matching(filled(one.response, id), ANY));
    });
  });
}

function send(file: string, { method, path, as, headers, body, raw }: Request, id: string) {
  const agent = as === 'nobody' ? null : as === undefined ? ownAgents.get(file)! : agents[as];
  return server.call(method, filled(path, id), {
    ...(body !== undefined && { body: filled(body, id) }),
    ...(raw !== undefined && { raw: filled(raw, id) }),
    headers: { ...(agent && { 'x-nx-key': agent.apiKey }), ...headers },
  });
}

/** With the values of this run in the place of their names. */
function filled<Value>(value: Value, id: string): Value {
  return filledWith(value, { $id: id, $64K: 'x'.repeat(65_536) });
}
