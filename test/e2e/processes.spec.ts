/** Servers as processes of their own: settings, two on the same files, and a stop that finishes what was accepted. */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, events, expectRefused, SPOT } from '../support/anny.ts';
import type { Answer } from '../support/client.ts';
import { createWorld, MAIN, type ServerProcess, startProcess, type World } from '../support/server.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});

afterAll(() => world.remove());

describe('two servers on the same files', () => {
  let a: ServerProcess;
  let b: ServerProcess;

  beforeAll(async () => {
    [a, b] = await Promise.all([startProcess(world.dataDir), startProcess(world.dataDir)]);
  });

  afterAll(async () => {
    await Promise.all([a.stop(), b.stop()]);
  });

  const key = () => world.keys.alpha;

  test('what A stored, B shows: the single signal at once, the list from its position on', async () => {
    for (let n = 0; n < 10; n += 1) {
      const { id, position } = await create(a, key());
      const single = await b.call('GET', `/v1/signal/${id}`, { key: key() });
      expect(single.body.payload).toMatchObject({ parent_signal_id: id, revision: 0 });
      const headers = { 'x-wait-position': position };
      const page = await b.call('GET', '/v1/signal?limit=1', { key: key(), headers });
      expect(page.headers['x-stale']).toBeUndefined();
      expect(page.body.payload.signals[0].parent_signal_id).toBe(id);
      const update = { key: key(), body: { stop_loss: '63000' } };
      expect((await b.call('PUT', `/v1/signal/${id}/updateprice`, update)).status).toBe(200);
      expect((await a.call('GET', `/v1/signal/${id}`, { key: key() })).body.payload.stop_loss).toBe('63000');
    }
  });

  test('50 parallel repeats of a create across both make one signal', async () => {
    const sending = { key: key(), body: SPOT, headers: { 'idempotency-key': 'across' } };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? a : b).call('POST', '/v2/signal', sending)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await events(b, key(), answers[0]!.body.payload.parent_signal_id)).toHaveLength(1);
    const other = await b.call('POST', '/v2/signal', { ...sending, body: { ...SPOT, coin: 'ETH' } });
    expectRefused(other, 400, 'INVALID_INPUT_CONTENT', 'Idempotency-Key');
  });

  test('calls on one signal through both: each is decided on what the other stored', async () => {
    const { id } = await create(a, key());
    const body = { parent_signal_id: id, order_type: 'market', sell_amount_relative: 100 };
    const path = `/v1/signal/${id}/call/takeprofit`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? a : b).call('POST', path, { key: key(), body })),
    );
    const statuses = answers.map(({ status }) => status).toSorted((left, right) => left - right);
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 400)]);
    expect(await events(a, key(), id)).toHaveLength(2);
  });

  test('rebuys through both: none is lost, none twice', async () => {
    const { id } = await create(b, key());
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => {
        const body = { parent_signal_id: id, buy_price_min: String(1000 + n), buy_price_max: '61000' };
        return (n % 2 === 0 ? a : b).call('POST', `/v1/signal/${id}/call/rebuy`, { key: key(), body });
      }),
    );
    const done = answers.filter(({ status }) => status === 200).length;
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
    const { rebuys, revision } = (await a.call('GET', `/v1/signal/${id}`, { key: key() })).body.payload;
    expect({ rebuys: rebuys.length, revision }).toEqual({ rebuys: done, revision: done });
    expect(new Set(rebuys.map((rebuy: { buy_price_min: string }) => rebuy.buy_price_min)).size).toBe(done);
  });

  test('a key revoked works on neither after a second', async () => {
    const given = await world.directory.issueKey(world.channels.beta);
    for (const one of [a, b]) {
      while ((await one.call('GET', '/v1/signal', { key: given })).status !== 200) await sleep(20);
    }
    await world.directory.revokeKey(given.keyId);
    await sleep(1_000);
    for (const one of [a, b]) expectRefused(await one.call('GET', '/v1/signal', { key: given }), 403, 'UNAUTHORIZED');
  });
});

describe('a stop', () => {
  test('finishes what was accepted: each request that got an answer is stored, none is cut off within', async () => {
    const server = await startProcess(world.dataDir);
    const key = world.keys.beta;
    const answers: Answer[] = [];
    const failures: string[] = [];
    let stopped = false;
    const load = Array.from({ length: 32 }, async () => {
      while (!stopped) {
        try {
          answers.push(await server.call('POST', '/v2/signal', { key, body: SPOT }));
        } catch (error) {
          failures.push((error as NodeJS.ErrnoException).code ?? String(error));
          if (failures.length > 1_000) stopped = true;
        }
      }
    });
    while (answers.length < 200) await sleep(5);
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
    stopped = true;
    await Promise.all(load);
    server.close();
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([200]);
    // A connection that was idle or not yet accepted: nobody took these requests.
    expect([...new Set(failures)].filter((code) => !['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(code))).toEqual(
      [],
    );
    expect(server.output()).toContain('"msg":"stopped"');

    const last = String(
      answers.map(({ headers }) => BigInt(headers['x-position'] as string)).reduce((a, b) => (a > b ? a : b)),
    );
    const stored = new Set<string>();
    const again = await startProcess(world.dataDir);
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: Answer = await again.call('GET', `/v1/signal?limit=500${query}`, {
        key,
        headers: { 'x-wait-position': last },
      });
      if (page.headers['x-stale'] === 'true') continue;
      const { payload } = page.body;
      for (const signal of payload.signals) stored.add(signal.parent_signal_id);
      cursor = payload.next_cursor;
    }
    await again.stop();
    const accepted = answers.filter(({ status }) => status === 200).map(({ body }) => body.payload.parent_signal_id);
    expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
    expect(stored.size).toBe(accepted.length);
  }, 180_000);

  test('nothing secret was written, and each request has one line', async () => {
    const server = await startProcess(world.dataDir);
    const { alpha } = world.keys;
    for (let n = 0; n < 5; n += 1) {
      const headers = { 'x-request-id': `line-${n}`, authorization: 'canary', 'idempotency-key': `canary-${n}` };
      await server.call('POST', '/v2/signal?secret=canary', { key: alpha, body: { canary: 'canary' }, headers });
    }
    await server.call('GET', '/v1/signal', { key: { ...alpha, secret: 'canary' } });
    await server.stop();
    const lines = server.output().trim().split('\n');
    for (let n = 0; n < 5; n += 1) {
      expect(lines.filter((line) => JSON.parse(line).requestId === `line-${n}`)).toHaveLength(1);
    }
    for (const secret of ['canary', alpha.key, alpha.secret]) expect(server.output().includes(secret)).toBe(false);
  });
});

describe('settings', () => {
  const run = (environment: Record<string, string>) =>
    spawnSync(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'], DATA_DIR: world.dataDir, ...environment },
      encoding: 'utf8',
      timeout: 20_000,
    });

  test('wrong ones are reported all at once, and nothing starts', () => {
    const wrong = {
      PORT: 'http',
      ROLES: 'api,king',
      LOG_LEVEL: 'loud',
      EVENT_STORE_URL: 'mysql://x',
      MAX_IN_FLIGHT: '0',
    };
    const { status, stdout, stderr } = run(wrong);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    for (const [name, value] of Object.entries(wrong)) expect(stderr).toContain(`${name}="${value}"`);
  });

  test('a store that cannot be opened is one sentence', () => {
    const { status, stdout, stderr } = run({ EVENT_STORE_URL: 'sqlite:/dev/null/events.db', PORT: '0' });
    expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({ status: 1, stdout: '', lines: 1 });
    expect(stderr).toMatch(/^the server could not start: /);
  });
});
