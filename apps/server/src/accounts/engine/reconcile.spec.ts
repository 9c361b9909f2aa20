import { describe, expect, it } from '@jest/globals';
import { type Broker, BrokerUnavailable, type Found, type Trade, type VenueOrder } from '#libs/market';
import type { LiveOrder } from './live-order.ts';
import { lateFills, reconcile, type Reconciled } from './reconcile.ts';

const ORDER: LiveOrder = {
  accountId: 'agent_1',
  orderId: 'f'.repeat(32),
  broker: 'ccxt:binance',
  symbol: 'BTC',
  pair: 'BTC/USDT',
  side: 'buy',
  orderType: 'limit',
  quantity: '2',
  price: '100',
  sellsAll: false,
  placedAt: 1_000,
  sendBy: 11_000,
  sent: true,
  accepted: false,
  unresolved: false,
  venueOrderId: null,
  cancel: null,
  filled: '0',
  booked: new Set(),
  isOver: false,
  endedUnseen: false,
  revision: 3,
};
/** After it the request can't be accepted: the last moment to send it, the window of 5 s, and the margin of 5 s. */
const DEAD = 21_000;
const RESTING: LiveOrder = { ...ORDER, accepted: true, venueOrderId: 'v' };
const trade = (tradeId: string, quantity: string): Trade => ({
  tradeId,
  venueOrderId: 'v',
  side: 'buy',
  quantity,
  price: '99',
  fee: '0.1',
  feeCurrency: 'USDT',
  at: 5_000,
});
const told = (more: Partial<VenueOrder>): Found => ({
  outcome: 'found',
  order: { venueOrderId: 'v', clientOrderId: ORDER.orderId, side: 'buy', status: 'open', filled: '0', ...more },
});
const MISSING: Found = { outcome: 'missing', unexplained: null };
const SILENT: Found = { outcome: 'unknown', reason: 'down' };

/** A venue that tells this. */
function venue(found: Found, trades: readonly Trade[] | Error = [], fenceMs: number | null = 5_000): Broker {
  const unasked = (): never => {
    throw new Error('it is not to be asked this');
  };
  return {
    name: 'ccxt:binance',
    fenceMs,
    rules: unasked,
    place: unasked,
    cancel: unasked,
    openOrders: unasked,
    find: async () => found,
    trades: async () => {
      if (trades instanceof Error) throw trades;
      return trades;
    },
    close: async () => undefined,
  };
}

/** Looks as often as there are answers, `apart` ms after each other. */
async function looks(
  order: LiveOrder,
  answers: readonly Broker[],
  { from = 2_000, apart = 10_000 } = {},
): Promise<Reconciled> {
  let last: Reconciled | null = null;
  for (const [n, broker] of answers.entries())
    last = await reconcile(broker, order, last?.looks ?? [], () => from + n * apart);
  return last!;
}
const types = ({ reports }: Reconciled): readonly string[] => reports.map(({ type }) => type);

