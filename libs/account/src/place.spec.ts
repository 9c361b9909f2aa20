import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { accountDecider, type ExistingAccount, freeCash, freeHolding, MOST_OPEN_ORDERS } from './index.ts';
import {
  AT_VENUE,
  cancel,
  closeAll,
  judge,
  limit,
  MARKS,
  marks,
  NOW,
  onPaper,
  open,
  orderId,
  pause,
  place,
  reportFill,
  SEND_BY,
  send,
  TOMORROW,
} from './testing/commands.ts';
import { accountAfter, history } from './testing/history.ts';

const { decide } = accountDecider;

describe('a market order on paper', () => {
  it('is accepted and filled with the same append, at the quote, with its fee', () => {
    given(accountDecider, history(open()))
      .when(place({ quantity: '2' }))
      .then(
        {
          type: 'OrderPlaced',
          data: {
            orderId: orderId(1),
            symbol: 'BTC',
            side: 'buy',
            reserved: '200.2',
            orderType: 'market',
            quantity: '2',
            price: null,
            broker: 'paper',
            pair: 'BTC/USDT',
            simulated: false,
            feeRate: '0.001',
            reservePrice: '100',
            quote: MARKS['BTC']!,
            signalId: null,
            by: 'agent',
            placedAt: NOW,
            sendBy: null,
          },
        },
        { type: 'OrderAccepted', data: { orderId: orderId(1), venueOrderId: null } },
        {
          type: 'OrderFilled',
          data: {
            orderId: orderId(1),
            symbol: 'BTC',
            side: 'buy',
            tradeId: `trade-${orderId(1)}`,
            quantity: '2',
            price: '100',
            fee: '0.2',
            feeCurrency: 'USD',
            slippage: '0',
            at: NOW,
            released: '200.2',
            realized: '0',
            completes: true,
            flags: [],
          },
        },
      );
  });

  it('pays and gets a price worse by the slippage', () => {
    const slipping = (tradeId: string) => onPaper(tradeId, { paper: { slippage: '0.01', tradeId } });
    const account = accountAfter(
      open(),
      place({ terms: slipping('a') }),
      place({ orderId: orderId(2), side: 'sell', terms: slipping('b') }),
    );
    // Bought at 101 and sold at 99, each with its fee.
    expect(account).toMatchObject({ cash: '99997.8', realized: '-2', fees: '0.2', reservedCash: '0' });
    expect(account.holdings.size).toBe(0);
  });

  it('needs a quote, young or not at all', () => {
    given(accountDecider, history(open()))
      .when(place({ symbol: 'constructor' }))
      .thenRefused({ code: 'quote_unavailable', kind: 'unavailable', field: 'symbol' });
    given(accountDecider, history(open(), place()))
      .when(place({ orderId: orderId(2), side: 'sell', marks: {} }))
      .thenRefused({ code: 'quote_unavailable' });
  });

  it('takes the last cent, fee included, and not one more', () => {
    given(accountDecider, history(open({ balance: '100.1' })))
      .when(place({ quantity: '1.00000001' }))
      .thenRefused({ code: 'insufficient_balance', message: 'It needs 100.100001001 USD and 100.1 USD are free.' });
    expect(accountAfter(open({ balance: '100.1' }), place()).cash).toBe('0');
  });

  it('sells what is held and not more', () => {
    given(accountDecider, history(open(), place()))
      .when(place({ orderId: orderId(2), side: 'sell', quantity: '1.1' }))
      .thenRefused({ code: 'insufficient_holdings', message: 'It needs 1.1 BTC and 1 are free.' });
  });
});

