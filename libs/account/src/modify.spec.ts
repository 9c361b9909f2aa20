import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { accountDecider } from './index.ts';
import {
  AT_VENUE,
  cancel,
  judge,
  limit,
  marks,
  modify,
  NOW,
  open,
  orderId,
  pause,
  place,
  reportFill,
  TOMORROW,
} from './testing/commands.ts';
import { accountAfter, history } from './testing/history.ts';

const resting = [open(), limit('90', { quantity: '10' })] as const;

describe('changing a resting order', () => {
  it('keeps its id and what it keeps back follows', () => {
    given(accountDecider, history(...resting))
      .when(modify({ price: '80', quantity: '5' }))
      .then({
        type: 'OrderModified',
        data: {
          orderId: orderId(1),
          symbol: 'BTC',
          side: 'buy',
          price: '80',
          quantity: '5',
          reservePrice: '80',
          reserved: '400.4',
          released: '900.9',
        },
      });
    const account = accountAfter(...resting, modify({ price: '80', quantity: '5' }));
    expect(account).toMatchObject({ reservedCash: '400.4' });
    expect(account.buying.get('BTC')).toBe('5');
  });

  it('means the quantity as the total, what is filled included', () => {
    const partly = [...resting, reportFill({ quantity: '4', price: '90' })] as const;
    const account = accountAfter(...partly, modify({ quantity: '5' }));
    expect(account.open.get(orderId(1))).toMatchObject({ quantity: '5', filled: '4', reserved: '90.09' });
    given(accountDecider, history(...partly))
      .when(modify({ quantity: '4' }))
      .thenRefused({ code: 'below_filled', kind: 'invalid', field: 'quantity' });
  });

  it('to what it is already adds nothing', () => {
    given(accountDecider, history(...resting))
      .when(modify({ price: '90.00', quantity: '10.0' }))
      .then();
  });

  it('names at least one number, and numbers', () => {
    given(accountDecider, history(...resting))
      .when(modify())
      .thenRefused({ code: 'nothing_to_modify', kind: 'missing' });
    given(accountDecider, history(...resting))
      .when(modify({ price: '0' }))
      .thenRefused({ code: 'number_invalid', field: 'price' });
    given(accountDecider, history(...resting))
      .when(modify({ quantity: '-1' }))
      .thenRefused({ code: 'number_invalid', field: 'quantity' });
  });

  it('is for resting orders on paper that are not over', () => {
    given(accountDecider, history(...resting, cancel()))
      .when(modify({ price: '80' }))
      .thenRefused({ code: 'order_finished', kind: 'conflict' });
    given(accountDecider, history(open(), limit('90', { terms: AT_VENUE })))
      .when(modify({ price: '80' }))
      .thenRefused({ code: 'not_modifiable', kind: 'conflict' });
  });
});

describe('a change that adds', () => {
  it('needs what it adds to be free, and no more than that', () => {
    const tight = [open({ balance: '1000' }), limit('90', { quantity: '10' })] as const;
    given(accountDecider, history(...tight))
      .when(modify({ quantity: '11.2' }))
      .thenRefused({ code: 'insufficient_balance', message: 'It needs 108.108 USD and 99.1 USD are free.' });
    expect(accountAfter(...tight, modify({ quantity: '11.1' })).reservedCash).toBe('999.999');
  });

  it('of a sell needs pieces that are free', () => {
    const selling = [open(), place({ quantity: '2' }), limit('110', { orderId: orderId(2), side: 'sell' })] as const;
    given(accountDecider, history(...selling))
      .when(modify({ orderId: orderId(2), quantity: '2.1' }))
      .thenRefused({ code: 'insufficient_holdings' });
    expect(accountAfter(...selling, modify({ orderId: orderId(2), quantity: '2' })).holdings.get('BTC')).toMatchObject({
      reserved: '2',
    });
  });

  it.each([{ quantity: '10.5' }, { price: '91' }])('$quantity $price is refused while paused', (change) => {
    given(accountDecider, history(...resting, pause()))
      .when(modify(change))
      .thenRefused({ code: 'paused' });
  });

  it('is refused by the breaker', () => {
    const tripped = [
      open({ dailyLossLimit: '50' }),
      place({ orderId: orderId(2) }),
      limit('30', { orderId: orderId(3), side: 'buy' }),
    ] as const;
    given(accountDecider, history(...tripped))
      .when(modify({ orderId: orderId(3), quantity: '2', marks: marks({ BTC: '40' }) }))
      .thenRefused({ code: 'daily_loss' });
  });

  it('keeps to the cap, its own pieces counted once', () => {
    const capped = [open({ maxPositionSize: '1200' }), limit('90', { quantity: '10' })] as const;
    given(accountDecider, history(...capped))
      .when(modify({ quantity: '12.1' }))
      .thenRefused({ code: 'position_cap', message: 'The position would be worth 1210 USD of at most 1200.' });
    expect(accountAfter(...capped, modify({ quantity: '12' })).buying.get('BTC')).toBe('12');
  });

  it('begins the day where that is new', () => {
    const limited = [open({ dailyLossLimit: '50' }), limit('90', { quantity: '10' })] as const;
    const types = history(...limited, modify({ quantity: '11', now: TOMORROW })).map(({ type }) => type);
    expect(types.slice(-2)).toEqual(['DayStarted', 'OrderModified']);
  });
});