describe('an order that the venue tells', () => {
  it('rests: it is accepted once, and left to the poll', async () => {
    const first = await looks(ORDER, [venue(told({}))]);
    expect(first).toMatchObject({ stands: 'resting', looks: [] });
    expect(first.reports).toEqual([{ type: 'ReportAccepted', venueOrderId: 'v' }]);
    expect((await looks(RESTING, [venue(told({}))])).reports).toEqual([]);
    expect(types(await looks({ ...RESTING, unresolved: true }, [venue(told({}))]))).toEqual(['ReportAccepted']);
  });

  it('is filled by its trades, those that are booked left out', async () => {
    const booked = { ...RESTING, filled: '0.5', booked: new Set(['a']) };
    const looked = await looks(booked, [venue(told({ filled: '1.5' }), [trade('a', '0.5'), trade('b', '1')])]);
    expect(looked.reports).toEqual([
      {
        type: 'ReportFill',
        tradeId: 'b',
        quantity: '1',
        price: '99',
        fee: '0.1',
        feeCurrency: 'USDT',
        at: '1970-01-01T00:00:05.000Z',
      },
    ]);
    expect(looked.stands).toBe('resting');
  });

  it.each<[string, Partial<VenueOrder>, readonly Trade[], readonly string[]]>([
    ['all of it', { status: 'closed', filled: '2' }, [trade('a', '2')], ['ReportFill']],
    ['more than all of it', { status: 'closed', filled: '3' }, [trade('a', '3')], ['ReportFill']],
    ['a part, and it is over', { status: 'closed', filled: '1' }, [trade('a', '1')], ['ReportFill', 'ReportCancelled']],
    [
      'a part, and it is cancelled',
      { status: 'cancelled', filled: '1' },
      [trade('a', '1')],
      ['ReportFill', 'ReportCancelled'],
    ],
    ['nothing, and it is cancelled', { status: 'cancelled' }, [], ['ReportCancelled']],
    ['nothing, and it is rejected', { status: 'rejected' }, [], ['ReportRejected']],
    [
      'a part, and it is rejected',
      { status: 'rejected', filled: '1' },
      [trade('a', '1')],
      ['ReportFill', 'ReportCancelled'],
    ],
  ])('is over with %s', async (_what, order, trades, expected) => {
    const looked = await looks(RESTING, [venue(told(order), trades)]);
    expect(types(looked)).toEqual(expected);
    expect(looked.stands).toBe('over');
  });

  it('does not end before its trades are told', async () => {
    const lagging = venue(told({ status: 'cancelled', filled: '1' }), [trade('a', '0.4')]);
    const looked = await looks(RESTING, [lagging]);
    expect(types(looked)).toEqual(['ReportFill']);
    expect(looked).toMatchObject({ stands: 'open', reason: expect.stringContaining('1 is filled') });
    expect(looked.again).toBeGreaterThan(2_000);
  });

  it('is looked at twice where a venue says only that it is over', async () => {
    const over = venue(told({ status: 'closed', filled: null }));
    expect((await looks(RESTING, [over])).stands).toBe('open');
    expect(types(await looks(RESTING, [over, over]))).toEqual(['ReportCancelled']);
  });

  it('keeps what is known where its trades can not be read', async () => {
    const looked = await looks(ORDER, [venue(told({ filled: '1' }), new BrokerUnavailable('busy', 60_000))]);
    expect(types(looked)).toEqual(['ReportAccepted']);
    expect(looked).toMatchObject({ stands: 'open', reason: 'busy', again: 62_000 });
  });

  it('is cancelled for whom it was wanted', async () => {
    const cancel = { by: 'breaker', reason: 'daily loss' } as const;
    const looked = await looks({ ...RESTING, cancel }, [venue(told({ status: 'cancelled' }))]);
    expect(looked.reports).toEqual([{ type: 'ReportCancelled', ...cancel }]);
  });
});

describe('an order that the venue had and tells no more', () => {
  it('was filled, if its trades say so', async () => {
    expect(types(await looks(RESTING, [venue(MISSING, [trade('a', '2')])]))).toEqual(['ReportFill']);
  });

  it('was cancelled, if its trades say nothing twice', async () => {
    const gone = venue(MISSING, [trade('a', '1')]);
    expect(await looks(RESTING, [gone])).toMatchObject({ stands: 'open', again: 12_000 });
    expect(types(await looks(RESTING, [gone, gone], { apart: 9_999 }))).toEqual(['ReportFill']);
    const over = await looks(RESTING, [gone, gone]);
    expect(types(over)).toEqual(['ReportFill', 'ReportCancelled']);
    expect(over.reports.at(-1)).toMatchObject({ by: 'venue', reason: 'the venue no longer has it' });
  });

  it('is left as it is while the venue is silent, or its id is not known', async () => {
    for (const order of [RESTING, { ...RESTING, venueOrderId: null }]) {
      const found = order.venueOrderId === null ? MISSING : SILENT;
      expect(
        await looks(
          order,
          Array.from({ length: 20 }, () => venue(found)),
        ),
      ).toMatchObject({
        stands: 'open',
        reports: [],
      });
    }
  });
});

