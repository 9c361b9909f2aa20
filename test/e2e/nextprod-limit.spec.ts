/** The limit of 100 signals an hour for each key: exact, also across processes, and what costs how much. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer } from '../support/client.ts';
import {
  bearer,
  createNextprodWorld,
  get,
  LEAST,
  type NextprodKey,
  type NextprodWorld,
  post,
  postBatch,
  remaining,
} from '../support/nextprod.ts';
import { type ServerProcess, startProcess, startServer, type TestServer } from '../support/server.ts';

let world: NextprodWorld;
let server: TestServer;
let second: ServerProcess;

beforeAll(async () => {
  world = await createNextprodWorld();
  server = await startServer(world.dataDir);
  second = await startProcess(world.dataDir, { ROLES: 'api' });
});

afterAll(async () => {
  await second.stop();
  await server.stop();
  await world.remove();
});

/** A key with its whole hour before it, known to both servers. */
async function freshKey(): Promise<NextprodKey> {
  const key = await world.directory.issueKey(world.channels.sandbox);
  for (const one of [server, second]) while ((await get(one, key, '/api/v1/me')).status !== 200);
  return key;
}

function times(count: number, call: (index: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)));
}

/** How often each status was answered; what is no answer to a signal or the limit is told with its body. */
function tally(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status, text } of answers) {
    const told = status === 201 || status === 429 ? `${status}` : `${status} ${text}`;
    counts[told] = (counts[told] ?? 0) + 1;
  }
  return counts;
}

const withStatus = (answers: readonly Answer[], status: number): readonly Answer[] =>
  answers.filter((answer) => answer.status === status);

describe('the limit', () => {
  test('under 64 parallel requests, exactly 100 pass', async () => {
    const key = await freshKey();
    const began = Math.floor(Date.now() / 1_000);
    const answers = await times(300, () => post(server, key, LEAST));
    expect(tally(answers)).toEqual({ 201: 100, 429: 200 });
    const refused = withStatus(answers, 429);
    expect(
      withStatus(answers, 201)
        .map(remaining)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 100 }, (_, at) => at));
    for (const { body, headers } of refused) {
      expect(body.error.code).toBe('rate_limit_exceeded');
      expect(headers).toMatchObject({ 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '0' });
      expect(Number(headers['retry-after'])).toBeGreaterThan(3_500);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(3_600);
      expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThanOrEqual(began + 3_600);
      expect(Number(headers['x-ratelimit-reset'])).toBeLessThan(began + 3_660);
    }
    const { body } = await get(server, key, '/api/v1/signals');
    expect(body.total).toBe(100);
  });

  test('across two processes on one folder, exactly 100 pass', async () => {
    const key = await freshKey();
    const answers = await times(240, (index) => post(index % 2 === 0 ? server : second, key, LEAST));
    expect(tally(answers)).toEqual({ 201: 100, 429: 140 });
    expect(remaining(await get(second, key, '/api/v1/me'))).toBe(0);
  });

  test('each key has its own', async () => {
    const [one, other] = [await freshKey(), await freshKey()];
    await post(server, one, LEAST);
    expect(remaining(await get(server, one, '/api/v1/signals'))).toBe(99);
    expect(remaining(await get(server, other, '/api/v1/signals'))).toBe(100);
  });

  test('every authenticated POST counts, also refused, repeated and broken ones; GETs do not', async () => {
    const key = await freshKey();
    const json = { 'content-type': 'application/json' };
    const sent = async (path: string, raw: string, headers: Record<string, string> = json): Promise<Answer> =>
      server.call('POST', path, { raw, headers: { ...bearer(key), ...headers } });
    const calls: readonly (() => Promise<Answer>)[] = [
      () => post(server, key, { ...LEAST, idempotency_key: 'k' }),
      () => post(server, key, { ...LEAST, idempotency_key: 'k' }),
      () => post(server, key, { ...LEAST, direction: 'BUY' }),
      () => post(server, key, LEAST, { 'idempotency-key': 'h' }),
      () => post(server, key, LEAST, { 'idempotency-key': 'h' }),
      () => sent('/api/v1/signals', '{'),
      () => sent('/api/v1/signals', 'x=1', { 'content-type': 'text/plain' }),
      () => sent('/api/v1/signals/batch', '{'),
      () => sent('/api/v1/signals/batch', 'x=1', { 'content-type': 'text/plain' }),
      () => sent('/api/v1/signals/batch', `{"signals":"${'x'.repeat(70_000)}"}`),
      () => sent('/api/v1/signals/b%61tch', '{'),
      () => postBatch(server, key, []),
      () =>
        postBatch(
          server,
          key,
          Array.from({ length: 51 }, () => LEAST),
        ),
      () => postBatch(server, key, [LEAST], { 'idempotency-key': 'no key' }),
      () => postBatch(server, key, [{}]),
    ];
    let left = 100;
    for (const call of calls) {
      const answer = await call();
      left -= 1;
      expect({ call: String(call), status: answer.status, left: remaining(answer) }).toEqual({
        call: String(call),
        status: answer.status,
        left,
      });
      expect(remaining(await get(server, key, '/api/v1/me'))).toBe(left);
      expect(remaining(await get(server, key, '/api/v1/signals?limit=0'))).toBe(left);
    }
  });

  test('a batch costs what it holds; one over the rest is refused whole and costs nothing', async () => {
    const key = await freshKey();
    const batch = (size: number): Promise<Answer> =>
      postBatch(
        server,
        key,
        Array.from({ length: size }, () => LEAST),
      );
    expect(remaining(await batch(50))).toBe(50);
    expect(remaining(await batch(40))).toBe(10);
    const over = await batch(11);
    expect({ status: over.status, code: over.body.error.code, left: remaining(over) }).toEqual({
      status: 429,
      code: 'rate_limit_exceeded',
      left: 10,
    });
    expect(Number(over.headers['retry-after'])).toBeGreaterThan(0);
    expect((await batch(10)).status).toBe(200);
    for (const answer of [await batch(1), await batch(51), await post(server, key, LEAST)])
      expect(answer.status).toBe(429);
    const { body } = await get(server, key, '/api/v1/me');
    expect(body.strategies[0].signal_count).toBeGreaterThanOrEqual(100);
  });

  test('parallel batches and single signals share it exactly', async () => {
    const key = await freshKey();
    const answers = await times(60, (index) =>
      index % 3 === 0
        ? postBatch(
            index % 2 === 0 ? server : second,
            key,
            Array.from({ length: 7 }, () => LEAST),
          )
        : post(server, key, LEAST),
    );
    const spent = withStatus(answers, 200).length * 7 + withStatus(answers, 201).length;
    expect(remaining(await get(server, key, '/api/v1/me'))).toBe(100 - spent);
    expect(withStatus(answers, 200).length + withStatus(answers, 201).length + withStatus(answers, 429).length).toBe(
      60,
    );
  });

  test('no answer without a valid key tells of it', async () => {
    for (const key of [world.keys.revoked, world.keys.reader]) {
      const { status, headers } = await post(server, key, LEAST);
      expect({ status, limit: headers['x-ratelimit-limit'] }).toEqual({ status: 401, limit: undefined });
    }
  });
});
