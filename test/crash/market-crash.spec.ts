/**
 * kill -9 of servers while prices move their signals. The long form: MARKET_CRASH_SIGNALS=20000 MARKET_CRASH_KILLS=40
 * before the command that runs this file.
 */
import { expect, test } from '@jest/globals';
import { runMarketRounds } from './market-rounds.ts';

const seed = Number(process.env['MARKET_CRASH_SEED'] ?? Date.now() % 1_000_000);
const signals = Number(process.env['MARKET_CRASH_SIGNALS'] ?? 2_500);
const kills = Number(process.env['MARKET_CRASH_KILLS'] ?? 3);

/** A price of each instrument every 2 ms. */
const SPEED = 50;

test(`${kills} kills while ${signals} signals are crossed (seed ${seed}): exactly the steps of a replay`, async () => {
  const ticks = Math.max(6_000, 1_500 * kills);
  const report = await runMarketRounds({ seed, signals, kills, ticks, speed: SPEED });
  expect(report.problems).toEqual([]);
  expect(report.documents).toBe(signals);
  // That the test did what it says: steps between the kills, and prices that were missed.
  expect(report.expected).toBeGreaterThan(3 * signals);
  expect(new Set(report.killedAt).size).toBeGreaterThan(1);
  expect(report.late).toBeGreaterThan(0);
}, 1_800_000);

test(`two servers on one folder, the one that leads killed (seed ${seed}): the other takes over, no step lost or doubled`, async () => {
  const report = await runMarketRounds({ seed, signals: 300, kills: 1, ticks: 4_000, speed: SPEED, servers: 2 });
  expect(report.problems).toEqual([]);
  expect(report.documents).toBe(300);
  expect(report.stoodBy).toBe(1);
  expect(report.expected).toBeGreaterThan(900);
}, 300_000);

test(`ticks of the same millisecond (seed ${seed}): those that were judged before a kill are not judged again`, async () => {
  const report = await runMarketRounds({ seed, signals: 300, kills: 2, ticks: 4_000, speed: 16 * SPEED });
  expect(report.problems).toEqual([]);
  expect(report.documents).toBe(300);
}, 600_000);