describe('a limit order on paper', () => {
  it('rests with its worst cost kept back', () => {
    const account = accountAfter(open(), limit('90', { quantity: '10' }));
    expect(account).toMatchObject({ cash: '100000', reservedCash: '900.9' });
    expect(freeCash(account)).toBe('99099.1');
    expect(account.open.get(orderId(1))).toMatchObject({ status: 'open', reserved: '900.9', placedAt: NOW });
  });

  it('rests where no price is known', () => {
    expect(accountAfter(open(), limit('90', { marks: {} })).open.size).toBe(1);
  });

  it('keeps back the pieces that it sells', () => {
    const account = accountAfter(open(), place(), limit('110', { orderId: orderId(2), side: 'sell', quantity: '0.4' }));
    expect(freeHolding(account, 'BTC')).toBe('0.6');
    given(
      accountDecider,
      history(open(), place(), limit('110', { orderId: orderId(2), side: 'sell', quantity: '0.4' })),
    )
      .when(place({ orderId: orderId(3), side: 'sell', quantity: '0.7' }))
      .thenRefused({ code: 'insufficient_holdings' });
  });

  it.each([
    ['buy', '100'],
    ['buy', '120'],
    ['sell', '100'],
    ['sell', '80'],
  ] as const)('%s at %s is reached already: it fills at the quote, without slippage', (side, price) => {
    const account = accountAfter(
      open({ balance: '1000' }),
      place({ quantity: '2' }),
      limit(price, {
        orderId: orderId(2),
        side,
        terms: onPaper('t', { paper: { slippage: '0.5', tradeId: 't' } }),
      }),
    );
    expect(account.over.get(orderId(2))).toMatchObject({ status: 'filled', filledValue: '100' });
    expect(account).toMatchObject({ reservedCash: '0', realized: '0' });
  });

  it('that fills at once needs what the fill costs, not what its limit would allow', () => {
    expect(accountAfter(open({ balance: '100.1' }), limit('1000')).cash).toBe('0');
  });

  it('without a price, and a market order with one, are refused on the price', () => {
    given(accountDecider, history(open()))
      .when(place({ orderType: 'limit' }))
      .thenRefused({ code: 'price_missing', kind: 'missing', field: 'price' });
    given(accountDecider, history(open()))
      .when(place({ price: '100' }))
      .thenRefused({ code: 'price_unwanted', kind: 'invalid', field: 'price' });
  });
});

describe('an order at a venue', () => {
  it('is only written down: the broker sends it', () => {
    const events = history(open(), place({ terms: AT_VENUE, quantity: '2' }));
    expect(events.slice(1)).toEqual([
      {
        type: 'OrderPlaced',
        // 2 × 100 × 1.02 × 1.001
        data: expect.objectContaining({ sendBy: SEND_BY, reservePrice: '102', reserved: '204.204' }),
      },
    ]);
  });

  it('keeps back its limit where it has one', () => {
    expect(accountAfter(open(), limit('90', { terms: AT_VENUE })).reservedCash).toBe('90.09');
  });

  it('without a moment to be sent by is a fault of the caller', () => {
    const account = accountAfter(open());
    expect(() => decide(place({ terms: { ...AT_VENUE, sendBy: null } }), account)).toThrow(TypeError);
  });
});

describe('the broker of an account', () => {
  const other = { ...AT_VENUE, broker: 'ccxt:kraken' };

  it('is that of its first order: what it holds there is sold nowhere else', () => {
    const refused = {
      code: 'other_broker',
      kind: 'unavailable',
      message: 'This account trades at paper: its holdings are there, and no order of it goes to ccxt:binance.',
    } as const;
    for (const side of ['buy', 'sell'] as const)
      given(accountDecider, history(open(), place()))
        .when(place({ orderId: orderId(2), side, terms: AT_VENUE }))
        .thenRefused(refused);
    given(accountDecider, history(open(), place()))
      .when(closeAll({ sells: { BTC: { orderId: orderId(0xb), terms: AT_VENUE } } }))
      .thenRefused(refused);
    given(accountDecider, history(open(), limit('90', { terms: AT_VENUE })))
      .when(limit('90', { orderId: orderId(2), terms: other }))
      .thenRefused({ code: 'other_broker' });
  });

  it('changes with an order that is placed while it has nothing there', () => {
    const sold = [open(), place(), place({ orderId: orderId(2), side: 'sell' })] as const;
    const moved = accountAfter(...sold, limit('90', { orderId: orderId(3), terms: AT_VENUE }));
    expect([accountAfter(open()).broker, accountAfter(...sold).broker, moved.broker]).toEqual([
      null,
      'paper',
      'ccxt:binance',
    ]);
    const cancelled = [open(), limit('90', { terms: AT_VENUE }), cancel()] as const;
    expect(accountAfter(...cancelled, limit('90', { orderId: orderId(2), terms: other })).broker).toBe('ccxt:kraken');
  });
});

describe('numbers', () => {
  it.each(['0', '0.0', '-1', '+1', '1e3', '01', '.5', '5.', '', 'NaN', '1'.repeat(41)])('%j is none', (text) => {
    given(accountDecider, history(open()))
      .when(place({ quantity: text }))
      .thenRefused({ code: 'number_invalid', kind: 'invalid', field: 'quantity' });
    given(accountDecider, history(open())).when(limit(text)).thenRefused({ code: 'number_invalid', field: 'price' });
  });

  it('are taken with every place that they have', () => {
    const quantity = `0.${'1'.repeat(38)}`;
    const { cash, holdings } = accountAfter(open(), place({ quantity }));
    expect(holdings.get('BTC')!.quantity).toBe(quantity);
    expect(cash).toBe('99988.877777777777777777777777777777777777889');
  });
});

