/**
 * kill -9 of servers whose stores are servers of their own, and stay: the given ones, or the double of EventStoreDB and what
 * stands in for MongoDB, on which few documents are much. The long form is `npm run crash -- --stores`.
 */
import { expect, test } from '@jest/globals';
import { buildDocumentServer } from '../support/document-server-build.ts';
import { type Report, runRounds } from './rounds.ts';

const seed = Date.now() % 1_000_000;

function judge(report: Report, rounds: number): void {
  expect(report.problems).toEqual([]);
  expect(report.rounds).toBe(rounds);
  // That the test did what it says: answers lost, and requests saved by their key, whose reservation is an append of its own.
  for (const count of [report.acknowledged, report.lost, report.rescued]) expect(count).toBeGreaterThan(0);
  expect(report.counts['IdempotencyKeyReserved']).toBeGreaterThan(0);
  expect(report.documents).toBe(report.counts['SignalCreated']);
  expect(report.orders.acknowledged).toBeGreaterThan(0);
  expect(report.orders.inView).toBe(report.orders.acknowledged);
  expect(report.versions).toHaveLength(1);
}

test(`kills of the server (seed ${seed}), its events in EventStoreDB`, async () => {
  judge(await runRounds({ stores: 'esdb+sqlite', rounds: 3, seed, clients: 16, agents: 2, longestRound: 500 }), 3);
}, 120_000);

const built = (process.env['TEST_MONGODB_URL'] ?? '') !== '' ? { program: '' } : await buildDocumentServer();
const onBoth = 'kills of the server, its events in EventStoreDB and its views in MongoDB';
if ('missing' in built) {
  console.warn(`skipped: ${onBoth}: ${built.missing}`);
  test.skip(`${onBoth} (${built.missing})`, () => undefined);
} else {
  test(`${onBoth} (seed ${seed})`, async () => {
    judge(await runRounds({ stores: 'esdb+mongodb', rounds: 2, seed, clients: 6, agents: 2, longestRound: 500 }), 2);
  }, 240_000);
}
