import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { accountDecider, findOrder } from './index.ts';
import {
  AT_VENUE,
  cancel,
  close,
  closeAll,
  judge,
  limit,
  MARKS,
  marks,
  modify,
  onPaper,
  open,
  orderId,
  pause,
  place,
  reportAccepted,
  reportCancelled,
  reportFill,
  reportUnresolved,
  send,
  TOMORROW,
} from './testing/commands.ts';
import { accountAfter, history } from './testing/history.ts';

const { decide } = accountDecider;
const requested = {
  type: 'OrderCancelRequested',
  data: { orderId: orderId(1), by: 'agent', reason: null },
} as const;

describe('cancelling an order', () => {
  it('on paper ends it at once and sets free what it kept back', () => {
    given(accountDecider, history(open(), limit('90')))
      .when(cancel({ by: 'operator', reason: 'no' }))
      .then({
        type: 'OrderCancelled',
        data: {
          orderId: orderId(1),
          symbol: 'BTC',
          side: 'buy',
          released: '90.09',
          by: 'operator',
          reason: 'no',
        },
      });
    expect(accountAfter(open(), limit('90'), cancel())).toMatchObject({ cash: '100000', reservedCash: '0' });
  });

  it('before a venue was asked ends it at once', () => {
    const events = history(open(), limit('90', { terms: AT_VENUE }), cancel());
    expect(events.at(-1)).toMatchObject({ type: 'OrderCancelled' });
  });

  it('at a venue asks for it, once: the order stays open until the venue says so', () => {
    const atVenue = [open(), limit('90', { terms: AT_VENUE }), send()] as const;
    given(accountDecider, history(...atVenue))
      .when(cancel())
      .then(requested);
    given(accountDecider, history(open(), limit('90', { terms: AT_VENUE }), reportAccepted()))
      .when(cancel())
      .then(requested);
    given(accountDecider, history(...atVenue, cancel()))
      .when(cancel())
      .then();
    expect(accountAfter(...atVenue, cancel())).toMatchObject({ reservedCash: '90.09' });
    expect(accountAfter(...atVenue, cancel(), reportFill()).over.get(orderId(1))).toMatchObject({ status: 'filled' });
  });

  it.each([
    ['filled', [place()]],
    ['cancelled', [limit('90'), cancel()]],
  ])('that is %s is refused', (status, commands) => {
    given(accountDecider, history(open(), ...commands))
      .when(cancel())
      .thenRefused({ code: 'order_finished', message: `The order is ${status}: it can no longer be changed.` });
  });
});

