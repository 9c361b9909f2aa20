import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Broker, createCcxtBroker } from '#libs/market';
import { createHandle, type EventStore } from '#libs/sourcing';
import { openEventStore } from '#libs/stores';
import { KEYS, startTradingExchange, type TradingExchange } from '../../../../../test/support/trading-exchange.ts';
import { handledAccount } from '../handled-account.ts';
import { LiveRunner } from './live-runner.ts';
import { LiveAccount } from './testing/live-account.ts';

let folder: string;
let exchange: TradingExchange;
let broker: Broker;
let child: ChildProcess;
let events: EventStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signal-ledger-'));
  exchange = await startTradingExchange();
  broker = createCcxtBroker({ exchange: 'binance', credentials: KEYS, baseUrl: exchange.url, memoryMb: 96 });
});
afterEach(async () => {
  child.kill('SIGKILL');
  await events.close();
  await broker.close();
  await exchange.stop();
  await rm(folder, { recursive: true });
});

interface Left {
  readonly account: LiveAccount;
  readonly orderId: string;
}

/** A process that carries one order out, killed once `isThen`. */
async function killedWhen(isThen: (left: Left) => Promise<boolean>): Promise<Left> {
  const url = `sqlite:${join(folder, 'events.db')}`;
  const code = fileURLToPath(new URL('testing/runner.process.ts', import.meta.url));
  const told = JSON.stringify({ url, baseUrl: exchange.url, keys: KEYS });
  child = spawn(process.execPath, ['--conditions=mono-source', code, told], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const { accountId, orderId } = JSON.parse(line) as { accountId: string; orderId: string };
  events = await openEventStore(url);
  const left = { account: new LiveAccount(events, accountId), orderId };
  while (!(await isThen(left))) await sleep(10);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return left;
}

/** A runner that finds what the killed one left, until the order has come to an end; its clock goes `pace` times as fast. */
async function resume(account: LiveAccount, orderId: string, pace: number): Promise<void> {
  const stopping = new AbortController();
  const began = Date.now();
  const runner = new LiveRunner({
    broker,
    handle: createHandle(handledAccount, account.events),
    signal: stopping.signal,
    onTrouble: () => undefined,
    now: () => began + (Date.now() - began) * pace,
  });
  const ran = runner.start([await account.document(orderId)]).then(() => runner.run());
  while (!['filled', 'rejected'].includes((await account.order(orderId)).status)) await sleep(20);
  stopping.abort();
  await ran;
}

const seenOrder = async (): Promise<boolean> =>
  (await exchange.see()).requests.some(({ method, path }) => method === 'POST' && path.endsWith('/order'));

describe('a process that is killed', () => {
  it('after the venue took an order and before it was heard: the order is found, and not sent again', async () => {
    await exchange.plan({ on: 'POST order', does: 'delay-after', ms: 60_000 });
    const { account, orderId } = await killedWhen(async () => (await exchange.see()).orders.length === 1);
    expect(await account.history(orderId)).toEqual(['OrderPlaced', 'OrderSent']);
    await resume(account, orderId, 1);
    expect(await account.order(orderId)).toMatchObject({ status: 'filled', filled: '0.01' });
    expect(await exchange.sent(orderId)).toBe(1);
  });

  it('after it wrote down that it sends, and before anything left: nothing is sent, and the order ends', async () => {
    // The markets are read before an order leaves.
    await exchange.plan(
      ...Array.from({ length: 3 }, () => ({ on: 'GET exchangeInfo', does: 'delay-before', ms: 3_000 }) as const),
    );
    const { account, orderId } = await killedWhen(
      async (left) => (await left.account.history(left.orderId)).length === 2,
    );
    expect(await account.history(orderId)).toEqual(['OrderPlaced', 'OrderSent']);
    expect(await seenOrder()).toBe(false);
    await resume(account, orderId, 20);
    expect(await account.document(orderId)).toMatchObject({ rejected: { code: 'never_placed' } });
    expect(await exchange.sent(orderId)).toBe(0);
  });

  it('while the request is on its way: the order is found when it arrives', async () => {
    await exchange.plan({ on: 'POST order', does: 'delay-before', ms: 2_500 });
    const { account, orderId } = await killedWhen(seenOrder);
    expect((await exchange.see()).orders).toEqual([]);
    await resume(account, orderId, 1);
    expect(await account.order(orderId)).toMatchObject({ status: 'filled' });
    expect(await exchange.sent(orderId)).toBe(1);
  });
});
