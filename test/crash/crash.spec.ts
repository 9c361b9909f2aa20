/** kill -9 of servers under load. The long form of the first test is `npm run crash`. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { runRounds } from './rounds.ts';
import { startChild } from './server-process.ts';

const EVENT_TYPES = [
  'SignalCreated',
  'TakeProfitAdded',
  'TrailingStopAdded',
  'RebuyAdded',
  'DcaAdded',
  'PricesUpdated',
  'Cancelled',
];

const REBUILD = fileURLToPath(new URL('./rebuild-process.ts', import.meta.url));

const seed = Date.now() % 1_000_000;

test(`20 kills of the server (seed ${seed}): no acknowledged write lost, none twice, views as in a clean rebuild`, async () => {
  const report = await runRounds({ rounds: 20, seed, longestRound: 500, compareEvery: 10 });
  expect(report.problems).toEqual([]);
  expect(report.rounds).toBe(20);
  // That the test did what it says: every kind of call, answers lost, and requests saved by their key.
  expect(Object.keys(report.counts)).toEqual(expect.arrayContaining([...EVENT_TYPES, 'IdempotencyKeyReserved']));
  expect(report.acknowledged).toBeGreaterThan(500);
  expect(report.lost).toBeGreaterThan(20);
  expect(report.rescued).toBeGreaterThan(5);
  expect(report.documents).toBe(report.counts['SignalCreated']);
  expect(report.versions).toHaveLength(1);
}, 240_000);

test('two servers on one folder, one of them killed each round', async () => {
  const report = await runRounds({ rounds: 3, seed, servers: 2, longestRound: 800, compareEvery: 3 });
  expect(report.problems).toEqual([]);
  expect(report.rounds).toBe(3);
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(report.versions).toHaveLength(1);
}, 120_000);

test('a rebuild by another process, killed in the middle beside a server that is killed too, then gone on with', async () => {
  const ends: string[] = [];
  const report = await runRounds({
    rounds: 3,
    seed,
    longestRound: 800,
    compareEvery: 3,
    beside: async (dataDir, round) => {
      // The first two are killed after their first batch; the last goes on where they ended.
      const killed = round < 3;
      const environment = { DATA_DIR: dataDir, PAUSE_MS: killed ? '200' : '0' };
      const child = startChild(process.execPath, ['--conditions=mono-source', REBUILD], environment);
      let output = '';
      child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
      child.stdout!.once('data', () => killed && child.kill('SIGKILL'));
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      ends.push(signal ?? `${code} ${output}`);
    },
  });
  expect(ends).toEqual(['SIGKILL', 'SIGKILL', '0 ']);
  expect(report.problems).toEqual([]);
  expect(report.documents).toBe(report.counts['SignalCreated']);
  expect(report.versions).toHaveLength(1);
}, 120_000);
