import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import type { OrderDocument } from '#libs/views';
import { accountStream } from '../handled-account.ts';
import { BROKER, LiveAccount } from './testing/live-account.ts';
import { TrackedOrders } from './tracked-orders.ts';

let account: LiveAccount;
let orderId: string;
let troubles: string[];
/** As the view had it right after it was placed. */
let placed: OrderDocument;

const orders = (broker = BROKER): TrackedOrders => new TrackedOrders(broker, (what) => troubles.push(what));
const events = (): Promise<readonly RecordedEvent[]> => account.events.readStream(accountStream(account.id));
const hearAll = (tracked: TrackedOrders, heard: readonly RecordedEvent[]): void =>
  heard.forEach((event) => tracked.hear(account.id, event));
const only = (tracked: TrackedOrders) => [...tracked.all()].map(({ order }) => order);

beforeEach(async () => {
  troubles = [];
  account = new LiveAccount(createMemoryEventStore());
  await account.open();
  orderId = await account.place();
  placed = await account.document(orderId);
  const named = (): object => ({ ...account.now(), orderId });
  await account.handle({ type: 'SendOrder', ...named() } as never);
  await account.handle({ type: 'ReportAccepted', ...named(), venueOrderId: 'v' } as never);
  const fill = {
    tradeId: 't',
    quantity: '0.004',
    price: '50000',
    fee: '0.2',
    feeCurrency: 'USDT',
    at: account.now().now,
  };
  await account.handle({ type: 'ReportFill', ...named(), ...fill } as never);
  await account.cancel(orderId);
});

describe('orders at a venue', () => {
  const NOW = {
    sent: true,
    accepted: true,
    venueOrderId: 'v',
    filled: '0.004',
    cancel: { by: 'agent', reason: 'no longer wanted' },
    isOver: false,
  };

  it('are folded from the log, and the same from a document and what came since, in any order', async () => {
    const all = await events();
    const fromLog = orders();
    hearAll(fromLog, all);
    expect(only(fromLog)).toMatchObject([NOW]);
    const since = all.slice(placed.revision + 1);
    const after = orders();
    after.know([placed]);
    hearAll(after, since);
    expect(only(after)).toMatchObject([NOW]);
    const before = orders();
    hearAll(before, since);
    before.know([placed]);
    // What the account tells again with the next report is left to that.
    expect(only(before)).toMatchObject([{ sent: true, cancel: NOW.cancel }]);
  });

  it('are told by their newest document, whatever of it is heard again', async () => {
    const tracked = orders();
    hearAll(tracked, (await events()).slice(0, -2));
    tracked.know([await account.document(orderId)]);
    hearAll(tracked, await events());
    expect(only(tracked)).toMatchObject([NOW]);
  });

  it('do not go back to an older document', async () => {
    const tracked = orders();
    hearAll(tracked, await events());
    tracked.know([placed]);
    expect(only(tracked)).toMatchObject([NOW]);
  });

  it('are over with the event that ends them', async () => {
    await account.handle({ type: 'ReportCancelled', ...account.now(), orderId, by: 'agent', reason: null });
    const tracked = orders();
    hearAll(tracked, await events());
    expect(only(tracked)).toMatchObject([{ isOver: true }]);
  });

  it('of another broker are told, and left to it', async () => {
    const tracked = orders('ccxt:kraken');
    hearAll(tracked, await events());
    expect({ size: tracked.size, troubles }).toEqual({ size: 0, troubles: [orderId] });
  });
});
