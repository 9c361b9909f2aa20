import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandBus } from '@nestjs/cqrs';
import { ACCOUNT_SCHEMA_VERSION } from '#libs/account';
import type { ChartCandle } from '#libs/market';
import { createHandle, type EventStore, newId, OutcomeUnknown, StoreUnavailable } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { withFaults } from '../../../../libs/sourcing/src/testing/faulty-event-store.ts';
import { AccountWriter } from './account-writer.ts';
import type { Asked } from './asked.ts';
import { BrokerWait } from './broker-wait.ts';
import type { HandleAccount } from './handle-account.ts';
import { handledAccount } from './handled-account.ts';
import { Orders } from './orders.ts';
import type { Quotes } from './quotes.ts';
import { AccountReader } from './reader.ts';

const ID = 'agent_0198c5f0a3b47c11a9f2000000000001';
const COIN = { symbol: 'BTC', id: 'bitcoin', name: 'Bitcoin', pair: 'BTC/USDT' };
const LIMIT = { coin: COIN, side: 'buy', orderType: 'limit', quantity: '1', price: '90', signalId: null } as const;
const MARKET = { ...LIMIT, orderType: 'market', price: null } as const;

let events: EventStore;
let orders: Orders;
let written: number;
/** Streams can't be read after so many writes; null: they can. */
let awayAfter: number | null;
/** What the charts tell of the day. */
let hours: readonly Pick<ChartCandle, 'time' | 'open'>[];

beforeEach(async () => {
  awayAfter = null;
  hours = [];
  written = 0;
  events = withFaults(createMemoryEventStore(), {
    after: () => void (written += 1),
    read: () => {
      if (awayAfter !== null && written >= awayAfter) throw new StoreUnavailable('the store is away');
    },
  });
  const reader = new AccountReader(events, createMemoryViewStore());
  const handle = createHandle(handledAccount, events);
  // The bus is Nest's: what matters of it here is that it hands commands on.
  const bus = { execute: ({ command, metadata, key }: HandleAccount) => handle(command, metadata, key) };
  const writer = new AccountWriter(bus as unknown as CommandBus, reader, handle);
  // Prices that stand still.
  const price = { price: '100', at: new Date().toISOString(), source: 'ccxt:binance' };
  const candles = async () => hours;
  const quotes = { coin: () => COIN, marks: async () => ({ BTC: price }), candles } as unknown as Quotes;
  const costs = { balance: '1000', feeRate: '0', slippage: '0', simulatedPrices: false };
  const terms = { liveBroker: 'none', exchange: null, ...costs } as const;
  orders = new Orders(events, writer, reader, quotes, terms, new BrokerWait(events, reader, writer));
  const { metadata } = asked();
  const opened = await handle(
    {
      type: 'OpenAccount',
      accountId: ID,
      now: metadata.receivedAt,
      name: 'paper',
      mode: 'sandbox',
      permissions: ['write:orders'],
      balance: '1000',
      dailyLossLimit: '500',
      maxPositionSize: null,
      keyHash: '00',
      sealedSecret: null,
    },
    metadata,
  );
  if (!opened.done) throw new Error(opened.refusal.message);
});

function asked(receivedAt = Date.now(), dailyLossLimit: string | null = null): Asked {
  const who = { requestId: 'r', dialect: 'nextexchange', actor: `agent:${ID}`, keyId: ID };
  const when = { receivedAt: new Date(receivedAt).toISOString(), schemaVersion: ACCOUNT_SCHEMA_VERSION };
  const agent = { id: ID, mode: 'sandbox', dailyLossLimit } as Asked['agent'];
  return { agent, metadata: { commandId: newId(receivedAt), ...who, ...when }, receivedAt };
}

async function placed(wanted: typeof LIMIT | typeof MARKET) {
  const answer = await orders.place(asked(), wanted);
  if (!('order' in answer)) throw new Error(JSON.stringify(answer));
  return answer.order;
}

const types = async (): Promise<string[]> => (await events.readStream(`account-${ID}`)).map(({ type }) => type);

describe('an order that is written and then can not be read', () => {
  /** What it is answered, where the store is away from the moment the write is done. */
  async function unread(doing: () => Promise<unknown>): Promise<void> {
    awayAfter = written + 1;
    await expect(doing()).rejects.toBeInstanceOf(OutcomeUnknown);
    awayAfter = null;
  }

  it('is unknown, not unwritten, when it is placed', async () => {
    await unread(() => orders.place(asked(), LIMIT));
    expect(await types()).toContain('OrderPlaced');
  });

  it('is unknown, not unwritten, when it is changed or cancelled', async () => {
    const order = await placed(LIMIT);
    await unread(() => orders.modify(asked(), order, { price: '80' }));
    await unread(() => orders.cancel(asked(), order));
    expect((await types()).slice(-2)).toEqual(['OrderModified', 'OrderCancelled']);
  });

  it('is unknown, not unwritten, when all is closed', async () => {
    await placed(MARKET);
    await unread(() => orders.closeAll(asked(), 'enough'));
    expect((await types()).filter((type) => type === 'OrderPlaced')).toHaveLength(2);
  });

  it('is told as unwritten only where nothing was written', async () => {
    awayAfter = 0;
    const fresh = orders.closeAll(asked(), 'enough');
    await expect(fresh).rejects.toBeInstanceOf(StoreUnavailable);
    awayAfter = null;
    expect(await types()).not.toContain('OrderPlaced');
  });
});

describe('a day that an order begins', () => {
  const DAY_MS = 86_400_000;
  const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const days = async () =>
    (await events.readStream(`account-${ID}`)).filter(({ type }) => type === 'DayStarted').map(({ data }) => data);

  /** Holds one at 100 of 1000 dollars since yesterday, and orders today. */
  async function ordersToday(): Promise<void> {
    await orders.place(asked(midnight - 60_000, '500'), MARKET);
    await orders.place(asked(midnight + 3 * 3_600_000, '500'), { ...LIMIT, price: '10' });
  }

  it('is measured from the prices at midnight, where the charts tell them', async () => {
    hours = [
      { time: midnight - 3_600_000, open: '300' },
      { time: midnight, open: '120' },
      { time: midnight + 3_600_000, open: '200' },
    ];
    await ordersToday();
    const [yesterday, today] = await days();
    expect(yesterday).toMatchObject({ equity: '1000', marks: {} });
    const mark = { price: '120', at: new Date(midnight).toISOString(), source: 'ccxt:binance' };
    expect(today).toMatchObject({ equity: '1020', marks: { BTC: mark } });
  });

  it('is measured from the prices of now where they do not', async () => {
    await ordersToday();
    expect((await days()).map((day) => (day as { equity: string }).equity)).toEqual(['1000', '1000']);
  });
});
