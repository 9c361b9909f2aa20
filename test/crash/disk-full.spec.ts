/** Disks that run full under load, and come back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer } from '../support/client.ts';
import type { AnnyKey } from '../support/directory.ts';
import { type Folder, temporaryFolder } from './guard.ts';
import { Journal } from './journal.ts';
import { Load } from './load.ts';
import { LogCheck } from './log-check.ts';
import { Random } from './random.ts';
import { createCall } from './requests.ts';
import { makeKey } from './rounds.ts';
import { freePort, type Running, startReady } from './server-process.ts';
import { mountSmallDisk, type SmallDisk, whyNoSmallDisk } from './small-disk.ts';
import { compareViews } from './view-check.ts';

const CLIENTS = 16;

const reason = whyNoSmallDisk();
if (reason !== null) console.warn(`full disks are not tried here: ${reason}`);

(reason === null ? describe : describe.skip)('a full disk', () => {
  let disk: SmallDisk;
  let folder: Folder;
  let server: Running | null = null;

  beforeEach(() => {
    disk = mountSmallDisk(24);
    folder = temporaryFolder('full');
  });
  afterEach(async () => {
    await server?.kill();
    server = null;
    disk.remove();
    folder.remove();
  });

  async function until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + seconds * 1_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}\n${server!.output().slice(-2_000)}`);
      await sleep(20);
    }
  }

  const ready = async (): Promise<Answer> => server!.call('GET', '/health/ready');

  const create = (key: AnnyKey): Promise<Answer> =>
    server!.call('POST', '/v2/signal', {
      key,
      body: {
        ...createCall(new Random(1)).body,
        entry_price_max: '66000',
        exit_price_1: '70000',
        exit_price_2: '75000',
        stop_loss: '62000',
        type: 'long',
      },
    });

  test('of the events: 503 with the outcome told as unknown, not ready, alive; well again once there is room', async () => {
    const key = await makeKey(disk.path);
    const environment = { VIEW_STORE_URL: `sqlite:${folder.path}/views.db` };
    server = await startReady({ dataDir: disk.path, port: await freePort(), environment });
    const journal = new Journal();
    const refusals: Answer[] = [];
    const load = new Load(journal, key, async ({ method, path, body }, headers) => {
      const answer = await server!.call(method, path, { body, headers });
      if (answer.status === 503) refusals.push(answer);
      return answer;
    });
    load.start(CLIENTS, 1);
    await until('some writes', 20, async () => journal.acknowledged > 200);

    disk.fill();
    await until('writes are refused', 20, async () => refusals.length > 50);
    const notReady = await ready();
    expect(notReady.status).toBe(503);
    expect(notReady.body.checks.events).toMatch(/takes no writes.*full/);
    expect((await server.call('GET', '/health/live')).status).toBe(200);
    expect(refusals.every(({ body }) => body.result.type === 'CRITICAL' && body.payload.result === 'failed')).toBe(
      true,
    );
    expect(refusals.every(({ headers }) => Number(headers['retry-after']) >= 1)).toBe(true);
    expect(
      refusals.filter(({ body }) => body.payload.message.startsWith('the outcome is unknown')).length,
    ).toBeGreaterThan(0);
    expect(server.end()).toBeNull();

    disk.free();
    await until('ready again', 10, async () => (await ready()).status === 200);
    expect((await create(key)).status).toBe(200);
    const before = journal.acknowledged;
    await until('writes pass', 10, async () => journal.acknowledged > before + 100);
    await load.finish();

    const check = new LogCheck(disk.path);
    check.read();
    // The one write outside the load is nobody's in the journal.
    check.judge(journal);
    expect(check.problems.filter((one) => !one.includes('which nobody sent'))).toEqual([]);
    const compared = await compareViews(disk.path, `${folder.path}/views.db`);
    expect(compared.problems).toEqual([]);
    expect(compared.documents).toBe(check.counts()['SignalCreated']);
    expect((await server.stop()).code).toBe(0);
  }, 90_000);

  test('of the views: writes go on, a signal is shown as it is, lists say that they are stale; then all catches up', async () => {
    const key = await makeKey(folder.path);
    const environment = { VIEW_STORE_URL: `sqlite:${disk.path}/views.db` };
    server = await startReady({ dataDir: folder.path, port: await freePort(), environment });
    expect((await create(key)).status).toBe(200);
    await until(
      'the first is listed',
      10,
      async () => (await server!.call('GET', '/v1/signal', { key })).body.payload.signals.length === 1,
    );

    disk.fill();
    let signalId = '';
    await until('the view falls behind', 30, async () => {
      const answers = await Promise.all(Array.from({ length: CLIENTS }, () => create(key)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      signalId = answers.at(-1)!.body.payload.parent_signal_id as string;
      return server!.output().includes('a view could not be kept up to date');
    });
    const shown = await server.call('GET', `/v1/signal/${signalId}`, { key });
    expect([shown.status, shown.body.payload.parent_signal_id]).toEqual([200, signalId]);
    const stale = await server.call('GET', '/v1/signal', { key });
    expect([stale.status, stale.headers['x-stale']]).toEqual([200, 'true']);
    expect((await server.call('GET', '/health/live')).status).toBe(200);

    disk.free();
    await until('the list is whole again', 20, async () => {
      const list = await server!.call('GET', '/v1/signal', { key });
      return list.headers['x-stale'] === undefined && list.body.payload.signals[0]?.parent_signal_id !== undefined;
    });
    const compared = await compareViews(folder.path, `${disk.path}/views.db`);
    expect(compared.problems).toEqual([]);
    expect(compared.documents).toBeGreaterThan(CLIENTS);
    expect((await server.stop()).code).toBe(0);
  }, 90_000);
});
