/**
 * The Traderz dialect's requests and answers, from its documents. Each case stands alone: `before` (the file's, then the
 * case's own) runs first; `$id` is the signal that the last of it made, `$first` the one the first of it made.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectAnswer, filledWith, goldenFiles, type GoldenRequest, isMoves, matching } from '../support/golden.ts';
import { NO_MARKET, TestMarket } from '../support/market.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bearer, createDesks, type Desks } from '../support/traderz.ts';

type Request = Partial<Pick<GoldenRequest<string>, 'method' | 'path'>> &
  Omit<GoldenRequest<'second' | 'reader' | 'beta' | 'revoked' | 'suspended'>, 'method' | 'path'>;

/** Each case's `event` is the first of its signal. */
const FILES = goldenFiles<Request>('traderz');

/** What stands for values that each run makes anew. */
const ANY: Readonly<Record<string, unknown>> = {
  $new: expect.stringMatching(/^[0-9a-f]{32}$/),
  $ms: expect.any(Number),
  $position: expect.stringMatching(/^\d+$/),
};

let world: Desks;
let server: TestServer;
let market: TestMarket;
/** Position of what the market did last. */
let moved = '';
let turn = 0;

beforeAll(async () => {
  world = await createDesks();
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
      turn += 1;
      const made: string[] = [];
      for (const step of [...(golden.before ?? []), ...(one.before ?? [])]) {
        if (isMoves(step)) {
          moved = String(await market.did(made.at(-1)!, filled(step.market, made)));
          continue;
        }
        const { status, body } = await call(step, made);
        expect([200, 201]).toContain(status);
        made.push(body.id);
      }
      const answer = await call(one.request, made);
      const wanted = expected(one.response, made);
      expectAnswer(answer, wanted);
      if (one.event === undefined) return;
      const history = await server.call('GET', `/v1/signal/${answer.body.id}/history?dialect=all`, {
        key: world.keys.alpha,
      });
      expect(history.body.payload.events[0].data).toEqual(expected(one.event, made));
    });
  });
}

function call({ method = 'POST', path = '/v1/signals', as, headers, body, raw }: Request, made: string[]) {
  return server.call(method, filled(path, made), {
    headers: { ...(as !== 'nobody' && bearer(world.desk[as ?? 'alpha'])), ...(headers && filled(headers, made)) },
    ...(body !== undefined && { body: filled(body, made) }),
    ...(raw !== undefined && { raw }),
  });
}

/** With the values of this run in the place of their names. `$turn` makes a name the case's own. */
function filled<Value>(value: Value, made: readonly string[]): Value {
  const values: Record<string, string> = {
    $moved: moved,
    $id: made.at(-1) ?? '',
    $first: made[0] ?? '',
    $dashed: (made.at(-1) ?? '').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    $alpha: world.channels.alpha,
    $key: world.desk.alpha,
    $turn: String(turn),
    $long: 'x'.repeat(256),
  };
  return filledWith(value, values);
}

function expected<Value>(value: Value, made: readonly string[]): Value {
  return matching(filled(value, made), ANY);
}
