import { describe, expect, it } from '@jest/globals';
import { ACCOUNT_SCHEMA_VERSION, type AccountCommand, type PlaceOrder } from '#libs/account';
import type { Price } from '#libs/market';
import { createHandle, type EventMetadata, newId } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { accountStream, handledAccount } from '../handled-account.ts';
import { PaperOrders } from './paper-orders.ts';

const AT = '2026-03-04T12:00:00.000Z';
const T = Date.parse(AT);
const BOOK = 'test BTC/USDT';

const tick = (time: number, price: string): Price => ({ kind: 'tick', time, price });

const metadataOf = (): EventMetadata => ({
  commandId: newId(T),
  requestId: '',
  dialect: 'test',
  actor: 'test',
  keyId: null,
  receivedAt: AT,
  schemaVersion: ACCOUNT_SCHEMA_VERSION,
});

/** Accounts with one buy each that rests at 100, and the engine's book, which knows of them. */
async function fixture(...accounts: readonly string[]) {
  const events = createMemoryEventStore();
  const handle = createHandle(handledAccount, events);
  const troubles: string[] = [];
  const orders = new PaperOrders({
    // A process of its own, which has its own memory of accounts.
    handle: createHandle(handledAccount, events),
    signal: new AbortController().signal,
    onTrouble: (what, reason) => troubles.push(`${what}: ${reason}`),
  });
  const tell = async (command: AccountCommand): Promise<void> => {
    const outcome = await handle(command, metadataOf());
    if (!outcome.done) throw new Error(outcome.refusal.message);
  };
  const idOf = (accountId: string): string => accountId.padEnd(32, '0');
  for (const accountId of accounts) {
    await tell({
      type: 'OpenAccount',
      accountId,
      now: AT,
      name: 'tester',
      mode: 'sandbox',
      permissions: ['write:orders'],
      balance: '10000',
      dailyLossLimit: null,
      maxPositionSize: null,
      keyHash: '00',
      sealedSecret: null,
    });
    await tell({
      type: 'PlaceOrder',
      accountId,
      now: AT,
      orderId: idOf(accountId),
      symbol: 'BTC',
      side: 'buy',
      orderType: 'limit',
      quantity: '1',
      price: '100',
      signalId: null,
      by: 'agent',
      terms: {
        broker: 'paper',
        pair: 'BTC/USDT',
        simulated: false,
        feeRate: '0',
        paper: { slippage: '0', tradeId: 't' },
        sendBy: null,
        marketReserve: '0',
      },
      marks: {},
    } satisfies PlaceOrder);
    await orders.set(BOOK, { orderId: idOf(accountId), accountId, side: 'buy', limit: '100', from: T });
  }
  const move = (accountId: string, price: string): Promise<void> =>
    tell({
      type: 'ModifyOrder',
      accountId,
      now: AT,
      orderId: idOf(accountId),
      price,
      terms: { paper: { slippage: '0', tradeId: 't' } },
      marks: {},
    });
  const fills = async (accountId: string): Promise<readonly string[]> =>
    (await events.readStream(accountStream(accountId)))
      .filter(({ type }) => type === 'OrderFilled')
      .map(({ data }) => (data as { price: string }).price);
  return { events, orders, troubles, move, fills, idOf };
}

describe('orders that rest on paper', () => {
  it('are filled once, and waited for no more', async () => {
    const { orders, fills } = await fixture('a');
    await orders.price(BOOK, tick(T + 1, '100'));
    await orders.price(BOOK, tick(T + 2, '99'));
    expect(await fills('a')).toEqual(['100']);
    expect(orders.size).toBe(0);
  });

  it('still rest where their limit was changed just before the price was told', async () => {
    const { orders, troubles, move, fills, idOf } = await fixture('a');
    await move('a', '90');
    await orders.price(BOOK, tick(T + 1, '100'));
    expect(await fills('a')).toEqual([]);
    // Only now the book hears of the change.
    await orders.change({ ...orders.get(idOf('a'))!, limit: '90', from: T + 1 });
    await orders.price(BOOK, tick(T + 2, '91'));
    expect(await fills('a')).toEqual([]);
    await orders.price(BOOK, tick(T + 3, '89'));
    expect(await fills('a')).toEqual(['89']);
    expect(troubles).toEqual([]);
  });

  it('of an account that can not be folded hold nobody else up, and are tried again later', async () => {
    const { events, orders, troubles, fills } = await fixture('a', 'b');
    const damaged = { type: 'OrderRedacted', time: AT, channelId: null, data: {}, metadata: metadataOf() };
    await events.append({ stream: accountStream('a'), expected: 2, events: [{ ...damaged, id: newId(T) }] });
    await orders.price(BOOK, tick(T + 1, '100'));
    expect(await fills('b')).toEqual(['100']);
    expect(troubles).toEqual([
      'a: order a0000000000000000000000000000000 is not filled: unknown account event OrderRedacted',
    ]);
    await orders.price(BOOK, tick(T + 2, '99'));
    expect(troubles).toHaveLength(1);
    await orders.price(BOOK, tick(T + 120_000, '98'));
    expect(troubles).toHaveLength(2);
  });

  it('are not lost by a price that no account takes', async () => {
    const { orders, troubles, fills } = await fixture('a');
    await orders.price(BOOK, tick(T + 1, '0'));
    expect(troubles).toHaveLength(1);
    await orders.price(BOOK, tick(T + 120_000, '99'));
    expect(await fills('a')).toEqual(['99']);
  });
});
