/** Signals and prices that cross them, drawn by a seed, and what the rules make of both: the replay's own code says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSeries, seriesFilesIn } from '#libs/market';
import { isOver } from '#libs/signal';
import type { RecordedEvent } from '#libs/sourcing';
import { readHistory } from '../../apps/cli/src/replay/history.ts';
import { simulate } from '../../apps/cli/src/replay/simulate.ts';
import { FIRST_PRICE_AT, writeTicks } from '../support/prices.ts';
import type { Random } from './random.ts';

/** File time between two ticks of an instrument. */
export const EVERY_MS = 100;

const COINS = ['AAA', 'BBB', 'CCC', 'DDD'];
const START = 10_000;

export interface DrawnSignal {
  readonly body: Readonly<Record<string, unknown>>;
  /** Sent right after the signal, before any price. */
  readonly calls: readonly { readonly call: string; readonly body: Readonly<Record<string, unknown>> }[];
}

/** A signal with the steps that its prices cause. */
export interface ExpectedSignal extends DrawnSignal {
  readonly steps: readonly string[];
}

/** Draws prices of several instruments into a folder, and signals all of which these prices end. */
export async function drawMarket(
  folder: string,
  random: Random,
  { signals, ticks }: { readonly signals: number; readonly ticks: number },
): Promise<readonly ExpectedSignal[]> {
  const prices = join(folder, 'prices');
  writeTicks(prices, EVERY_MS, Object.fromEntries(COINS.map((coin) => [`${coin}/USDT`, walk(random, ticks)])));
  const found: ExpectedSignal[] = [];
  while (found.length < signals) {
    const drawn = Array.from({ length: signals }, () => drawSignal(random));
    found.push(...(await endedOf(folder, prices, drawn)));
  }
  return found.slice(0, signals);
}

/** Whole numbers, now and then with a jump over several. */
function walk(random: Random, ticks: number): readonly string[] {
  let price = START;
  return Array.from({ length: ticks }, () => {
    price += random.next() < 0.01 ? random.whole(-60, 60) : random.whole(-8, 8);
    price += Math.round((START - price) / 2_000);
    return String(price);
  });
}

function drawSignal(random: Random): DrawnSignal {
  const long = random.next() < 0.5;
  const sign = long ? 1 : -1;
  const entry = START + random.whole(-150, 150);
  const [near, far] = [random.whole(10, 120), random.whole(130, 300)];
  const stop = entry - sign * random.whole(40, 200);
  const body = {
    coin: random.pick(COINS),
    trade_market: 'USDT',
    exchange: 'BINANCE',
    invest: random.whole(1, 20),
    type: long ? 'long' : 'short',
    entry_price_min: String(entry),
    entry_price_max: String(entry),
    exit_price_1: String(entry + sign * near),
    exit_price_2: String(entry + sign * far),
    stop_loss: String(stop),
  };
  const beyond = (distance: number): string => String(entry - sign * distance);
  const trailing = { trailing_stop_price: beyond(random.whole(20, 90)), trailing_stop_limit_price: beyond(100) };
  switch (random.whole(0, 9)) {
    case 0:
      return { body, calls: [{ call: 'trailingstop', body: trailing }] };
    case 1:
      return { body, calls: [{ call: 'dca', body: { buy_price: beyond(random.whole(5, 39)), multiplier: 1.5 } }] };
    case 2: {
      const rebuy = beyond(random.whole(5, 39));
      return { body, calls: [{ call: 'rebuy', body: { buy_price_min: rebuy, buy_price_max: rebuy, invest: 5 } }] };
    }
    case 3: {
      const order = { order_type: 'limit', sell_price: beyond(-random.whole(5, 60)), sell_amount_relative: 40 };
      return { body, calls: [{ call: 'takeprofit', body: { ...order, ...trailing } }] };
    }
    case 4:
      return {
        body,
        calls: [
          { call: 'dca', body: { buy_price: beyond(random.whole(5, 30)), multiplier: 1 } },
          { call: 'trailingstop', body: trailing },
          { call: 'updateprice', body: { exit_price_2: beyond(-far - 5) } },
        ],
      };
    default:
      return { body, calls: [] };
  }
}

/** Those that are taken, with all their calls, and over by the last price. */
async function endedOf(folder: string, prices: string, drawn: readonly DrawnSignal[]): Promise<ExpectedSignal[]> {
  const file = join(folder, 'signals.jsonl');
  const at = new Date(FIRST_PRICE_AT - 1_000).toISOString();
  const lines = drawn.map(({ body, calls }, index) =>
    JSON.stringify({ id: String(index), at, signal: body, calls: calls.map((call) => ({ at, ...call })) }),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  const series = await Promise.all((await seriesFilesIn(prices)).map((path) => readSeries(path)));
  const never = new AbortController().signal;
  const { subjects, notices } = await simulate(await readHistory(file), series, { signal: never });
  const refused = new Set(notices.map(({ id }) => id));
  return subjects.flatMap(({ signal, state, events }, index) => {
    if (state === null || !isOver(state.status) || refused.has(signal.id)) return [];
    return [{ ...drawn[index]!, steps: events.flatMap(stepOf) }];
  });
}

/** A step in words, without its time and source, which tell how it was replayed; none for what the provider did. */
export function stepOf({ type, data }: Pick<RecordedEvent, 'type' | 'data'>): readonly string[] {
  const { at, evidence, ...rest } = data as { at?: string; evidence?: { decidedBy: string } };
  if (at === undefined || evidence === undefined) return [];
  return [
    `${type} ${JSON.stringify({ ...rest, decidedBy: evidence.decidedBy }, Object.keys(rest).concat('decidedBy').sort())}`,
  ];
}
