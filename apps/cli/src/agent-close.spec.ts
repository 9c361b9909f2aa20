import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AccountCommand, type Marks } from '#libs/account';
import { type EventStore, type ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { ACCOUNT, marks, open, order, PAPER, place, VENUE } from '../../../libs/views/src/testing/account-lives.ts';
import { accountStream } from '../../server/src/accounts/handled-account.ts';
import { carriedOut } from '../../server/src/accounts/testing/agent-commands.ts';
import { AccountReader } from '../../server/src/accounts/reader.ts';
import type { TradeTerms } from '../../server/src/accounts/terms.ts';
import { closeAll, writeOff } from './agent-close.ts';

const PAPER_ONLY: TradeTerms = {
  liveBroker: 'paper',
  exchange: null,
  balance: '100000',
  feeRate: '0',
  slippage: '0',
  simulatedPrices: true,
};
const refused = (code: string) => ({ name: 'CommandError', code });

describe('what the operator sells of an agent', () => {
  let events: EventStore;
  let views: ViewStore;
  /** The prices that are known. */
  let known: Marks;

  async function did(...commands: readonly AccountCommand[]): Promise<void> {
    for (const command of commands) {
      await carriedOut(events, command);
    }
  }
  const account = async () => (await new AccountReader(events, views).get(ACCOUNT))!;
  const quotes = {
    coin: (symbol: string) => ({ id: symbol.toLowerCase(), symbol, name: symbol, pair: `${symbol}/USDT` }),
    marks: async (symbols: Iterable<string>) =>
      Object.fromEntries([...symbols].flatMap((symbol) => (symbol in known ? [[symbol, known[symbol]!]] : []))),
  };
  const close = (trade: Partial<TradeTerms> = {}, more: object = {}) =>
    closeAll(events, views, {
      agent: ACCOUNT,
      reason: 'margin',
      quotes,
      trade: { ...PAPER_ONLY, ...trade },
      ...more,
    });
  const types = async (from: number) =>
    (await events.readStream(accountStream(ACCOUNT))).slice(from).map(({ type }) => type);

  beforeEach(async () => {
    events = createMemoryEventStore();
    views = createMemoryViewStore();
    known = marks('50000');
  });

  it('is all of it, and its open orders are cancelled, in the name of the operator', async () => {
    const resting = place(2, { orderType: 'limit', price: '40000' });
    await did(open(), place(1), resting, place(3, { symbol: 'ETH', terms: { ...PAPER, pair: 'ETH/USDT' } }));
    const before = (await events.readStream(accountStream(ACCOUNT))).length;
    const { orders, ...agent } = await close();
    expect(agent).toEqual({ id: ACCOUNT, status: 'active' });
    expect(orders).toEqual([
      { orderId: expect.any(String), symbol: 'BTC', quantity: '0.5', status: 'filled' },
      { orderId: expect.any(String), symbol: 'ETH', quantity: '0.5', status: 'filled' },
    ]);
    const sale = ['OrderPlaced', 'OrderAccepted', 'OrderFilled'];
    expect(await types(before)).toEqual(['OrderCancelled', ...sale, ...sale]);
    expect(await account()).toMatchObject({ holdings: [], openOrders: 0 });
    const written = await events.readStream(accountStream(ACCOUNT));
    expect(written[before]).toMatchObject({
      data: { by: 'operator', reason: 'margin' },
      metadata: { actor: 'operator' },
    });
    expect(written[before + 1]).toMatchObject({ data: { by: 'operator', reason: 'margin', side: 'sell' } });
  });

  it('is nothing where a holding has no price', async () => {
    await did(open(), place(1), place(2, { orderType: 'limit', price: '40000' }));
    const head = await events.head();
    known = {};
    await expect(close()).rejects.toMatchObject({ ...refused('quote_unavailable'), message: /BTC/ });
    expect(await events.head()).toBe(head);
  });

  it('goes to the venue that has it, by whoever holds the broker', async () => {
    const fill = { type: 'ReportFill', accountId: ACCOUNT, now: open().now, orderId: order(1) } as const;
    const live = { mode: 'live', dailyLossLimit: '50000', maxPositionSize: '90000', sealedSecret: 's' } as const;
    known = { BTC: { ...known['BTC']!, source: 'ccxt:binance' } };
    await did(
      open(live),
      { type: 'ApproveAccount', accountId: ACCOUNT, now: open().now },
      place(1, { terms: VENUE, marks: known }),
      { ...fill, tradeId: '1', quantity: '0.5', price: '50000', fee: '0', feeCurrency: 'USDT', at: open().now },
    );
    await expect(close({ liveBroker: 'none' })).rejects.toMatchObject(refused('broker_unavailable'));
    await expect(close()).rejects.toMatchObject(refused('other_broker'));
    const live2 = { liveBroker: 'ccxt', exchange: 'binance', simulatedPrices: false } as const;
    const { orders } = await close(live2);
    expect(orders).toEqual([{ orderId: expect.any(String), symbol: 'BTC', quantity: '0.5', status: 'open' }]);
    expect(await types(-1)).toEqual(['OrderPlaced']);
    // What sells is under way: nothing is sold twice.
    expect((await close(live2)).orders).toEqual([]);
    known = marks('50000');
    await expect(close(live2)).rejects.toMatchObject({ ...refused('quote_unavailable'), message: /simulated/i });
  });

  it('takes no agent that is not there, and a reason', async () => {
    await expect(close()).rejects.toMatchObject(refused('account_not_found'));
    await did(open());
    await expect(close({}, { reason: ' ' })).rejects.toMatchObject(refused('reason_missing'));
    expect(await close()).toEqual({ id: ACCOUNT, status: 'active', orders: [] });
  });

  it('leaves what can not be sold, which is written off', async () => {
    await did(open(), place(1));
    await expect(writeOff(events, { agent: ACCOUNT, symbol: 'DOGE', reason: 'gone' })).rejects.toMatchObject({
      ...refused('holding_not_found'),
      field: 'symbol',
    });
    const { realized } = await account();
    expect(await writeOff(events, { agent: ACCOUNT, symbol: 'btc', reason: 'gone' })).toEqual({
      id: ACCOUNT,
      symbol: 'BTC',
      quantity: '0.5',
      cost: '25012.5',
    });
    expect(realized).toBe('0');
    expect(await account()).toMatchObject({ holdings: [], realized: '-25012.5' });
  });
});