describe('who may place orders', () => {
  it('nobody without an account, or before approval, or after the end', () => {
    const live = open({ mode: 'live', dailyLossLimit: '100', maxPositionSize: '1000' });
    given(accountDecider, []).when(place()).thenRefused({ code: 'account_not_found', kind: 'not-found' });
    given(accountDecider, history(live)).when(place()).thenRefused({ code: 'not_approved', kind: 'forbidden' });
    given(accountDecider, history(open(), { type: 'CloseAccount', accountId: 'a', now: NOW, reason: 'gone' }))
      .when(place())
      .thenRefused({ code: 'account_closed', kind: 'forbidden' });
  });

  it('nobody twice under one id, whether it is open or over', () => {
    const twice = { code: 'order_exists', kind: 'conflict', field: 'orderId' } as const;
    given(accountDecider, history(open(), place())).when(place()).thenRefused(twice);
    given(accountDecider, history(open(), limit('90')))
      .when(place())
      .thenRefused(twice);
  });

  it('while paused only who reduces', () => {
    const events = history(open(), place(), pause());
    given(accountDecider, events)
      .when(limit('1', { orderId: orderId(2) }))
      .thenRefused({
        code: 'paused',
        kind: 'forbidden',
        message: 'The agent is paused (lunch): only what reduces or cancels is allowed.',
      });
    expect(decide(place({ orderId: orderId(2), side: 'sell' }), accountAfter(open(), place(), pause()))).toMatchObject({
      events: [{}, {}, {}],
    });
  });
});

describe('the cap of a position', () => {
  const capped = open({ maxPositionSize: '1000' });

  it('counts what is held and what open buys may add, at the quote', () => {
    const events = history(capped, place({ quantity: '4' }), limit('50', { orderId: orderId(2), quantity: '5' }));
    given(accountDecider, events)
      .when(place({ orderId: orderId(3), quantity: '1.01' }))
      .thenRefused({ code: 'position_cap', message: 'The position would be worth 1001 USD of at most 1000.' });
    expect(history(capped, place({ quantity: '4' }), limit('50', { orderId: orderId(2), quantity: '6' }))).toHaveLength(
      6,
    );
  });

  it('counts an open buy no longer once that is over', () => {
    const account = accountAfter(
      capped,
      limit('50', { quantity: '10' }),
      cancel(),
      place({ orderId: orderId(2), quantity: '10' }),
    );
    expect(account.holdings.get('BTC')!.quantity).toBe('10');
    expect(account.buying.size).toBe(0);
  });

  it('holds for each symbol by itself, and not for sells', () => {
    const account = accountAfter(
      capped,
      place({ quantity: '10' }),
      place({ orderId: orderId(2), symbol: 'ETH', quantity: '100', terms: onPaper('t', { pair: 'ETH/USDT' }) }),
      // Worth more by now than the cap allows: it may still be sold.
      place({ orderId: orderId(3), side: 'sell', quantity: '1', marks: marks({ BTC: '500', ETH: '10' }) }),
    );
    expect(account.holdings.get('BTC')!.quantity).toBe('9');
  });

  it('can not be judged without a quote: the buy is refused, though its limit needs none', () => {
    given(accountDecider, history(capped))
      .when(limit('50', { marks: {} }))
      .thenRefused({ code: 'quote_unavailable', field: 'symbol' });
  });

  it('stands against 64 orders on the same state, decided one after the other', () => {
    const orders = Array.from({ length: 64 }, (_, at) => place({ orderId: orderId(at + 1), quantity: '1' }));
    let account = accountAfter(capped);
    let taken = 0;
    for (const order of orders) {
      const decision = decide(order, account);
      if ('refused' in decision) continue;
      taken += 1;
      for (const event of decision.events) account = accountDecider.evolve(account, event) as ExistingAccount;
    }
    expect(taken).toBe(10);
  });
});