describe('closing all', () => {
  const busy = [
    open(),
    place({ quantity: '3' }),
    place({ orderId: orderId(2), symbol: 'ETH', quantity: '5', terms: onPaper('e', { pair: 'ETH/USDT' }) }),
    limit('110', { orderId: orderId(3), side: 'sell', quantity: '2' }),
    limit('90', { orderId: orderId(4) }),
  ] as const;

  it('cancels every order and sells every holding, on paper in one', () => {
    const events = history(...busy, closeAll()).slice(history(...busy).length);
    expect(events.map(({ type, data }) => `${type} ${'symbol' in data ? data.symbol : ''}`.trim())).toEqual([
      'OrderCancelled BTC',
      'OrderCancelled BTC',
      'OrderPlaced BTC',
      'OrderAccepted',
      'OrderFilled BTC',
      'OrderPlaced ETH',
      'OrderAccepted',
      'OrderFilled ETH',
    ]);
    const account = accountAfter(...busy, closeAll());
    expect(account).toMatchObject({ cash: '99999.3', reservedCash: '0', realized: '0', fees: '0.7' });
    expect([account.open.size, account.holdings.size]).toEqual([0, 0]);
  });

  it('tells its reason with all that it does', () => {
    const events = history(...busy, closeAll()).slice(history(...busy).length);
    expect(events.filter(({ data }) => 'reason' in data && data.reason === 'enough')).toHaveLength(4);
  });

  it('again, or with nothing there, adds nothing', () => {
    given(accountDecider, history(...busy, closeAll()))
      .when(closeAll())
      .then();
    given(accountDecider, history(open())).when(closeAll()).then();
  });

  it("of a revoked agent is the operator's alone", () => {
    const revoked = [...busy, close()] as const;
    given(accountDecider, history(...revoked))
      .when(closeAll())
      .thenRefused({ code: 'account_closed' });
    const account = accountAfter(...revoked, closeAll({ by: 'operator' }));
    expect([account.status, account.holdings.size]).toEqual(['closed', 0]);
  });

  it('is taken while paused and tripped', () => {
    expect(accountAfter(...busy, pause(), closeAll()).holdings.size).toBe(0);
    const fallen = marks({ BTC: '1', ETH: '10' });
    const tripped = [open({ dailyLossLimit: '10' }), ...busy.slice(1), judge({ marks: fallen })] as const;
    const account = accountAfter(...tripped, closeAll({ marks: fallen }));
    expect([account.day?.tripped, account.holdings.size]).toEqual([true, 0]);
  });

  it.each([
    ['price', { marks: marks({ BTC: '100' }) }],
    ['order to sell it by', { sells: { BTC: { orderId: orderId(0xb), terms: onPaper('b') } } }],
  ])('does nothing at all where a holding has no %s', (_, lacking) => {
    given(accountDecider, history(...busy))
      .when(closeAll(lacking))
      .thenRefused({
        code: 'quote_unavailable',
        field: 'symbol',
        message: 'There is no price of ETH to go by.',
      });
  });

  it('sells by what it was told, never by what any object has', () => {
    const named = { symbol: 'constructor', marks: marks({ constructor: '10' }) };
    given(accountDecider, history(open(), place(named)))
      .when(closeAll(named))
      .thenRefused({ code: 'quote_unavailable' });
  });

  it('needs a reason', () => {
    given(accountDecider, history(...busy))
      .when(closeAll({ reason: ' ' }))
      .thenRefused({ code: 'reason_missing', kind: 'missing', field: 'reason' });
  });

  it('takes no order id twice', () => {
    given(accountDecider, history(...busy))
      .when(closeAll({ sells: { BTC: { orderId: orderId(1), terms: onPaper('b') } } }))
      .thenRefused({ code: 'order_exists' });
  });

  it('begins the day of an account whose loss is limited', () => {
    const limited = [open({ dailyLossLimit: '10' }), place()] as const;
    const types = history(...limited, closeAll({ now: TOMORROW })).map(({ type }) => type);
    expect(types.slice(-4)).toEqual(['DayStarted', 'OrderPlaced', 'OrderAccepted', 'OrderFilled']);
  });

  describe('at a venue', () => {
    const sells = { BTC: { orderId: orderId(0xb), terms: AT_VENUE } };
    const selling = [
      open(),
      place({ quantity: '3', terms: AT_VENUE }),
      reportFill({ quantity: '3' }),
      limit('110', { orderId: orderId(3), side: 'sell', quantity: '2', terms: AT_VENUE }),
      send({ orderId: orderId(3) }),
      reportAccepted({ orderId: orderId(3) }),
    ] as const;

    it('asks for the cancels and sells the whole holding, keeping back what is free', () => {
      const account = accountAfter(...selling, closeAll({ sells }));
      expect(account.open.get(orderId(3))).toMatchObject({ cancelRequested: true });
      expect(account.open.get(orderId(0xb))).toMatchObject({ quantity: '3', reserved: '1', orderType: 'market' });
      expect(account.holdings.get('BTC')).toMatchObject({ quantity: '3', reserved: '3' });
    });

    it('sets free no more than it kept back', () => {
      const account = accountAfter(
        ...selling,
        closeAll({ sells }),
        reportFill({ orderId: orderId(0xb), quantity: '2' }),
        reportCancelled({ orderId: orderId(3) }),
      );
      expect(account.holdings.get('BTC')).toMatchObject({ quantity: '1', reserved: '0' });
      expect(account.open.get(orderId(0xb))).toMatchObject({ filled: '2', reserved: '0' });
    });

    it('again sells nothing twice', () => {
      const again = { BTC: { orderId: orderId(0xc), terms: AT_VENUE } };
      given(accountDecider, history(...selling, closeAll({ sells })))
        .when(closeAll({ sells: again }))
        .then();
      given(accountDecider, history(...selling, closeAll({ sells }), send({ orderId: orderId(0xb) })))
        .when(closeAll({ sells: again }))
        .then();
    });

    it('leaves alone what may have been sold by an order in doubt', () => {
      const doubtful = [...selling.slice(0, 5), reportUnresolved({ orderId: orderId(3) })] as const;
      const account = accountAfter(...doubtful, closeAll({ sells }));
      expect(account.open.get(orderId(3))).toMatchObject({
        status: 'unresolved',
        reserved: '2',
        cancelRequested: true,
      });
      expect(account.open.get(orderId(0xb))).toMatchObject({ quantity: '1', reserved: '1' });
    });
  });
});

