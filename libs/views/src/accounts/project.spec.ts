import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compare, type ExistingAccount, multiply, subtract, sum } from '#libs/account';
import { foldDocument, type RecordedEvent } from '#libs/sourcing';
import { lives } from '../testing/account-arbitrary.ts';
import { ACCOUNT, at, lived, livedAll, marks, open, order, place, VENUE } from '../testing/account-lives.ts';
import { type AccountDocument, EQUITY_POINTS } from './document.ts';
import { project } from './project.ts';
import { accountsView } from './view.ts';

const folded = (events: readonly RecordedEvent[]): AccountDocument => foldDocument(accountsView, null, events)!;
const base = { accountId: ACCOUNT };

describe('the document of an account', () => {
  it('tells what it was opened with', () => {
    const { events } = livedAll(
      open({ mode: 'live', dailyLossLimit: '500', maxPositionSize: '9000', sealedSecret: 's' }),
    );
    expect(folded(events)).toStrictEqual({
      id: ACCOUNT,
      accountId: ACCOUNT,
      name: 'Alpha',
      mode: 'live',
      status: 'pending',
      permissions: ['read:market', 'write:orders'],
      balance: '100000',
      dailyLossLimit: '500',
      maxPositionSize: '9000',
      keyHash: 'b'.repeat(64),
      sealedSecret: 's',
      paused: null,
      closed: null,
      cash: '100000',
      reservedCash: '0',
      holdings: [],
      realized: '0',
      fees: '0',
      openOrders: 0,
      simulated: false,
      day: null,
      breaker: null,
      equity: [],
      revision: 0,
      created: '9007199254740993',
      createdAt: at(1),
      updatedAt: at(1),
    });
  });

  it('tells what it holds, what is kept back and what came of it', () => {
    const { events } = livedAll(
      open(),
      place(1),
      place(2, { symbol: 'ETH', quantity: '2' }),
      place(3, { side: 'sell', quantity: '0.2', marks: marks('60000') }),
      place(4, { side: 'sell', quantity: '0.1', orderType: 'limit', price: '70000' }),
      place(5, { orderType: 'limit', quantity: '0.1', price: '40000' }),
    );
    expect(folded(events)).toMatchObject({
      // 100000 − 0.5 × 50025 × 1.001 − 2 × 2001 × 1.001 + 0.2 × 59970 × 0.999
      cash: '82938.4915',
      reservedCash: '4004',
      holdings: [
        { symbol: 'BTC', quantity: '0.3', cost: '15007.5', reserved: '0.1' },
        { symbol: 'ETH', quantity: '2', cost: '4002', reserved: '0' },
      ],
      realized: '1989',
      fees: '41.0085',
      openOrders: 2,
      simulated: true,
      updatedAt: at(1, 5),
    });
  });

  it('lists no holding that is none, and knows no simulated price where there was none', () => {
    const { events } = livedAll(
      open(),
      place(1, { terms: VENUE }),
      { ...base, type: 'SendOrder', orderId: order(1), now: at(2) },
      fill(1, 't1', '0.5'),
      place(2, { terms: VENUE, side: 'sell', marks: { BTC: { ...marks('50000')['BTC']!, source: 'ccxt:binance' } } }),
      { ...base, type: 'SendOrder', orderId: order(2), now: at(2) },
      fill(2, 't2', '0.5'),
    );
    expect(folded(events)).toMatchObject({ holdings: [], reservedCash: '0', openOrders: 0, simulated: false });
    expect(accountsView.fields(folded(events))).toMatchObject({ active: null });
    expect(accountsView.fields(folded(events.slice(0, 3)))).toMatchObject({ active: 9_007_199_254_740_993n });
  });

  it('tells who paused it and why, its approval and its end', () => {
    const opened = open({ mode: 'live', dailyLossLimit: '500', maxPositionSize: '9000' });
    const stages = [
      { ...base, type: 'ApproveAccount', now: at(2) },
      { ...base, type: 'PauseAccount', by: 'agent', reason: 'lunch', now: at(3) },
      { ...base, type: 'PauseAccount', by: 'operator', reason: 'audit', now: at(4) },
      { ...base, type: 'ResumeAccount', by: 'operator', reason: 'fine', now: at(5) },
      { ...base, type: 'ChangePermissions', permissions: ['read:market'], now: at(6) },
      { ...base, type: 'CloseAccount', reason: 'asked for', now: at(7) },
    ] as const;
    const after = (n: number): AccountDocument => folded(livedAll(opened, ...stages.slice(0, n)).events);
    expect(after(1)).toMatchObject({ status: 'active', paused: null });
    expect(after(2).paused).toEqual({ by: 'agent', reason: 'lunch', at: at(3) });
    expect(after(3).paused).toEqual({ by: 'operator', reason: 'audit', at: at(4) });
    expect(after(4)).toMatchObject({ paused: null, permissions: opened.permissions, closed: null });
    expect(after(5).permissions).toEqual(['read:market']);
    expect(after(6)).toMatchObject({ status: 'closed', closed: { reason: 'asked for', at: at(7) } });
  });

  it('tells the trip in force with its figures, until it is reset or a day begins', () => {
    const trip = [
      open({ dailyLossLimit: '500' }),
      place(1),
      { ...base, type: 'JudgeAccount', marks: marks('48000'), now: at(1, 50) },
    ] as const;
    const reset = { ...base, type: 'ResetBreaker', reason: 'seen', marks: marks('47000'), now: at(1, 51) } as const;
    const nextDay = { ...base, type: 'JudgeAccount', marks: marks('47000'), now: at(2) } as const;
    const tripped = folded(livedAll(...trip).events);
    expect(tripped.breaker).toEqual({
      breaker: 'daily_loss',
      day: '2026-04-01',
      baseline: '100000',
      equity: '98962.4875',
      loss: '1037.5125',
      limit: '500',
      at: at(1, 50),
    });
    expect(tripped.day).toEqual({ day: '2026-04-01', baseline: '100000', tripped: true });
    expect(folded(livedAll(...trip, reset).events)).toMatchObject({
      breaker: null,
      day: { day: '2026-04-01', baseline: '98462.4875', tripped: false },
    });
    expect(folded(livedAll(...trip, nextDay).events)).toMatchObject({
      breaker: null,
      day: { day: '2026-04-02', baseline: '98462.4875', tripped: false },
    });
    expect(folded(livedAll(...trip, reset, nextDay).events).equity).toEqual([
      { at: at(1, 1), equity: '100000', why: 'day' },
      { at: at(1, 50), equity: '98962.4875', why: 'trip' },
      { at: at(1, 51), equity: '98462.4875', why: 'reset' },
      { at: at(2), equity: '98462.4875', why: 'day' },
    ]);
  });

  it('keeps the last points of its equity', () => {
    const days = Array.from({ length: EQUITY_POINTS + 5 }, (_, day) => ({
      ...base,
      type: 'JudgeAccount' as const,
      marks: {},
      now: at(day + 1),
    }));
    const { equity } = folded(livedAll(open(), ...days).events);
    expect(equity).toHaveLength(EQUITY_POINTS);
    expect([equity[0]!.at, equity.at(-1)!.at]).toEqual([at(6), at(EQUITY_POINTS + 5)]);
  });

  it('refuses what can not follow', () => {
    const { events } = livedAll(open(), place(1));
    expect(() => project(null, events[1]!)).toThrow('begins with OrderPlaced');
    expect(() => project(folded(events), events[0]!)).toThrow('opened twice');
    expect(() => project(folded(events), { ...events[1]!, type: 'OrderInvented' })).toThrow('OrderInvented');
  });

  it('stands as the account itself does, whatever happened, and keeps all money', () => {
    fc.assert(
      fc.property(lives, (commands) => {
        const { state, events } = lived(...commands);
        const account = state as ExistingAccount;
        const document = folded(events);
        const holdings = [...account.holdings].map(([symbol, { quantity, cost, reserved }]) => ({
          symbol,
          quantity,
          cost,
          reserved,
        }));
        expect(document).toMatchObject({
          status: account.status,
          permissions: account.permissions,
          cash: account.cash,
          reservedCash: account.reservedCash,
          holdings: holdings.toSorted((left, right) => (left.symbol < right.symbol ? -1 : 1)),
          realized: account.realized,
          fees: account.fees,
          openOrders: account.open.size,
          day: account.day,
        });
        expect(document.paused === null).toBe(account.paused === null);
        expect(document.breaker !== null).toBe(account.day?.tripped === true);
        const money = sum(document.cash, ...document.holdings.map(({ cost }) => cost));
        const put = subtract(sum(document.balance, document.realized), document.fees);
        expect(compare(money, put)).toBe(0);
        expect(JSON.parse(JSON.stringify(document))).toStrictEqual(document);
      }),
      { numRuns: 300 },
    );
  });
});

function fill(n: number, tradeId: string, quantity: string) {
  const told = { quantity, price: '50000', fee: multiply(quantity, '5'), feeCurrency: 'USDT', at: at(2) };
  return { ...base, ...told, type: 'ReportFill', orderId: order(n), tradeId, now: at(2) } as const;
}
