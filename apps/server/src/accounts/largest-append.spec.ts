/** Whatever an account decides fits one append of EventStoreDB, whose server refuses more than 1 MiB. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  ACCOUNT_SCHEMA_VERSION,
  type AccountCommand,
  type Marks,
  MOST_COINS,
  MOST_OPEN_ORDERS,
  type Terms,
} from '#libs/account';
import { type Append, compactId, createHandle, type EventStore, type Handle, newId } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { withFaults } from '../../../../libs/sourcing/src/testing/faulty-event-store.ts';
import { LARGEST_APPEND, proposals, sizeOf } from '../../../../libs/stores/src/eventstoredb/codec.ts';
import { handledAccount } from './handled-account.ts';

const ID = `agent_${compactId(newId(Date.now()))}`;
const now = '2026-11-21T10:00:00.000Z';
const at = { accountId: ID, now };
/** As long as the dialect takes one, of characters of three bytes. */
const REASON = '量'.repeat(500);
const COINS = Array.from({ length: MOST_COINS }, (_, n) => `LONGNAMEDCOIN${String(n).padStart(7, '0')}`);
const priced = (price: string): Marks =>
  Object.fromEntries(COINS.map((coin) => [coin, { price, at: now, source: 'ccxt:binance' }]));
const orderId = (): string => compactId(newId(Date.now()));

function paper(symbol: string): Terms {
  const shared = { broker: 'paper', pair: `${symbol}/USDT`, simulated: false, feeRate: '0.001' };
  return { ...shared, paper: { slippage: '0.0005', tradeId: orderId() }, sendBy: null, marketReserve: '0' };
}

describe('an account with all the coins and orders that it may have', () => {
  let events: EventStore;
  let appended: Append[];

  /** As the API writes it down. */
  async function does(command: AccountCommand, store = events): Promise<Awaited<ReturnType<Handle<never, never>>>> {
    return createHandle(handledAccount, store)(command, {
      commandId: newId(Date.now()),
      requestId: newId(Date.now()),
      dialect: 'nextexchange',
      actor: `agent:${ID}`,
      keyId: ID,
      receivedAt: now,
      schemaVersion: ACCOUNT_SCHEMA_VERSION,
    }) as never;
  }

  /** Bytes that a command's append takes. */
  async function bytesOf(command: AccountCommand): Promise<number> {
    appended = [];
    const stopping = withFaults(events, {
      before: (appends) => {
        appended.push(...appends);
        throw new Error('seen');
      },
    });
    await expect(does(command, stopping)).rejects.toThrow('seen');
    return sizeOf(proposals(appended[0]!));
  }

  beforeAll(async () => {
    events = createMemoryEventStore();
    const permissions = ['write:orders'] as const;
    const limits = { dailyLossLimit: '1000', maxPositionSize: '1000000000' };
    const secrets = { keyHash: 'b'.repeat(64), sealedSecret: null };
    await does({
      type: 'OpenAccount',
      ...at,
      name: 'Full',
      mode: 'sandbox',
      permissions,
      balance: '100000000',
      ...limits,
      ...secrets,
    });
    const order = {
      type: 'PlaceOrder',
      ...at,
      side: 'buy',
      signalId: null,
      by: 'agent',
      marks: priced('100'),
    } as const;
    for (const symbol of COINS)
      await does({
        ...order,
        orderId: orderId(),
        symbol,
        orderType: 'market',
        quantity: '10.123456789012345',
        price: null,
        terms: paper(symbol),
      });
    for (let n = 0; n < MOST_OPEN_ORDERS; n += 1) {
      const symbol = COINS[n % COINS.length]!;
      await does({
        ...order,
        orderId: orderId(),
        symbol,
        orderType: 'limit',
        quantity: '1.123456789012345',
        price: '90',
        terms: paper(symbol),
      });
    }
  }, 120_000);

  it('is as full as it may be', async () => {
    const symbol = COINS[0]!;
    const more = {
      type: 'PlaceOrder',
      ...at,
      orderId: orderId(),
      side: 'buy',
      signalId: null,
      by: 'agent',
      quantity: '1',
      marks: priced('100'),
    } as const;
    const codes = [
      await does({ ...more, symbol, orderType: 'limit', price: '90', terms: paper(symbol) }),
      await does({
        ...more,
        symbol: 'ONE',
        orderType: 'market',
        price: null,
        terms: paper('ONE'),
        marks: { ...priced('100'), ONE: priced('1')[symbol]! },
      }),
    ].map((outcome) => (outcome.done ? 'done' : outcome.refusal.code));
    expect(codes).toEqual(['too_many_orders', 'too_many_coins']);
  });

  it('sells and cancels all of it in one', async () => {
    const sells = Object.fromEntries(COINS.map((symbol) => [symbol, { orderId: orderId(), terms: paper(symbol) }]));
    const bytes = await bytesOf({ type: 'CloseAll', ...at, by: 'agent', reason: REASON, sells, marks: priced('100') });
    expect(appended[0]!.events).toHaveLength(MOST_OPEN_ORDERS + 3 * MOST_COINS);
    expect(bytes).toBeLessThan(LARGEST_APPEND);
  });

  it('is revoked, and trips its breaker, in one', async () => {
    expect(await bytesOf({ type: 'CloseAccount', ...at, reason: REASON })).toBeLessThan(LARGEST_APPEND);
    expect(appended[0]!.events).toHaveLength(1 + MOST_OPEN_ORDERS);
    expect(await bytesOf({ type: 'JudgeAccount', ...at, marks: priced('1') })).toBeLessThan(LARGEST_APPEND);
    expect(appended[0]!.events).toHaveLength(1 + MOST_OPEN_ORDERS);
  });
});
