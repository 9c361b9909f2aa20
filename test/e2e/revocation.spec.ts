/** How soon a change of the directory holds on two servers that share it, made by another process or the command line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Callers, createCallers, DIALECTS } from '../support/callers.ts';
import type { Client } from '../support/client.ts';
import { type ServerProcess, startProcess } from '../support/server.ts';
import { storesOf } from '../support/stores.ts';

/** Longest time a change may take to hold. */
const WITHIN_MS = 1_000;

const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

const LISTS = { anny: '/v1/signal', nextprod: '/api/v1/signals', traderz: '/v1/signals' } as const;
const OPEN = { source: 'binance', type: 'crypto', symbol: 'ETH/USDT', side: 'open' };

describe('two servers on one data folder', () => {
  let callers: Callers;
  let servers: ServerProcess[];

  beforeAll(async () => {
    callers = await createCallers();
    servers = await Promise.all([startProcess(callers.dataDir), startProcess(callers.dataDir)]);
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await callers.remove();
  });

  /**
   * Waits until every server answers a request so, and tells after what time the last of them was asked that request: a
   * list may take its time, but who asks it is judged when it comes.
   */
  async function until(status: number, ask: (server: Client) => Promise<{ status: number }>): Promise<number> {
    const start = performance.now();
    const times = servers.map(async (server) => {
      for (;;) {
        const asked = performance.now() - start;
        if ((await ask(server)).status === status) return asked;
        if (asked > 5 * WITHIN_MS) return Infinity;
        await sleep(5);
      }
    });
    return Math.max(...(await Promise.all(times)));
  }

  test.each(Object.values(DIALECTS))('a key of %s that is revoked works on neither after a second', async (dialect) => {
    const { keyId, headers } = await callers.issue(dialect, callers.channels.own);
    const ask = (server: Client) => server.call('GET', `${LISTS[dialect]}?limit=1`, { headers });
    expect(await until(200, ask)).toBeLessThan(WITHIN_MS);
    await callers.change({ type: 'RevokeKey', keyId });
    const refused = dialect === 'anny' ? 403 : 401;
    expect(await until(refused, ask)).toBeLessThan(WITHIN_MS);
    for (const server of servers) expect((await ask(server)).status).toBe(refused);
  });

  test('the same by the command line', async () => {
    const { keyId, headers } = await callers.issue('traderz', callers.channels.own);
    const ask = (server: Client) => server.call('GET', '/v1/signals?limit=1', { headers });
    await until(200, ask);
    const { environment } = await storesOf(callers.dataDir);
    const env = { PATH: process.env['PATH'], DATA_DIR: callers.dataDir, ...environment };
    const child = spawn(process.execPath, [CLI, '--json', 'key', 'revoke', keyId], { env, stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await until(401, ask)).toBeLessThan(WITHIN_MS);
  });

  test('a channel that is suspended stops writing within a second, goes on reading, and comes back', async () => {
    const channelId = callers.channels.suspended;
    const { headers } = callers.keys.traderz.suspended;
    const write = (server: Client) => server.call('POST', '/v1/signals', { headers, body: OPEN });
    expect(await until(201, write)).toBeLessThan(WITHIN_MS);
    await callers.change({ type: 'SuspendChannel', channelId, reason: 'unpaid' });
    expect(await until(401, write)).toBeLessThan(WITHIN_MS);
    for (const server of servers)
      expect((await server.call('GET', '/v1/signals?limit=1', { headers })).status).toBe(200);
    await callers.change({ type: 'ResumeChannel', channelId });
    expect(await until(201, write)).toBeLessThan(WITHIN_MS);
  });
});
