import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AccountCommand, type Marks } from '#libs/account';
import { buildView, type EventStore, type View, type ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { ordersView } from '#libs/views';
import { ACCOUNT, at, marks, open, order, place, PAPER } from '../../../libs/views/src/testing/account-lives.ts';
import { carriedOut } from '../../server/src/accounts/testing/agent-commands.ts';
import { renderOrder } from '../../server/src/dialects/nextexchange/order-view.ts';
import { accountJson, describeAccount, describeOrders } from './account-commands.ts';
import { accountOrders, equityOf, showAccount } from './account.ts';

const REAL = { ...PAPER, simulated: false };

describe('an account on the command line', () => {
  let events: EventStore;
  let views: ViewStore;

  async function did(command: AccountCommand): Promise<void> {
    await carriedOut(events, command);
  }

  const show = (known: Marks = {}, asOf: string | null = null, agent = ACCOUNT) =>
    showAccount(events, views, { agent, asOf, marksOf: async () => known });

  beforeEach(async () => {
    events = createMemoryEventStore();
    views = createMemoryViewStore();
    await did(open());
    await did(place(1));
    await did(place(2, { now: at(2), symbol: 'ETH', quantity: '2', terms: { ...PAPER, pair: 'ETH/USDT' } }));
    await did(place(3, { now: at(3), side: 'sell', quantity: '0.2', marks: marks('60000') }));
    await did(place(4, { now: at(4), side: 'sell', quantity: '0.1', orderType: 'limit', price: '70000' }));
  });

  it('is told as its agent would be', async () => {
    const shown = await show(marks('60000', '2100'));
    expect(accountJson(shown)).toEqual({
      totalValue: 105_138.4915,
      cash: 82_938.4915,
      freeCash: 82_938.4915,
      positions: [
        {
          symbol: 'BTC',
          quantity: 0.3,
          free: 0.2,
          averageCost: 50_025,
          price: 60_000,
          value: 18_000,
          unrealizedPnl: 2_992.5,
        },
        { symbol: 'ETH', quantity: 2, free: 2, averageCost: 2_001, price: 2_100, value: 4_200, unrealizedPnl: 198 },
      ],
      realizedPnl: 1_989,
      fees: 41.0085,
      simulated: true,
    });
    expect(describeAccount(shown)).toContain('total:    105138.4915 USD, on simulated prices\n');
  });

  it('says where there is no price, and counts what it cost', async () => {
    const shown = await show({ ETH: marks('1')['ETH']! });
    expect(shown.portfolio.positions[0]).toMatchObject({ symbol: 'BTC', price: null, value: null });
    expect(shown.portfolio.totalValue).toBe('101945.9915');
    expect(describeAccount(shown)).toContain('no price: BTC, counted at cost');
  });

  it('is told as it was, at the prices that its own history tells by then', async () => {
    const then = await show(marks('1', '1'), at(2, 1));
    expect(accountJson(then)).toMatchObject({
      cash: 70_956.4855,
      positions: [
        { symbol: 'BTC', quantity: 0.5, price: 50_025 },
        { symbol: 'ETH', quantity: 2, price: 2_001 },
      ],
      realizedPnl: 0,
      asOf: at(2, 1),
    });
    expect(accountJson(await show({}, at(3)))).toMatchObject({
      positions: [
        { symbol: 'BTC', quantity: 0.3, price: 59_970 },
        { symbol: 'ETH', quantity: 2 },
      ],
    });
    expect(accountJson(await show({}, at(1)))).toMatchObject({ cash: 100_000, positions: [], asOf: at(1) });
    expect(accountJson(await show({}, String(Date.parse(at(9)))))).toMatchObject({ asOf: at(9), realizedPnl: 1_989 });
  });

  it('is told over time, from day to day', async () => {
    await did({ type: 'JudgeAccount', accountId: ACCOUNT, now: at(4, 1), marks: marks('60000', '2100') });
    const told = await equityOf(events, views, ACCOUNT);
    expect(told).toEqual({
      id: ACCOUNT,
      simulated: true,
      equity: [{ at: at(4, 1), equity: '105138.4915', why: 'day' }],
    });
    await expect(equityOf(events, views, 'agent_x')).rejects.toMatchObject({ code: 'account_not_found' });
  });

  it('says why it opens nothing: its breaker, as long as that day is running, and its pause', async () => {
    events = createMemoryEventStore();
    await did(open({ dailyLossLimit: '500' }));
    await did(place(1));
    await did({ type: 'JudgeAccount', accountId: ACCOUNT, now: at(1, 7), marks: marks('48000') });
    await did({ type: 'PauseAccount', accountId: ACCOUNT, now: at(1, 8), by: 'operator', reason: 'a\u202elook' });
    expect(describeAccount(await show({}, at(1, 6)))).not.toMatch(/breaker|paused/);
    const told = describeAccount(await show({}, at(1, 9))).split('\n');
    expect(told.slice(4, 6)).toEqual([
      `breaker:  tripped since ${at(1, 7)}: 1037.5125 USD lost of 500, from 100000 to 98962.4875`,
      `paused:   by the operator since ${at(1, 8)}: a\\u202elook`,
    ]);
    expect(describeAccount(await show({}, at(2)))).not.toContain('breaker');
    expect(describeAccount(await show())).toContain('paused:   by the operator');
    await did({ type: 'ResumeAccount', accountId: ACCOUNT, now: at(2, 1), by: 'operator', reason: 'seen' });
    expect(describeAccount(await show())).not.toContain('paused');
  });

  it('is not simulated where no price of it was', async () => {
    events = createMemoryEventStore();
    await did(open());
    await did(place(1, { terms: REAL }));
    expect(accountJson(await show({ BTC: { ...marks('1')['BTC']!, source: 'ccxt:binance' } }))).not.toHaveProperty(
      'simulated',
    );
  });

  describe('and its orders', () => {
    const build = (): Promise<unknown> => buildView(ordersView as unknown as View, events, views, { afresh: true });
    const orders = async (status: 'filled' | 'open' | 'cancelled' | null = null, limit = 50) =>
      (await accountOrders(events, views, { agent: ACCOUNT, status, limit })).map(({ orderId }) => orderId);
    const newest = [4, 3, 2, 1].map(order);

    it('are told newest first, as many as are wanted, whatever the view lacks', async () => {
      expect(await orders()).toEqual(newest);
      await build();
      expect(await orders()).toEqual(newest);
      expect(await orders(null, 2)).toEqual(newest.slice(0, 2));
      await did(place(5, { now: at(5), orderType: 'limit', price: '1000', quantity: '0.1' }));
      expect(await orders()).toEqual([order(5), ...newest]);
      expect(await orders('open')).toEqual([order(5), order(4)]);
      await build();
      await did({ type: 'CancelOrder', accountId: ACCOUNT, now: at(6), orderId: order(5), by: 'agent', reason: null });
      expect(await orders('cancelled', 1)).toEqual([order(5)]);
      // The view's newest open one is open no more.
      expect(await orders('open', 1)).toEqual([order(4)]);
    });

    it('are told as its agent is shown them, and as a table', async () => {
      const [, sold] = await accountOrders(events, views, { agent: ACCOUNT, status: null, limit: 2 });
      expect(renderOrder(sold!)).toMatchObject({ orderId: order(3), quantity: 0.2, price: null, status: 'filled' });
      const lines = describeOrders([sold!]).split('\n');
      expect(lines[1]!.split(/ {2,}/)).toEqual([order(3), at(3), 'BTC', 'sell', 'market', '0.2', '0.2', '-', 'filled']);
      await expect(accountOrders(events, views, { agent: 'agent_x', status: null, limit: 1 })).rejects.toMatchObject({
        name: 'CommandError',
        code: 'account_not_found',
        field: 'id',
      });
    });

    it('of a view of other events are not taken for theirs', async () => {
      await build();
      events = createMemoryEventStore();
      await did(open());
      await did(place(9));
      expect(await orders()).toEqual([order(9)]);
    });
  });

  it.each([
    ['agent_x', null, 'account_not_found', 'id'],
    [ACCOUNT, '2026-03-01', 'account_not_found', 'id'],
    [ACCOUNT, 'noon', 'as_of_invalid', 'as_of'],
    [ACCOUNT, '2026-02-30', 'as_of_invalid', 'as_of'],
    [ACCOUNT, '', 'as_of_invalid', 'as_of'],
  ])('refuses %p as of %p', async (agent, asOf, code, field) => {
    await expect(show({}, asOf, agent)).rejects.toMatchObject({ name: 'CommandError', code, field });
  });
});
