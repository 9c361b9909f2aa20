/**
 * The Anny dialect's requests and answers, from its documents. Each case stands alone: `before` (the file's, then the
 * case's own) runs first; `$id` is the signal that it made.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnnyKey } from '../support/directory.ts';
import { expectAnswer, filledWith, goldenFiles, type GoldenRequest, isMoves, matching } from '../support/golden.ts';
import { NO_MARKET, TestMarket } from '../support/market.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

type Request = GoldenRequest<'reader' | 'beta' | 'auditor' | 'revoked'>;

/** Each case's `event` is the last of its signal. */
const FILES = goldenFiles<Request, { readonly type: string; readonly data: unknown }>('anny');

/** What stands for a value that each run makes anew. */
const ANY: Readonly<Record<string, unknown>> = {
  $new: expect.stringMatching(/^[0-9a-f]{32}$/),
  $time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  $position: expect.stringMatching(/^\d+$/),
  $cursor: expect.stringMatching(/^\d+$/),
};

let world: World;
let server: TestServer;
let market: TestMarket;
/** Position of what the market did last. */
let moved = '';

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir, NO_MARKET);
  market = await TestMarket.open(world.dataDir);
});

afterAll(async () => {
  await market.close();
  await server.stop();
  await world.remove();
});

for (const golden of FILES) {
  describe(`${golden.file} (${golden.source})`, () => {
    test.each(golden.cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
      let id = '';
      for (const step of [...(golden.before ?? []), ...(one.before ?? [])]) {
        if (isMoves(step)) {
          moved = String(await market.did(id, filled(step.market, id)));
          continue;
        }
        const { status, body } = await send(step, id);
        expect({ step: step.path, status }).toEqual({ step: step.path, status: 200 });
        id = body.payload.parent_signal_id ?? id;
      }
      const answer = await send(one.request, id);
      const wanted = expected(one.response, id);
      expectAnswer(answer, wanted);
      if (one.event === undefined) return;
      const signalId = answer.body.payload.parent_signal_id ?? id;
      const history = await send({ method: 'GET', path: `/v1/signal/${signalId}/history` }, id);
      const { type, data } = history.body.payload.events.at(-1);
      expect({ type, data }).toEqual(expected(one.event, signalId));
    });
  });
}

function send({ method, path, as, headers, body, raw }: Request, id: string) {
  const key: AnnyKey | null = as === 'nobody' ? null : world.keys[as ?? 'alpha'];
  return server.call(method, filled(path, id), {
    key,
    ...(body !== undefined && { body: filled(body, id) }),
    ...(raw !== undefined && { raw }),
    ...(headers && { headers: filled(headers, id) }),
  });
}

/** With the values of this run in the place of their names. */
function filled<Value>(value: Value, id: string): Value {
  const { alpha, beta } = world.keys;
  const dashed = id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const values: Record<string, string> = {
    $moved: moved,
    $id: id,
    $dashed: dashed,
    $alpha: world.channels.alpha,
    $key: alpha.key,
    $secret: alpha.secret,
    $betaSecret: beta.secret,
    $1001: 'x'.repeat(1001),
  };
  return filledWith(value, values);
}

function expected<Value>(value: Value, id: string): Value {
  return matching(filled(value, id), ANY);
}