describe('a change that only reduces', () => {
  it('is taken while paused, tripped, or without any price', () => {
    const account = [open({ dailyLossLimit: '50', maxPositionSize: '1000' }), limit('90', { quantity: '10' })] as const;
    const reduced = history(...account, pause(), modify({ price: '89', quantity: '9', marks: {} }));
    expect(reduced.at(-1)).toMatchObject({ type: 'OrderModified' });
    const selling = [
      open({ dailyLossLimit: '50' }),
      place({ quantity: '2' }),
      limit('200', { orderId: orderId(2), side: 'sell', quantity: '2' }),
      judge({ marks: marks({ BTC: '50' }) }),
    ] as const;
    expect(history(...selling, modify({ orderId: orderId(2), price: '150', quantity: '1' })).at(-1)).toMatchObject({
      type: 'OrderModified',
    });
  });
});

describe('a price that the market has reached already', () => {
  it('fills the order at once at the price of the market', () => {
    const events = history(...resting, modify({ price: '105', quantity: '2' }));
    expect(events.slice(-2)).toMatchObject([
      { type: 'OrderModified', data: { price: '105', reservePrice: '100', reserved: '200.2', released: '900.9' } },
      {
        type: 'OrderFilled',
        data: {
          tradeId: `modified-${orderId(1)}`,
          price: '100',
          quantity: '2',
          slippage: '0',
          at: NOW,
          released: '200.2',
          completes: true,
        },
      },
    ]);
  });

  it('of a sell, too', () => {
    const sold = accountAfter(
      open(),
      place(),
      limit('110', { orderId: orderId(2), side: 'sell' }),
      modify({ orderId: orderId(2), price: '95' }),
    );
    expect(sold).toMatchObject({ realized: '0', cash: '99999.8' });
    expect(sold.holdings.size).toBe(0);
  });

  it('stays where it rests while only its quantity is changed: the market fills it in its turn', () => {
    const account = accountAfter(...resting, modify({ quantity: '5', marks: marks({ BTC: '80' }) }));
    expect(account.open.get(orderId(1))).toMatchObject({ status: 'open', reserved: '450.45' });
  });

  it('fills only the rest', () => {
    const account = accountAfter(...resting, reportFill({ quantity: '4', price: '90' }), modify({ price: '100' }));
    // 4 × 90 without fee, 6 × 100 with it.
    expect(account).toMatchObject({ cash: '99039.4', reservedCash: '0' });
  });

  it('fills nothing that was placed on prices of another kind, simulated or real', () => {
    const invented = { BTC: { ...marks({ BTC: '80' })['BTC']!, source: 'simulated' } };
    const account = accountAfter(...resting, modify({ price: '95', marks: invented }));
    expect(account).toMatchObject({ cash: '100000', reservedCash: '950.95' });
    expect(account.open.get(orderId(1))).toMatchObject({ status: 'open', price: '95' });
  });
});