describe('an order in doubt', () => {
  const doubted = [
    open({ dailyLossLimit: '50' }),
    place({ terms: AT_VENUE }),
    reportFill(),
    limit('90', { orderId: orderId(2), terms: AT_VENUE }),
    send({ orderId: orderId(2) }),
    reportUnresolved({ orderId: orderId(2) }),
  ] as const;
  const sells = { BTC: { orderId: orderId(0xb), terms: AT_VENUE } };

  it.each([
    ['closes all', closeAll({ sells }), 'enough'],
    ['is closed', close(), 'revoked'],
    ['loses too much', judge({ marks: marks({ BTC: '40' }) }), 'daily_loss'],
  ] as const)('is to be cancelled, once, where the account %s', (_, ends, reason) => {
    const after = history(...doubted, ends);
    expect(after.filter(({ type }) => type === 'OrderCancelRequested')).toMatchObject([
      { data: { orderId: orderId(2), reason } },
    ]);
    const account = accountAfter(...doubted, ends);
    expect(account.open.get(orderId(2))).toMatchObject({ status: 'unresolved', cancelRequested: true });
    const told = reportAccepted({ orderId: orderId(2) });
    const found = history(...doubted, ends, told);
    expect(found.slice(after.length).map(({ type }) => type)).toEqual(['OrderAccepted']);
    expect(accountAfter(...doubted, ends, told).open.get(orderId(2))).toMatchObject({
      status: 'open',
      cancelRequested: true,
    });
    const again = history(...doubted, ends, close({ reason: 'at last' }));
    expect(again.filter(({ type }) => type === 'OrderCancelRequested')).toHaveLength(1);
  });

  it('is not cancelled by itself', () => {
    given(accountDecider, history(...doubted, close()))
      .when(cancel({ orderId: orderId(2) }))
      .thenRefused({ code: 'order_unresolved' });
  });
});

describe('closing the account', () => {
  it('ends its orders, those at a venue once that has cancelled them', () => {
    const account = accountAfter(
      open(),
      limit('90', { terms: AT_VENUE }),
      limit('90', { orderId: orderId(2), terms: AT_VENUE }),
      send({ orderId: orderId(2) }),
      close(),
    );
    expect(account.status).toBe('closed');
    expect(findOrder(account, orderId(1))).toMatchObject({ status: 'cancelled' });
    expect(findOrder(account, orderId(2))).toMatchObject({ status: 'open', cancelRequested: true });
    // What is reported of it is still booked.
    expect(decide(reportFill({ orderId: orderId(2) }), account)).toHaveProperty('events');
    for (const command of [place({ orderId: orderId(3) }), modify({ price: '1' }), closeAll({ marks: MARKS })]) {
      expect(decide(command, account)).toMatchObject({ refused: { code: 'account_closed' } });
    }
  });
});
