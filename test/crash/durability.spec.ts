/** That an answer leaves only after a sync of the log, as the kernel saw it. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnnyKey } from '../support/directory.ts';
import { Random } from './random.ts';
import { type Call, createCall } from './requests.ts';
import { makeKey } from './rounds.ts';
import { freePort, type Running, startReady } from './server-process.ts';
import { type Folder, temporaryFolder } from './guard.ts';
import { Disk } from './lost-power.ts';
import { type Answered, answeredRequests, type Entry, readTrace, tracing, whyNoTrace } from './trace.ts';

const UNSAFE = fileURLToPath(new URL('./unsafe-server.mjs', import.meta.url));

/** Commits, each of some ten pages, that fill the write-ahead log until SQLite checkpoints it and begins it anew. */
const COMMITS_PAST_CHECKPOINT = 550;

/** Commits after a checkpoint that the test itself asks for. */
const COMMITS_AFTER = 20;

/** Answers from one simulated power cut to the next. */
const CUT_EVERY = 10;

const reason = whyNoTrace();
if (reason !== null) console.warn(`durability is not proved here: ${reason}`);

(reason === null ? describe : describe.skip)('durability under strace', () => {
  let temporary: Folder;
  let folder: string;
  let key: AnnyKey;

  beforeAll(async () => {
    temporary = temporaryFolder('durable');
    folder = temporary.path;
    key = await makeKey(folder);
  });
  afterAll(() => temporary.remove());

  /** Runs a traced server, sends it what `use` sends, ends it, and tells what the trace shows. */
  async function traced(
    use: (server: Running) => Promise<void>,
    { unsafe, whole = false }: { unsafe?: 'NORMAL' | 'OFF'; whole?: boolean } = {},
  ): Promise<Entry[]> {
    const file = join(folder, 'trace');
    const server = await startReady({
      dataDir: folder,
      port: await freePort(),
      prefix: tracing(file, whole),
      // libuv's own ring would hide reads and writes from the tracer.
      environment: { UV_USE_IO_URING: '0', ...(unsafe && { SYNCHRONOUS: unsafe }) },
      ...(unsafe && { script: [UNSAFE] }),
    });
    try {
      await use(server);
    } finally {
      // Not killed: that would take the end of the trace with it.
      await server.stop();
    }
    return readTrace(file);
  }

  const answered = (entries: Entry[]): Answered[] => answeredRequests(entries, join(folder, 'events.db-wal'));

  async function send(server: Running, call: Call, idempotencyKey?: string): Promise<string> {
    const answer = await server.call(call.method, call.path, {
      body: call.body,
      headers: {
        'anny-api-key': key.key,
        'anny-api-secret': key.secret,
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      },
    });
    expect(answer.status).toBe(200);
    return answer.body.payload.parent_signal_id as string;
  }

  const createOne = async (server: Running): Promise<void> => void (await send(server, createCall(new Random(1))));

  test('one create: the log is written and synced between the request and its answer', async () => {
    const [create, ...others] = answered(await traced(createOne));
    expect(others).toEqual([]);
    expect(create!.request).toMatch(/^POST \/v[12]\/signal$/);
    expect(create!.status).toBe(200);
    expect(create!.writes.length).toBeGreaterThan(0);
    expect(create!.syncs.length).toBeGreaterThan(0);
  }, 60_000);

  test('with synchronous=OFF the same check finds no sync', async () => {
    const [create] = answered(await traced(createOne, { unsafe: 'OFF' }));
    expect(create!.status).toBe(200);
    expect(create!.writes.length).toBeGreaterThan(0);
    expect(create!.syncs).toEqual([]);
  }, 60_000);

  test('all calls, after a kill and a restart, and across a checkpoint that begins the log anew', async () => {
    const random = new Random(2);
    const killed = await startReady({ dataDir: folder, port: await freePort() });
    await createOne(killed);
    await killed.kill();
    const entries = await traced(async (server) => {
      const signalId = await send(server, { ...createCall(random), path: '/v2/signal', body: LONG });
      for (const call of lifecycle(signalId)) await send(server, call);
      const db = new DatabaseSync(join(folder, 'events.db'));
      const checkpoint = db.prepare('PRAGMA wal_checkpoint(RESTART)').get();
      db.close();
      expect(checkpoint).toMatchObject({ busy: 0 });
      for (let count = 0; count < COMMITS_AFTER; count += 1) await send(server, createCall(random));
    });
    const requests = answered(entries);
    expect(requests).toHaveLength(1 + lifecycle('').length + COMMITS_AFTER);
    expect(
      requests.filter(({ status, writes, syncs }) => status !== 200 || writes.length === 0 || syncs.length === 0),
    ).toEqual([]);
    // The first commit after the checkpoint begins the log anew: its header is at offset 0.
    const afresh = requests.findIndex(({ writes }) => writes.some(({ text }) => text.includes(', 32, 0) = 32')));
    expect(afresh).toBe(1 + lifecycle('').length);
    // That header is synced before any frame follows it.
    const wal = entries.filter(({ target }) => target === join(folder, 'events.db-wal'));
    const header = wal.indexOf(requests[afresh]!.writes[0]!);
    expect(wal[header + 1]).toMatchObject({ name: expect.stringMatching(/^f(data)?sync$/), result: 0 });
  }, 120_000);

  /** What was there after each of many power cuts, when only what was synced is left. */
  async function cutPower(
    commits: number,
    unsafe?: 'NORMAL',
  ): Promise<{ cuts: number; lost: number; checkpointed: boolean }> {
    const log = join(folder, 'events.db');
    const disk = new Disk([log, `${log}-wal`]);
    const random = new Random(3);
    const created: string[] = [];
    const entries = await traced(
      async (server) => {
        for (let count = 0; count < commits; count += 1) {
          const call = createCall(random);
          created.push(
            await send(server, { ...call, body: { ...call.body, attachment_description: NOTE } }, `${unsafe}-${count}`),
          );
        }
      },
      { whole: true, ...(unsafe && { unsafe }) },
    );
    const so = { cuts: 0, lost: 0, checkpointed: false };
    let answers = 0;
    for (const entry of entries.toSorted((a, b) => a.ended - b.ended)) {
      disk.follow(entry);
      if (answers > 0 && answers < commits && entry.target === log && entry.name === 'pwrite64') so.checkpointed = true;
      if (!created[answers] || !entry.text.includes(`\\"parent_signal_id\\":\\"${created[answers]}`)) continue;
      answers += 1;
      if (answers % CUT_EVERY !== 0) continue;
      so.cuts += 1;
      so.lost += answers - signalsAfterCut(disk, log, created.slice(0, answers));
    }
    expect(answers).toBe(commits);
    return so;
  }

  /** How many of these signals a server would find that starts on what the disk held. */
  function signalsAfterCut(disk: Disk, log: string, signalIds: readonly string[]): number {
    const cut = join(folder, 'cut.db');
    rmSync(`${cut}-shm`, { force: true });
    writeFileSync(cut, disk.content(log));
    writeFileSync(`${cut}-wal`, disk.content(`${log}-wal`));
    const db = new DatabaseSync(cut);
    const query = db.prepare('SELECT count(*) AS there FROM events WHERE stream IN (SELECT value FROM json_each(?))');
    const { there } = query.get(JSON.stringify(signalIds.map((id) => `signal-${id}`))) as { there: number };
    db.close();
    return there;
  }

  test('power cuts at answers, across a checkpoint: every acknowledged signal is there', async () => {
    const cuts = COMMITS_PAST_CHECKPOINT / CUT_EVERY;
    expect(await cutPower(COMMITS_PAST_CHECKPOINT)).toEqual({ cuts, lost: 0, checkpointed: true });
  }, 180_000);

  test('with synchronous=NORMAL power cuts lose signals', async () => {
    expect((await cutPower(50, 'NORMAL')).lost).toBeGreaterThan(0);
  }, 60_000);
});

