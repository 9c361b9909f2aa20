/**
 * The NextProd dialect's requests and answers, from its document. Each case stands alone: `before` (the file's, then
 * the case's own) runs first; `$id` is the signal that it made. Each file has a key of its own, and so a limit.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectAnswer, filledWith, goldenFiles, type GoldenRequest, isMoves, matching } from '../support/golden.ts';
import { NO_MARKET, TestMarket } from '../support/market.ts';
import { bearer, createNextprodWorld, type NextprodKey, type NextprodWorld } from '../support/nextprod.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** The file's own key of the sandbox channel where nothing is said. */
type Request = GoldenRequest<keyof NextprodWorld['keys']>;

const FILES = goldenFiles<Request>('nextprod');

/** What stands for a value that each run makes anew. */
const ANY: Readonly<Record<string, unknown>> = {
  $new: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  $time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  $position: expect.stringMatching(/^\d+$/),
  $number: expect.stringMatching(/^\d+$/),
  $uuid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
};

let world: NextprodWorld;
let server: TestServer;
let market: TestMarket;
/** Position of what the market did last. */
let moved = '';
const ownKeys = new Map<string, NextprodKey>();

beforeAll(async () => {
  world = await createNextprodWorld();
  await world.directory.addStrategy(world.channels.real, 'recorded', 'kalshi');
  for (const { file } of FILES) ownKeys.set(file, await world.directory.issueKey(world.channels.sandbox));
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
        const { status, body } = await send(golden.file, step, id);
        expect({ step: step.path, ok: status < 300 }).toEqual({ step: step.path, ok: true });
        id = body.signal_id ?? id;
      }
      const answer = await send(golden.file, one.request, id);
      const wanted = expected(one.response, id);
      expectAnswer(answer, wanted);
      if (one.event === undefined) return;
      const history = await server.call('GET', `/v1/signal/${answer.body.signal_id}/history?dialect=nextprod`, {
        key: world.anny,
      });
      const [event] = history.body.payload.events;
      expect(event.data).toEqual(expected(one.event, id));
      expect(event.time).toBe(answer.body.timestamp);
    });
  });
}

function send(file: string, { method, path, as, headers, body, raw }: Request, id: string) {
  const key = as === 'nobody' ? null : as === undefined ? ownKeys.get(file)! : world.keys[as];
  return server.call(method, filled(path, id), {
    ...(body !== undefined && { body: filled(body, id) }),
    ...(raw !== undefined && { raw: filled(raw, id) }),
    headers: { ...(key && bearer(key)), ...filled(headers ?? {}, id) },
  });
}

/** With the values of this run in the place of their names. */
function filled<Value>(value: Value, id: string): Value {
  const values: Record<string, string> = {
    $moved: moved,
    $id: id,
    $compact: id.replaceAll('-', ''),
    $channel: world.channels.sandbox,
    $annyKey: world.anny.key,
    $4001: 'x'.repeat(4_001),
    $64K: 'x'.repeat(65_536),
  };
  return filledWith(value, values);
}

function expected<Value>(value: Value, id: string): Value {
  return matching(filled(value, id), ANY);
}
