/**
 * From a tick to the durable step that it causes, through the ledger as it is shipped: its market role on simulated
 * ticks. First each tick crosses one signal, ten milliseconds apart; then one tick crosses very many.
 *
 * A step counts as durable when another connection to the log reads it, looked for every millisecond; the tick's time is
 * the one that the venue gave it. So the figure holds all between: the venue's timer, the judging, the commit.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { type Client, createClient } from '../support/client.ts';
import { type AnnyKey, TestDirectory } from '../support/directory.ts';
import type { Children } from './children.ts';
import type { Percentiles } from './job.ts';

export interface StepFigures {
  /** Milliseconds from a tick that crosses one signal to its step. */
  readonly latency: Percentiles & { readonly count: number };
  /** Steps that one tick caused, and how many of them became durable in a second. */
  readonly burst: { readonly steps: number; readonly perSecond: number };
}

/** Crossed one by one, and all at once. */
const PACED = 500;
const BURST = 5_000;

const TICK_MS = 10;
/** The market role has started by then. */
const HOLD_MS = 8_000;
const PAUSE_MS = 1_000;

const LOW = 1_000;
const HIGH = 5_000;
const AT_ONCE = 64;
const HANG_MS = 60_000;

/** @throws Error where a step is missing, or so many were late that nothing is measured. */
export async function measureSteps(folder: string, round: number, children: Children): Promise<StepFigures> {
  const dataDir = join(folder, `steps-${round}`);
  const prices = join(dataDir, 'prices');
  mkdirSync(prices, { recursive: true });
  writeFileSync(join(prices, 'STEP-USDT_ticks.csv'), ticksFile());
  const key = await makeKey(dataDir);
  // While prices stand still.
  const still = await children.ledger(dataDir, [], { SIM_PRICES: prices, SIM_SPEED: '0' });
  await createSignals(createClient(still.port), key);
  await still.stop();
  const server = await children.ledger(dataDir, [], { SIM_PRICES: prices, SIM_SPEED: '1' });
  try {
    return figuresOf(await watchSteps(join(dataDir, 'events.db')));
  } finally {
    await server.stop();
  }
}

function ticksFile(): string {
  const lines: string[] = ['time,price'];
  for (let time = 0; time < HOLD_MS; time += PAUSE_MS) lines.push(`${time},${LOW}`);
  for (let place = 1; place <= PACED; place += 1) lines.push(`${HOLD_MS + place * TICK_MS},${LOW + place}`);
  // And nothing after it for as long as it is measured.
  const last = HOLD_MS + PACED * TICK_MS + PAUSE_MS;
  lines.push(`${last},${HIGH}`, `${last + 10 * HANG_MS},${HIGH}`);
  return `${lines.join('\n')}\n`;
}

async function makeKey(dataDir: string): Promise<AnnyKey> {
  const directory = await TestDirectory.open(dataDir);
  try {
    return await directory.issueKey(await directory.addChannel('steps', true));
  } finally {
    await directory.close();
  }
}

/** Shorts, each of which waits for a higher price, and then for ones that never come. */
async function createSignals(client: Client, key: AnnyKey): Promise<void> {
  let next = 1;
  const send = async (): Promise<void> => {
    for (let place = next++; place <= PACED + BURST; place = next++) {
      const entry = String(place <= PACED ? LOW + place : HIGH - 1);
      const prices = { entry_price_min: entry, entry_price_max: entry, exit_price_1: '1', stop_loss: '900000' };
      const body = { coin: 'STEP', trade_market: 'USDT', exchange: 'BINANCE', invest: 1, type: 'short', ...prices };
      const { status, text } = await client.call('POST', '/v2/signal', { key, body });
      if (status !== 200) throw new Error(`not created: ${status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  client.close();
}

interface Seen {
  /** Both milliseconds since 1970. */
  readonly at: number;
  readonly seen: number;
  readonly price: number;
  readonly late: boolean;
}

const STEPS = `SELECT position, data ->> 'at' AS at, data ->> 'price' AS price, data ->> '$.evidence.late' AS late
  FROM events WHERE position > ? AND type = 'SignalMatched' ORDER BY position`;

async function watchSteps(eventsFile: string): Promise<readonly Seen[]> {
  const db = new DatabaseSync(eventsFile, { readOnly: true });
  const steps: Seen[] = [];
  try {
    const rows = db.prepare(STEPS);
    let position = Number(db.prepare('SELECT max(position) AS head FROM events').get()!['head']);
    const deadline = Date.now() + HANG_MS + HOLD_MS + PACED * TICK_MS;
    while (steps.length < PACED + BURST) {
      const found = rows.all(position);
      const seen = Date.now();
      for (const row of found) {
        position = Number(row['position']);
        steps.push({
          at: Date.parse(String(row['at'])),
          seen,
          price: Number(row['price']),
          late: row['late'] !== null,
        });
      }
      if (seen > deadline) throw new Error(`${steps.length} of ${PACED + BURST} steps came`);
      await sleep(1);
    }
    return steps;
  } finally {
    db.close();
  }
}

function figuresOf(steps: readonly Seen[]): StepFigures {
  const paced = steps.filter(({ price, late }) => price < HIGH - 1 && !late).map(({ at, seen }) => seen - at);
  const burst = steps.filter(({ price, late }) => price >= HIGH - 1 && !late);
  if (paced.length < PACED / 2 || burst.length < BURST)
    throw new Error('the market role started so late that its steps were late too: nothing is measured');
  paced.sort((one, other) => one - other);
  const quantile = (share: number): number => paced[Math.min(paced.length - 1, Math.floor(paced.length * share))]!;
  const milliseconds = burst.at(-1)!.seen - burst[0]!.at;
  return {
    latency: { p50: quantile(0.5), p99: quantile(0.99), max: paced.at(-1)!, count: paced.length },
    burst: { steps: burst.length, perSecond: (burst.length * 1_000) / milliseconds },
  };
}
