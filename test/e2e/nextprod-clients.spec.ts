/**
 * The snippets of the NextProd document, as they stand in test/golden/nextprod, unchanged but for base URL and key. What
 * it shows in pieces (a second snippet uses the name of the first) runs in pieces put together.
 */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createNextprodWorld, get, type NextprodWorld } from '../support/nextprod.ts';
import { startServer, type TestServer } from '../support/server.ts';

const run = promisify(execFile);

const BASE = 'https://nextprodapp.com';
const KEY = 'np_live_your_api_key_here';
const SIGNAL = '629229ed-2328-46a7-a9ee-6f99a534bcb3';

const python = spawnSync('python3', ['-c', 'import requests']).status === 0;
const curl = spawnSync('curl', ['--version']).status === 0;
const withPython = python ? test : test.skip;
const withCurl = curl ? test : test.skip;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let world: NextprodWorld;
let server: TestServer;

beforeAll(async () => {
  world = await createNextprodWorld();
  server = await startServer(world.dataDir);
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

function snippet(name: string): string {
  const text = readFileSync(new URL(`../golden/nextprod/${name}`, import.meta.url), 'utf8');
  return text.replaceAll(BASE, `http://127.0.0.1:${server.port}`).replaceAll(KEY, world.keys.sandbox.key);
}

async function runPython(...parts: string[]): Promise<string> {
  const { stdout } = await run('python3', ['-c', parts.join('\n')]);
  return stdout.trim();
}

async function runCurl(name: string, change = (text: string): string => text): Promise<unknown> {
  const { stdout } = await run('sh', ['-c', change(snippet(name))]);
  return JSON.parse(stdout) as unknown;
}

describe(python ? 'Python with requests' : 'Python with requests (this machine has none)', () => {
  withPython('the entire integration in one code block', async () => {
    const [id, timestamp] = (await runPython(snippet('integration.py'))).split(' ');
    expect(id).toMatch(UUID);
    expect(timestamp).toMatch(MOMENT);
    const { status, body } = await get(server, world.keys.sandbox, `/api/v1/signals/${id}`);
    expect({ status, ...body }).toMatchObject({ status: 'registered', timestamp, entry_price: 0.45, size_usd: 300 });
  });

  withPython('register a signal', async () => {
    const printed = await runPython(`NEXTPROD_API_KEY = "${world.keys.sandbox.key}"`, snippet('register.py'));
    expect(printed).toMatch(/^Signal [0-9a-f-]{36} registered at \d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  withPython('register a batch', async () => {
    const printed = await runPython(
      'import requests, json',
      `NEXTPROD_API_KEY = "${world.keys.sandbox.key}"`,
      snippet('batch.py'),
      'print(json.dumps(response.json()))',
    );
    expect(JSON.parse(printed)).toMatchObject({
      results: [
        { index: 0, status: 'registered', signal_id: expect.stringMatching(UUID) },
        { index: 1, status: 'registered', timestamp: expect.stringMatching(MOMENT) },
      ],
      summary: { registered: 2, failed: 0 },
    });
  });
});

describe(curl ? 'curl' : 'curl (this machine has none)', () => {
  withCurl('GET /me', async () => {
    expect(await runCurl('me.sh')).toMatchObject({
      pm_id: expect.stringMatching(UUID),
      name: 'Your Name',
      strategies: expect.arrayContaining([
        {
          strategy_id: 'your_strategy_id',
          name: 'MLB Moneyline Momentum',
          exchange: 'kalshi',
          signal_count: expect.any(Number),
          subscriber_count: 0,
        },
      ]),
    });
  });

  withCurl('the list', async () => {
    expect(await runCurl('list.sh')).toEqual({ signals: [], total: 0, limit: 10, offset: 0 });
  });

  withCurl('one signal: that of the document is not here, one of our own is', async () => {
    expect(await runCurl('get.sh')).toMatchObject({ error: { code: 'signal_not_found' } });
    const { body } = await get(server, world.keys.sandbox, '/api/v1/signals');
    const own: string = body.signals[0]?.signal_id ?? SIGNAL;
    if (python) expect(await runCurl('get.sh', (text) => text.replace(SIGNAL, own))).toMatchObject({ signal_id: own });
  });
});
