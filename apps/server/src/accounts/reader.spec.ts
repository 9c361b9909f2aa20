import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AccountCommand } from '#libs/account';
import {
  buildView,
  type EventStore,
  runProcessor,
  StoreUnavailable,
  type View,
  type ViewStore,
  waitForPosition,
} from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { accountsView, ordersView } from '#libs/views';
import { withFaults } from '../../../../libs/sourcing/src/testing/faulty-event-store.ts';
import { ACCOUNT, at, marks, open, order, PAPER, place } from '../../../../libs/views/src/testing/account-lives.ts';
import { accountStream } from './handled-account.ts';
import { carriedOut } from './testing/agent-commands.ts';
import { AccountReader } from './reader.ts';

const OTHER = `agent_${'b'.repeat(32)}`;
const resting = (n: number, accountId = ACCOUNT) =>
  place(n, { accountId, orderType: 'limit', price: '40000', quantity: '0.01' });

describe('reading accounts and orders', () => {
  let events: EventStore;
  let views: ViewStore;
  let reader: AccountReader;
  let stop: AbortController;
  let running: Promise<unknown>;

  /** Carries commands out, one after the other; answers the position of the last. */
  async function did(...commands: readonly AccountCommand[]): Promise<bigint> {
    for (const command of commands) {
      await carriedOut(events, command);
    }
    return events.head();
  }

  /** Brings the views up to date, and leaves them there. */
  async function projected(): Promise<void> {
    for (const view of [accountsView, ordersView]) await buildView(view as View, events, views, { afresh: true });
  }

  /** Keeps the views up to date from now on. */
  function project(): void {
    running = Promise.all(
      [accountsView, ordersView].map((view) =>
        runProcessor(view as View, events, views, { signal: stop.signal, batchSize: 5 }),
      ),
    );
  }

  const idsOf = ({ orders }: { readonly orders: readonly { readonly orderId: string }[] }): string[] =>
    orders.map(({ orderId }) => orderId);

  beforeEach(async () => {
    events = createMemoryEventStore();
    views = createMemoryViewStore();
    reader = new AccountReader(events, views);
    stop = new AbortController();
    running = Promise.resolve();
    await did(open(), open({ accountId: OTHER }));
  });

  afterEach(async () => {
    stop.abort();
    await running;
  });

  it('sees an account with all that is durable, however far the views are', async () => {
    await did(place(1));
    expect(await reader.get(ACCOUNT)).toMatchObject({ holdings: [{ symbol: 'BTC', quantity: '0.5' }] });
    await projected();
    expect(await reader.get(ACCOUNT)).toMatchObject({ holdings: [{ symbol: 'BTC', quantity: '0.5' }] });
    await did(place(2), { type: 'PauseAccount', accountId: ACCOUNT, by: 'operator', reason: 'x', now: at(2) });
    expect(await reader.get(ACCOUNT)).toMatchObject({
      holdings: [{ symbol: 'BTC', quantity: '1' }],
      paused: { by: 'operator' },
    });
    expect(await reader.get(`agent_${'c'.repeat(32)}`)).toBeNull();
  });

  it('sees an order with all that is durable, and only in its own account', async () => {
    await did(resting(1), resting(2));
    expect(await reader.order(ACCOUNT, order(1))).toMatchObject({ status: 'open', price: '40000' });
    await projected();
    await did(resting(3), {
      type: 'ModifyOrder',
      accountId: ACCOUNT,
      orderId: order(1),
      price: '41000',
      terms: PAPER,
      marks: marks('50000'),
      now: at(2),
    });
    expect(await reader.order(ACCOUNT, order(1))).toMatchObject({ status: 'open', price: '41000' });
    expect(await reader.order(ACCOUNT, order(2))).toMatchObject({ status: 'open', price: '40000' });
    expect(await reader.order(ACCOUNT, order(3))).toMatchObject({ status: 'open', orderId: order(3) });
    expect(await reader.order(ACCOUNT, order(4))).toBeNull();
    expect(await reader.order(OTHER, order(1))).toBeNull();
  });

  it('sees several orders at once as one by one, in the order in which they are named', async () => {
    await did(resting(1), resting(2), resting(1, OTHER));
    await projected();
    const cancelled = { type: 'CancelOrder', accountId: ACCOUNT, by: 'agent', reason: null, now: at(2) } as const;
    await did({ ...cancelled, orderId: order(2) }, resting(3));
    const several = await reader.ordersNamed(ACCOUNT, [3, 4, 2, 1].map(order));
    expect(several.map(({ orderId, status }) => [orderId, status])).toEqual([
      [order(3), 'open'],
      [order(2), 'cancelled'],
      [order(1), 'open'],
    ]);
    for (const one of several) expect(one).toEqual(await reader.order(ACCOUNT, one.orderId));
    expect(await reader.ordersNamed(ACCOUNT, [])).toEqual([]);
  });

  it('sees several orders with all that is durable while the view has one of them farther than another', async () => {
    await did(resting(1), resting(2));
    await projected();
    const behind = [ACCOUNT, `${ACCOUNT}.${order(1)}`];
    const before = new Map(await Promise.all(behind.map(async (id) => [id, await views.get('orders', id)] as const)));
    const cancel = { type: 'CancelOrder', accountId: ACCOUNT, by: 'agent', reason: null, now: at(2) } as const;
    await did({ ...cancel, orderId: order(1) }, { ...cancel, orderId: order(2) });
    await projected();
    const get: ViewStore['get'] = async (view, id) => before.get(id) ?? views.get(view, id);
    const orders = await new AccountReader(events, { ...views, get }).ordersNamed(ACCOUNT, [order(1), order(2)]);
    expect(orders.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  });

  it('reads of a long stream only what is not folded yet, whenever the order was placed', async () => {
    await did(...Array.from({ length: 30 }, (_, n) => resting(n)));
    await projected();
    await did(resting(40));
    const watched = withFaults(events);
    const watching = new AccountReader(watched, views);
    const { length } = await events.readStream(accountStream(ACCOUNT));
    for (const n of [0, 29, 40, 99]) await watching.order(ACCOUNT, order(n));
    await watching.get(ACCOUNT);
    // An order that rests is two events.
    expect(watched.reads.map(({ from }) => length - from)).toEqual([2, 2, 2, 2, 2]);
  });

  it('lists orders newest first, a page at a time, by how they stand', async () => {
    await did(...[1, 2, 3, 4, 5].map((n) => resting(n)), place(6), resting(1, OTHER));
    await projected();
    const first = await reader.orders(ACCOUNT, { limit: 4 }, null);
    expect(idsOf(first)).toEqual([6, 5, 4, 3].map(order));
    const second = await reader.orders(ACCOUNT, { limit: 4, before: first.next! }, null);
    expect([idsOf(second), second.next]).toEqual([[2, 1].map(order), null]);
    const filled = await reader.orders(ACCOUNT, { limit: 10, status: 'filled' }, null);
    expect([idsOf(filled), filled.next, filled.stale]).toEqual([[order(6)], null, false]);
    expect(idsOf(await reader.orders(OTHER, { limit: 10 }, null))).toEqual([order(1)]);
    expect(idsOf(await reader.orders(`agent_${'c'.repeat(32)}`, { limit: 10 }, null))).toEqual([]);
  });

  it('waits with a list for what the account wrote on this process, and for the position that is named', async () => {
    await projected();
    project();
    for (let n = 1; n <= 10; n += 1) {
      reader.wrote(ACCOUNT, await did(resting(n)));
      const page = await reader.orders(ACCOUNT, { limit: 1 }, null);
      expect([idsOf(page), page.stale]).toEqual([[order(n)], false]);
    }
    const elsewhere = new AccountReader(events, views);
    const position = await did(resting(11));
    const page = await elsewhere.orders(ACCOUNT, { limit: 1 }, position);
    expect([idsOf(page), page.stale]).toEqual([[order(11)], false]);
    expect((await elsewhere.orders(ACCOUNT, { limit: 1 }, position + 1_000n)).stale).toBe(true);
    expect(await waitForPosition(views, accountsView.name, position, 5_000)).toBe(true);
  });

  it('says that a list is stale where the views do not come', async () => {
    await projected();
    reader.wrote(ACCOUNT, await did(resting(1)));
    const page = await reader.orders(ACCOUNT, { limit: 1 }, null);
    expect([idsOf(page), page.stale]).toEqual([[], true]);
    expect((await reader.orders(OTHER, { limit: 1 }, null)).stale).toBe(false);
  });

  it.each([
    ['are away', () => Promise.reject(new StoreUnavailable('away'))],
    ['do not answer', () => new Promise<never>(() => undefined)],
  ])('reads single ones from the events alone while the views %s', async (_how, get) => {
    await did(resting(1));
    await projected();
    const alone = new AccountReader(events, { ...views, get });
    expect(await alone.get(ACCOUNT)).toEqual(await reader.get(ACCOUNT));
    expect(await alone.order(ACCOUNT, order(1))).toEqual(await reader.order(ACCOUNT, order(1)));
  });
});
