import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SHIPPED_PRICES } from '#libs/market';
import { type ServerProcess, startProcess, temporaryFolder } from '../support/server.ts';
import { endStoresOf, storesOf } from '../support/stores.ts';

const DEMO = fileURLToPath(new URL('demo.ts', import.meta.url));

/** Runs the demo as `npm run demo` does. */
async function demo(dataDir: string, url: string): Promise<{ code: number; output: string }> {
  const { environment } = await storesOf(dataDir);
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], DATA_DIR: dataDir, ...environment } };
    execFile(process.execPath, ['--conditions=mono-source', DEMO, '--url', url], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

describe('npm run demo', () => {
  const folder = temporaryFolder();
  let server: ServerProcess;

  beforeAll(async () => {
    server = await startProcess(folder.path);
  }, 30_000);

  afterAll(async () => {
    await server.stop();
    await endStoresOf(folder.path);
    folder.remove();
  });

  it('walks both signals through every call, and tells their states', async () => {
    const { code, output } = await demo(folder.path, `http://127.0.0.1:${server.port}`);
    expect(output).not.toContain('NOT AS EXPECTED');
    expect(output).toContain('as of 7, Cancelled');
    expect(output).toContain('~ stop_loss: 62000 → 66000');
    expect(output).toContain('~ stop_loss: 4000 → 3800');
    expect(output).toContain('+ tracking: no_venue');
    expect(output).toContain('so nothing moves the signal');
    expect(output).toContain('Every answer was as expected.');
    expect(code).toBe(0);
  }, 30_000);

  it('shows a signal that simulated prices move, where the server has them', async () => {
    const data = temporaryFolder();
    const environment = { ROLES: 'api,projector,market', SIM_PRICES: SHIPPED_PRICES, SIM_SPEED: '600' };
    const moving = await startProcess(data.path, environment);
    try {
      const { code, output } = await demo(data.path, `http://127.0.0.1:${moving.port}`);
      expect(output).not.toContain('NOT AS EXPECTED');
      expect(output).toMatch(/SignalMatched +at \d+/);
      expect(output).toMatch(/SignalSettled +at \d+/);
      expect(output).toContain('evidence {"decidedBy":"candle","source":"simulated","hash":"');
      expect(output).toContain('# its result');
      expect(output).toContain('GET /v1/signal/record');
      expect(output).toContain('Every answer was as expected.');
      expect(code).toBe(0);
    } finally {
      await moving.stop();
      await endStoresOf(data.path);
      data.remove();
    }
  }, 60_000);

  it('says how to start a server where none answers', async () => {
    const { code, output } = await demo(folder.path, 'http://127.0.0.1:1');
    expect(output).toContain('no server answers at http://127.0.0.1:1');
    expect(output).toContain('npm start');
    expect(code).toBe(1);
  }, 30_000);
});
