import { beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT_SCHEMA_VERSION, type AccountCommand, type Marks } from '#libs/account';
import { createHandle, type EventStore, newId, type ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { ACCOUNT, at, marks, open, place, PAPER } from '../../../libs/views/src/testing/account-lives.ts';
import { handledAccount } from '../../server/src/accounts/handled-account.ts';
import { equityOf, showAccount } from './account.ts';
import { accountJson, describeAccount } from './agent-commands.ts';

const REAL = { ...PAPER, simulated: false };

describe('an account on the command line', () => {
  let events: EventStore;
  let views: ViewStore;

  async function did(command: AccountCommand): Promise<void> {
    const outcome = await createHandle(handledAccount, events)(command, {
      commandId: newId(Date.now()),
      requestId: 'r',
      dialect: 'nextexchange',
      actor: 'agent',
      keyId: null,
      receivedAt: command.now,
      schemaVersion: ACCOUNT_SCHEMA_VERSION,
    });
    if (!outcome.done) throw new Error(outcome.refusal.message);
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

  it('is not simulated where no price of it was', async () => {
    events = createMemoryEventStore();
    await did(open());
    await did(place(1, { terms: REAL }));
    expect(accountJson(await show({ BTC: { ...marks('1')['BTC']!, source: 'ccxt:binance' } }))).not.toHaveProperty(
      'simulated',
    );
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
