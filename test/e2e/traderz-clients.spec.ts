/** The published snippets, run as they are but for base URL and key. The stored text lost its indentation; it is back. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer, type TestServer } from '../support/server.ts';
import { createDesks, type Desks, type DeskKey } from '../support/traderz.ts';

const run = promisify(execFile);
const SNIPPETS = new URL('../golden/traderz/snippets/', import.meta.url);

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const hasRequests = spawnSync('python3', ['-c', 'import requests']).status === 0;

let world: Desks;
let server: TestServer;
let folder: string;

beforeAll(async () => {
  world = await createDesks();
  server = await startServer(world.dataDir);
  folder = mkdtempSync(join(tmpdir(), 'traderz-snippets-'));
});

afterAll(async () => {
  await server.stop();
  await world.remove();
  rmSync(folder, { recursive: true });
});

/** Runs a snippet against the server, and tells what it printed. */
async function snippet(program: string, name: string, key: DeskKey, more: readonly [string, string][] = []) {
  const { port } = server;
  const swaps = [['https://api.traderz.dev', `http://127.0.0.1:${port}`] as const, ...more];
  const published = readFileSync(new URL(name, SNIPPETS), 'utf8');
  const text = swaps.reduce((all, [from, to]) => all.replaceAll(from, () => to), published);
  const path = join(folder, name);
  writeFileSync(path, text);
  const environment = { ...process.env, TRADERZ_API_KEY: key, NO_PROXY: '127.0.0.1' };
  return (await run(program, [path], { env: environment })).stdout;
}

const ID = /^[0-9a-f]{32}$/;

describe('curl', () => {
  const withCurl = hasCurl ? test : test.skip;

  withCurl('index: the first signal', async () => {
    const key = world.desk.alpha;
    const answer = JSON.parse(await snippet('bash', 'index.sh', key, [['Bearer "', `Bearer ${key}"`]]));
    expect(answer).toEqual({ id: expect.stringMatching(ID), received_at: expect.any(Number), deduped: false });
    expect(Number.parseInt(answer.id.slice(0, 12), 16)).toBe(answer.received_at);
  });

  withCurl('quickstart', async () => {
    const answer = JSON.parse(await snippet('bash', 'quickstart.sh', world.desk.alpha));
    expect(answer).toEqual({ id: expect.stringMatching(ID), received_at: expect.any(Number), deduped: false });
  });

  withCurl('idempotency: stored, then deduplicated', async () => {
    const first = JSON.parse(await snippet('bash', 'idempotency.sh', world.desk.alpha));
    expect(first).toEqual({ id: expect.stringMatching(ID), received_at: expect.any(Number), deduped: false });
    expect(JSON.parse(await snippet('bash', 'idempotency.sh', world.desk.alpha))).toEqual({
      id: first.id,
      deduped: true,
    });
  });

  withCurl('code example', async () => {
    const first = JSON.parse(await snippet('bash', 'example.sh', world.desk.beta));
    expect(first).toMatchObject({ id: expect.stringMatching(ID), deduped: expect.any(Boolean) });
    expect(JSON.parse(await snippet('bash', 'example.sh', world.desk.beta))).toEqual({ id: first.id, deduped: true });
  });
});

describe('the code examples of a language', () => {
  test('JavaScript (fetch): stored or already sent, then already sent', async () => {
    const [, id] = /^(?:stored|already sent as) ([0-9a-f]{32})\n$/.exec(
      await snippet(process.execPath, 'example.mjs', world.desk.beta),
    )!;
    expect(await snippet(process.execPath, 'example.mjs', world.desk.beta)).toBe(`already sent as ${id}\n`);
    await expect(snippet(process.execPath, 'example.mjs', world.desk.revoked)).rejects.toThrow('signal rejected: 401');
  });

  (hasRequests ? test : test.skip)('Python (requests): stored or deduped, then deduped', async () => {
    const [, id] = /^(?:stored|deduped) ([0-9a-f]{32})\n$/.exec(
      await snippet('python3', 'example.py', world.desk.beta),
    )!;
    expect(await snippet('python3', 'example.py', world.desk.beta)).toBe(`deduped ${id}\n`);
    await expect(snippet('python3', 'example.py', world.desk.revoked)).rejects.toThrow('401 Client Error');
  });
});
