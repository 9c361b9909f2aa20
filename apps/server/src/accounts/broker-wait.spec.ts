import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandBus } from '@nestjs/cqrs';
import { ACCOUNT_SCHEMA_VERSION, type AccountCommand } from '#libs/account';
import {
  createHandle,
  type EventMetadata,
  type EventStore,
  type Handle,
  newId,
  OutcomeUnknown,
  StoreUnavailable,
  type ViewStore,
} from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { withFaults } from '../../../../libs/sourcing/src/testing/faulty-event-store.ts';
import { AccountWriter } from './account-writer.ts';
import type { Asked } from './asked.ts';
import { BrokerWait } from './broker-wait.ts';
import type { HandleAccount } from './handle-account.ts';
import { handledAccount } from './handled-account.ts';
import { AccountReader } from './reader.ts';

const ID = 'agent_0198c5f0a3b47c11a9f2000000000001';
const ORDER = '0198c5f0a3b47c11a9f2000000000002';

let events: EventStore;
let reader: AccountReader;
let writer: AccountWriter;
let wait: BrokerWait;
let handle: Handle<never, AccountCommand>;
/** What the store does not do today; asked before each read of a stream, and before each append. */
let faults: { read?: () => boolean; append?: () => boolean };

beforeEach(async () => {
  faults = {};
  const away = (isAway = false): void => {
    if (isAway) throw new StoreUnavailable('the store is away');
  };
  events = withFaults(createMemoryEventStore(), {
    read: () => away(faults.read?.()),
    before: () => away(faults.append?.()),
  });
  const views: ViewStore = createMemoryViewStore();
  reader = new AccountReader(events, views);
  const handling = createHandle(handledAccount, events);
  handle = handling as unknown as typeof handle;
  // The bus is Nest's: what matters of it here is that it hands commands on.
  const bus = { execute: ({ command, metadata, key }: HandleAccount) => handling(command, metadata, key) };
  writer = new AccountWriter(bus as unknown as CommandBus, reader, handling);
  wait = new BrokerWait(events, reader, writer);
  await does({
    type: 'OpenAccount',
    accountId: ID,
    now: new Date().toISOString(),
    name: 'live',
    mode: 'live',
    permissions: ['write:orders'],
    balance: '1000',
    dailyLossLimit: '500',
    maxPositionSize: '900',
    keyHash: '00',
    sealedSecret: 'v1.x',
  });
  await does({ type: 'ApproveAccount', accountId: ID, now: new Date().toISOString() });
});

function metadata(): EventMetadata {
  const receivedAt = new Date().toISOString();
  const who = { requestId: 'r', dialect: 'nextexchange', actor: `agent:${ID}`, keyId: ID };
  return { commandId: newId(Date.now()), ...who, receivedAt, schemaVersion: ACCOUNT_SCHEMA_VERSION };
}

async function does(command: AccountCommand) {
  const outcome = await handle(command, metadata());
  if (!outcome.done) throw new Error(outcome.refusal.message);
  return outcome;
}

/** An order that is meant for a venue, received so long ago. */
async function placed(ago: number) {
  const receivedAt = Date.now() - ago;
  const now = new Date(receivedAt).toISOString();
  const outcome = await does({
    type: 'PlaceOrder',
    accountId: ID,
    now,
    orderId: ORDER,
    symbol: 'BTC',
    side: 'buy',
    orderType: 'limit',
    quantity: '0.01',
    price: '100',
    signalId: null,
    by: 'agent',
    terms: {
      broker: 'ccxt:binance',
      pair: 'BTC/USDT',
      simulated: false,
      feeRate: '0.001',
      paper: null,
      sendBy: new Date(receivedAt + 10_000).toISOString(),
      marketReserve: '0.02',
    },
    marks: { BTC: { price: '100', at: now, source: 'ccxt:binance' } },
  });
  const asked = { agent: { id: ID }, metadata: metadata(), receivedAt } as Asked;
  return { outcome, asked };
}

const report = (type: 'SendOrder') => does({ type, accountId: ID, now: new Date().toISOString(), orderId: ORDER });
const accepted = () =>
  does({ type: 'ReportAccepted', accountId: ID, now: new Date().toISOString(), orderId: ORDER, venueOrderId: '7' });