describe('an order of which no answer came', () => {
  it('is doubted at the second look, and over when it can no longer arrive', async () => {
    const empty = venue(MISSING);
    expect(await looks(ORDER, [empty])).toMatchObject({ stands: 'open', reports: [], again: 4_000 });
    expect(types(await looks(ORDER, [empty, empty], { apart: 2_000 }))).toEqual(['ReportUnresolved']);
    expect(types(await looks({ ...ORDER, unresolved: true }, [empty, empty]))).toEqual([]);
    const after = await looks(ORDER, [empty, empty], { from: DEAD, apart: 5_000 });
    expect(after.reports).toEqual([{ type: 'ReportRejected', code: 'never_placed', reason: expect.any(String) }]);
    expect(types(await looks(ORDER, [empty, empty], { from: DEAD - 1, apart: 5_000 }))).toEqual(['ReportUnresolved']);
  });

  it('stays in doubt for good where the venue promises no end, or may have it', async () => {
    const many = (broker: Broker): Promise<Reconciled> =>
      looks(
        { ...ORDER, unresolved: true },
        Array.from({ length: 50 }, () => broker),
        { apart: 60_000 },
      );
    for (const broker of [
      venue(MISSING, [], null),
      venue({ outcome: 'missing', unexplained: 'trade 7' }),
      venue(SILENT),
    ]) {
      const looked = await many(broker);
      expect(looked).toMatchObject({ stands: 'open', reports: [] });
      expect(looked.looks.length).toBeLessThan(10);
    }
  });

  it('is found after all', async () => {
    const looked = await looks({ ...ORDER, unresolved: true }, [venue(MISSING), venue(told({}))]);
    expect(looked).toMatchObject({ stands: 'resting', reports: [{ type: 'ReportAccepted' }] });
  });
});

describe('pieces that the operator booked', () => {
  const trades = [trade('a', '0.4'), trade('b', '1'), trade('c', '0.25')];
  const operator = { ...RESTING, filled: '0.5', booked: new Set(['operator-1']) };
  const fills = ({ reports }: Reconciled) =>
    reports.map((report) => (report.type === 'ReportFill' ? [report.tradeId, report.quantity, report.fee] : report));

  it('are not booked again: the oldest trades are theirs', async () => {
    const looked = await looks(operator, [venue(told({ filled: '1.65' }), trades)]);
    expect(looked.stands).toBe('resting');
    expect(fills(looked)).toEqual([
      ['b', '0.9', '0.09'],
      ['c', '0.25', '0.1'],
    ]);
    expect(await lateFills(venue(MISSING, trades), { ...operator, isOver: true })).toEqual(looked.reports);
  });

  it('are taken off once', async () => {
    const after = { ...operator, filled: '1.4', booked: new Set(['operator-1', 'b']) };
    expect(fills(await looks(after, [venue(told({ filled: '1.65' }), trades)]))).toEqual([['c', '0.25', '0.1']]);
    const before = { ...operator, filled: '0.9', booked: new Set(['a', 'operator-1']) };
    expect(fills(await looks(before, [venue(told({ filled: '1.65' }), trades)]))).toEqual([
      ['b', '0.5', '0.05'],
      ['c', '0.25', '0.1'],
    ]);
  });

  it('may be more than the venue tells', async () => {
    const looked = await looks({ ...operator, filled: '1.9' }, [
      venue(told({ status: 'closed', filled: '1.65' }), trades),
    ]);
    expect(looked).toMatchObject({ stands: 'over', reports: [{ type: 'ReportCancelled' }] });
  });
});

it('trades that are told after the end are booked', async () => {
  const over = { ...RESTING, isOver: true, booked: new Set(['a']) };
  const late = await lateFills(venue(MISSING, [trade('a', '1'), trade('b', '1')]), over);
  expect(late).toMatchObject([{ type: 'ReportFill', tradeId: 'b' }]);
  expect(await lateFills(venue(MISSING), { ...over, venueOrderId: null })).toEqual([]);
});