const NOTE = 'a note of the longest length there is '.repeat(30).slice(0, 1_000);

const LONG = {
  coin: 'BTC',
  trade_market: 'USDT',
  exchange: 'BINANCE',
  invest: 10,
  entry_price_min: '65000',
  entry_price_max: '66000',
  exit_price_1: '70000',
  stop_loss: '62000',
};

/** Each of the lifecycle calls once, accepted in this order. */
function lifecycle(signalId: string): Call[] {
  const path = `/v1/signal/${signalId}`;
  const call = (method: string, name: string, body: object): Call => ({
    method,
    path: `${path}/${name}`,
    body: { parent_signal_id: signalId, ...body },
    event: '',
  });
  return [
    call('POST', 'call/takeprofit', {
      order_type: 'market',
      sell_amount_relative: 5,
      trailing_stop_price: '64000',
      trailing_stop_limit_price: '63500',
    }),
    call('POST', 'call/trailingstop', { trailing_stop_price: '64000', trailing_stop_limit_price: '63500' }),
    call('POST', 'call/rebuy', { buy_price_min: '60000', buy_price_max: '61000', invest: 5 }),
    call('POST', 'call/dca', { buy_price: '58000', multiplier: 1.5 }),
    call('PUT', 'updateprice', { stop_loss: '64500' }),
    call('DELETE', 'cancel', {}),
  ];
}
