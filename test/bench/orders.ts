/**
 * Paper market orders through the account handler on the SQLite log, each durable before it counts, in this process
 * alone: node orders.ts ACCOUNTS SECONDS FOLDER
 *
 * Sixty-four are under way at any time, over all accounts in turn; buys and sells take turns on each. An agent's own rate
 * limit stands before this, and HTTP and its parsing: see the rows of creates for what these cost.
 */
import { join } from 'node:path';
import { accountDecider, ACCOUNT_SCHEMA_VERSION, type AccountCommand, upcast } from '../../libs/account/src/index.ts';
import { createHandle, compactId, newId } from '../../libs/sourcing/src/index.ts';
import { openEventStore } from '../../libs/stores/src/index.ts';
import type { Percentiles } from './job.ts';

export interface OrderFigures {
  readonly perSecond: number;
  readonly latency: Percentiles;
}

const AT_ONCE = 64;
const WARM_UP_MS = 1_000;
const PRICE = '65000';

const [accountsText, secondsText, folder] = process.argv.slice(2) as [string, string, string];
const [accounts, seconds] = [Number(accountsText), Number(secondsText)];
const events = await openEventStore(`sqlite:${join(folder, `orders-${accounts}-${process.pid}.db`)}`);
const handle = createHandle(
  {
    decider: accountDecider,
    stream: ({ accountId }: AccountCommand) => `account-${accountId}`,
    creates: ({ type }: AccountCommand) => type === 'OpenAccount',
    channelId: () => null,
    upcast: ({ type, metadata, data }) => upcast(type, metadata.schemaVersion, data),
  },
  events,
  { cacheSize: 10_000 },
);

const ids = Array.from({ length: accounts }, () => `agent_${compactId(newId(Date.now()))}`);
for (let at = 0; at < ids.length; at += AT_ONCE) await Promise.all(ids.slice(at, at + AT_ONCE).map(open));
const turns = new Map<string, number>();
let next = 0;
await run(WARM_UP_MS);
const { done, waits, milliseconds } = await run(seconds * 1_000);
await events.close();
const sorted = waits.toSorted((one, other) => one - other);
const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
const figures: OrderFigures = {
  perSecond: (done * 1_000) / milliseconds,
  latency: { p50: at(0.5), p99: at(0.99), max: sorted.at(-1)! },
};
process.send!(figures, () => process.exit(0));

async function run(least: number): Promise<{ done: number; waits: number[]; milliseconds: number }> {
  const waits: number[] = [];
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (performance.now() - started < least) {
      const sent = performance.now();
      await order(ids[next++ % ids.length]!);
      waits.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { done: waits.length, waits, milliseconds: performance.now() - started };
}

function open(accountId: string): Promise<void> {
  return tell({
    type: 'OpenAccount',
    accountId,
    now: new Date().toISOString(),
    name: 'bench',
    mode: 'sandbox',
    permissions: ['write:orders'],
    balance: '1000000000',
    dailyLossLimit: null,
    maxPositionSize: null,
    keyHash: '00',
    sealedSecret: null,
  });
}

function order(accountId: string): Promise<void> {
  const turn = turns.get(accountId) ?? 0;
  turns.set(accountId, turn + 1);
  const now = Date.now();
  const time = new Date(now).toISOString();
  return tell({
    type: 'PlaceOrder',
    accountId,
    now: time,
    orderId: compactId(newId(now)),
    symbol: 'BTC',
    // Ahead by as many buys as are under way, so that there is always something to sell.
    side: turn < 2 * AT_ONCE || turn % 2 === 0 ? 'buy' : 'sell',
    orderType: 'market',
    quantity: '0.01',
    price: null,
    signalId: null,
    by: 'agent',
    terms: {
      broker: 'paper',
      pair: 'BTC/USDT',
      simulated: true,
      feeRate: '0.001',
      paper: { slippage: '0', tradeId: String(turn) },
      sendBy: null,
      marketReserve: '0',
    },
    marks: { BTC: { price: PRICE, at: time, source: 'simulated' } },
  });
}

async function tell(command: AccountCommand): Promise<void> {
  const outcome = await handle(command, {
    commandId: newId(Date.now()),
    requestId: '',
    dialect: 'bench',
    actor: 'bench',
    keyId: null,
    receivedAt: command.now,
    schemaVersion: ACCOUNT_SCHEMA_VERSION,
  });
  if (!outcome.done) throw new Error(outcome.refusal.message);
}