describe("the day's loss", () => {
  const limited = open({ dailyLossLimit: '50' });

  it('is counted from the first order of the day on, which begins it', () => {
    expect(history(limited, place()).map(({ type }) => type)).toEqual([
      'AccountOpened',
      'DayStarted',
      'OrderPlaced',
      'OrderAccepted',
      'OrderFilled',
    ]);
    expect(accountAfter(limited, place()).day).toEqual({ day: '2026-11-21', baseline: '100000', tripped: false });
  });

  it('refuses buys at its limit before anybody judged it, and lets sells through', () => {
    const account = accountAfter(limited, place());
    // The fee was 0.1: with 49.9 on top the limit is met.
    const fallen = marks({ BTC: '50.1' });
    expect(decide(place({ orderId: orderId(2), marks: fallen }), account)).toMatchObject({
      refused: { code: 'daily_loss', message: expect.stringContaining('50 USD of 50') },
    });
    expect(decide(place({ orderId: orderId(2), marks: marks({ BTC: '50.2' }) }), account)).toHaveProperty('events');
    expect(decide(place({ orderId: orderId(2), side: 'sell', marks: fallen }), account)).toHaveProperty('events');
  });

  it('once tripped refuses buys for the day, also after the price came back', () => {
    const events = history(limited, place(), judge({ marks: marks({ BTC: '40' }) }));
    given(accountDecider, events)
      .when(limit('10', { orderId: orderId(2) }))
      .thenRefused({ code: 'daily_loss' });
    given(accountDecider, history(limited, place(), judge({ marks: marks({ BTC: '40' }) })))
      .when(limit('10', { orderId: orderId(2), marks: marks({ BTC: '40' }) }))
      .thenRefused({ code: 'daily_loss', message: expect.stringContaining('60.1 USD of 50') as unknown as string });
  });

  it('of a new day counts from its own beginning', () => {
    const tripped = [limited, place(), judge({ marks: marks({ BTC: '40' }) })] as const;
    const account = accountAfter(
      ...tripped,
      place({ orderId: orderId(2), now: TOMORROW, marks: marks({ BTC: '40' }) }),
    );
    expect(account.day).toEqual({ day: '2026-11-22', baseline: '99939.9', tripped: false });
  });

  it('can not be judged while a holding has no price: buys of anything are refused', () => {
    given(accountDecider, history(limited, place()))
      .when(limit('1', { orderId: orderId(2), symbol: 'ETH', marks: marks({ ETH: '10' }) }))
      .thenRefused({ code: 'quote_unavailable', message: 'There is no price of BTC to go by.' });
  });
});

describe('a sell of as much as a double tells to be free', () => {
  /** As a double: 0.010133329357091983, which is more. */
  const held = '0.0101333293570919825';
  const selling = (named: object = {}) =>
    place({ orderId: orderId(2), side: 'sell', quantity: '0.010133329357091983', ...named });
  const bought = [open(), place({ quantity: held })] as const;

  it('is of all of it on paper, and nothing is left', () => {
    const account = accountAfter(...bought, selling());
    expect(account.holdings.size).toBe(0);
    const less = '0.01013332935709198249999';
    const more = accountAfter(open(), place({ quantity: '0.01013332935709198250001' }), selling({ quantity: less }));
    expect(more.holdings.size).toBe(0);
  });

  it('is never of more than was asked for at a venue', () => {
    const there = (quantity: string) =>
      [open(), place({ quantity, terms: AT_VENUE }), send(), reportFill({ quantity })] as const;
    const ordered = (quantity: string, asked: string) =>
      accountAfter(...there(quantity), selling({ quantity: asked, terms: AT_VENUE })).open.get(orderId(2))!.quantity;
    expect(ordered(held, '0.010133329357091983')).toBe(held);
    expect(ordered('0.01013332935709198250001', held)).toBe(held);
  });

  it('is refused where a double tells more', () => {
    given(accountDecider, history(...bought))
      .when(selling({ quantity: '0.01013332935709199' }))
      .thenRefused({ code: 'insufficient_holdings' });
  });
});

describe('open orders', () => {
  it('are bounded; what fills at once takes no room', () => {
    const full = accountAfter(
      open(),
      ...Array.from({ length: MOST_OPEN_ORDERS }, (_, at) => limit('1', { orderId: orderId(at + 1), quantity: '0.1' })),
    );
    const next = orderId(MOST_OPEN_ORDERS + 1);
    expect(decide(limit('1', { orderId: next }), full)).toMatchObject({ refused: { code: 'too_many_orders' } });
    expect(decide(place({ orderId: next }), full)).toHaveProperty('events');
    expect(decide(closeAll(), full)).toMatchObject({ events: { length: MOST_OPEN_ORDERS } });
  });
});