describe('an order at a venue', () => {
  it('is answered as soon as the venue has answered', async () => {
    const { outcome, asked } = await placed(0);
    const answer = wait.outcomeOf(asked, ORDER, outcome as never);
    await sleep(50);
    await report('SendOrder');
    await accepted();
    expect(await answer).toMatchObject({ order: { orderId: ORDER, status: 'open', venueOrderId: '7' } });
  });

  it('that nobody took in time is ended for good, and what it kept back is free', async () => {
    const { outcome, asked } = await placed(9_000);
    expect(await wait.outcomeOf(asked, ORDER, outcome as never)).toEqual({ unavailable: 'not_sent' });
    expect(
      await handle({ type: 'SendOrder', accountId: ID, now: new Date().toISOString(), orderId: ORDER }, metadata()),
    ).toMatchObject({
      done: false,
    });
    expect(await reader.get(ID)).toMatchObject({ reservedCash: '0', openOrders: 0 });
    expect(await reader.order(ID, ORDER)).toMatchObject({ status: 'cancelled' });
  });

  it('that was sent and not answered in time is told as it is: it may be there', async () => {
    const { outcome, asked } = await placed(7_900);
    await report('SendOrder');
    expect(await wait.outcomeOf(asked, ORDER, outcome as never)).toMatchObject({ order: { status: 'open' } });
    expect(await reader.get(ID)).toMatchObject({ openOrders: 1 });
  });

  it('sent at the very moment at which it is given up is asked to be cancelled, not forgotten', async () => {
    const { outcome, asked } = await placed(9_000);
    // Behind the back of the wait, which looks no more: its time is up.
    await report('SendOrder');
    expect(await wait.outcomeOf(asked, ORDER, outcome as never)).toMatchObject({ order: { status: 'open' } });
    const order = await reader.order(ID, ORDER);
    expect(order!.cancelRequestedAt).not.toBeNull();
  });

  it('sent at that moment and cancelled by the venue for it is not told as one that was not sent', async () => {
    const { outcome, asked } = await placed(9_000);
    await report('SendOrder');
    await wait.outcomeOf(asked, ORDER, outcome as never);
    // As the runner repeats why it was asked for.
    const requested = (await events.readStream(`account-${ID}`)).find(({ type }) => type === 'OrderCancelRequested')!;
    const { reason } = requested.data as { reason: string };
    const now = new Date().toISOString();
    await does({ type: 'ReportCancelled', accountId: ID, now, orderId: ORDER, by: 'venue', reason });
    expect(await wait.outcomeOf(asked, ORDER, outcome as never)).toMatchObject({ order: { status: 'cancelled' } });
  });

  it('is answered all the same where some looks at the stream failed', async () => {
    const { outcome, asked } = await placed(0);
    await report('SendOrder');
    await accepted();
    let looks = 0;
    faults.read = () => (looks += 1) < 3;
    expect(await wait.outcomeOf(asked, ORDER, outcome as never)).toMatchObject({ order: { venueOrderId: '7' } });
    expect(looks).toBeGreaterThan(2);
  });

  it('that can not be read by the time that is up is unknown, not unwritten, and is not ended', async () => {
    const { outcome, asked } = await placed(7_000);
    await report('SendOrder');
    faults.read = () => true;
    await expect(wait.outcomeOf(asked, ORDER, outcome as never)).rejects.toBeInstanceOf(OutcomeUnknown);
    faults = {};
    expect(await reader.order(ID, ORDER)).toMatchObject({ status: 'open', cancelRequestedAt: null });
  });

  it('that can not be read, or not be ended, once the time is up is unknown, too', async () => {
    const { outcome, asked } = await placed(9_000);
    faults.append = () => true;
    await expect(wait.outcomeOf(asked, ORDER, outcome as never)).rejects.toBeInstanceOf(OutcomeUnknown);
    faults = { read: () => true };
    await expect(wait.outcomeOf(asked, ORDER, outcome as never)).rejects.toBeInstanceOf(OutcomeUnknown);
    faults = {};
    expect(await wait.outcomeOf(asked, ORDER, outcome as never)).toEqual({ unavailable: 'not_sent' });
  });
});
