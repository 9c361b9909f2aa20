import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import type { AccountCommand } from './commands.ts';
import { accountDecider, type AccountEvent, averagePrice, findOrder, REMEMBERED_ORDERS } from './index.ts';
import {
  AT_VENUE,
  cancel,
  close,
  closeAll,
  fillResting,
  judge,
  limit,
  marks,
  modify,
  open,
  orderId,
  place,
  reportAccepted,
  reportCancelled,
  reportFill,
  reportRejected,
  reportUnresolved,
  SEND_BY,
  send,
} from './testing/commands.ts';
import { accountAfter, history } from './testing/history.ts';

/** A limit buy of 4 BTC at 100 at a venue, 400.4 dollars with its fee. */
const buying = limit('100', { quantity: '4', terms: AT_VENUE, marks: {} });
const sent = [open(), buying, send()] as const;
const atVenue = [...sent, reportAccepted()] as const;

function first(...commands: readonly AccountCommand[]) {
  return findOrder(accountAfter(...commands), orderId(1));
}

describe('sending', () => {
  it('is written down before the venue is asked', () => {
    given(accountDecider, history(open(), buying))
      .when(send())
      .then({
        type: 'OrderSent',
        data: { orderId: orderId(1) },
      });
    expect(first(...sent)).toMatchObject({ status: 'open', sent: true, accepted: false });
  });

  it('happens once', () => {
    given(accountDecider, history(...sent))
      .when(send())
      .thenRefused({ code: 'sent_before', kind: 'conflict' });
    // The venue has told of it, whoever sent it.
    given(accountDecider, history(open(), buying, reportAccepted()))
      .when(send())
      .thenRefused({ code: 'sent_before' });
  });

  const selling = place({ orderId: orderId(2), side: 'sell', quantity: '3', terms: AT_VENUE });
  const held = [
    open(),
    place({ quantity: '3', terms: AT_VENUE }),
    send(),
    reportFill({ quantity: '3' }),
    selling,
  ] as const;

  it('asks for less of a market sell where the venue takes no more', () => {
    given(accountDecider, history(...held))
      .when(send({ orderId: orderId(2), quantity: '2.5' }))
      .then(
        {
          type: 'OrderModified',
          data: {
            orderId: orderId(2),
            symbol: 'BTC',
            side: 'sell',
            price: null,
            quantity: '2.5',
            reservePrice: '100',
            reserved: '2.5',
            released: '3',
          },
        },
        { type: 'OrderSent', data: { orderId: orderId(2) } },
      );
    const { holdings } = accountAfter(...held, send({ orderId: orderId(2), quantity: '2.5' }));
    expect(holdings.get('BTC')).toMatchObject({ quantity: '3', reserved: '2.5' });
    given(accountDecider, history(...held))
      .when(send({ orderId: orderId(2), quantity: '3.0' }))
      .then({ type: 'OrderSent', data: { orderId: orderId(2) } });
  });

  it.each([
    ['4', 'above_remaining'],
    ['0', 'number_invalid'],
    ['-1', 'number_invalid'],
  ])('never asks for %s of 3', (quantity, code) => {
    given(accountDecider, history(...held))
      .when(send({ orderId: orderId(2), quantity }))
      .thenRefused({ code });
  });

  it('asks for all of a buy, and of a limit', () => {
    given(accountDecider, history(open(), buying))
      .when(send({ quantity: '2' }))
      .thenRefused({ code: 'not_modifiable' });
  });

  it('is over with its moment', () => {
    given(accountDecider, history(open(), buying))
      .when(send({ now: SEND_BY }))
      .then({ type: 'OrderSent', data: { orderId: orderId(1) } });
    given(accountDecider, history(open(), buying))
      .when(send({ now: '2026-11-21T10:00:10.001Z' }))
      .thenRefused({ code: 'too_late', kind: 'conflict' });
  });

  it.each([['cancelled', cancel()] as const, ['rejected', reportRejected({ code: 'broker_unavailable' })] as const])(
    'does not follow the end of an order that was %s',
    (status, end) => {
      given(accountDecider, history(open(), buying, end))
        .when(send())
        .thenRefused({ code: 'order_finished', message: `The order is ${status}: it can no longer be changed.` });
    },
  );

  it('is not for paper', () => {
    given(accountDecider, history(open(), limit('90')))
      .when(send())
      .thenRefused({ code: 'on_paper', kind: 'conflict' });
  });
});

/** As it was written before an order in doubt could be asked to be cancelled. */
function unasked(events: readonly AccountEvent[]): readonly AccountEvent[] {
  return events.filter(({ type }) => type !== 'OrderCancelRequested');
}

describe('an acceptance', () => {
  it('is told once, with the id of the venue', () => {
    given(accountDecider, history(...sent))
      .when(reportAccepted())
      .then({ type: 'OrderAccepted', data: { orderId: orderId(1), venueOrderId: 'v-1' } });
    given(accountDecider, history(...atVenue))
      .when(reportAccepted())
      .then();
    given(accountDecider, history(...atVenue))
      .when(reportAccepted({ venueOrderId: null }))
      .then();
  });

  it('of an order that was in doubt while its account was closed asks the venue to cancel it', () => {
    given(accountDecider, unasked(history(...sent, reportUnresolved(), close())))
      .when(reportAccepted())
      .then(
        { type: 'OrderAccepted', data: { orderId: orderId(1), venueOrderId: 'v-1' } },
        { type: 'OrderCancelRequested', data: { orderId: orderId(1), by: 'operator', reason: 'revoked' } },
      );
  });

  it('of what the operator sells of a closed account at the market leaves it alone', () => {
    const holding = [open(), place({ terms: AT_VENUE }), send(), reportFill()] as const;
    const sells = { BTC: { orderId: orderId(2), terms: AT_VENUE } };
    const selling = closeAll({ by: 'operator', sells });
    const doubted = [send({ orderId: orderId(2) }), reportUnresolved({ orderId: orderId(2) })] as const;
    given(accountDecider, history(...holding, close(), selling, ...doubted))
      .when(reportAccepted({ orderId: orderId(2) }))
      .then({ type: 'OrderAccepted', data: { orderId: orderId(2), venueOrderId: 'v-1' } });
  });

  it('of a buy that was in doubt while the breaker tripped does so too, and of a sell does not', () => {
    const limited = open({ dailyLossLimit: '50' });
    const tripped = judge({ marks: marks({ BTC: '40' }) });
    const bought = [
      limited,
      place({ orderId: orderId(9), quantity: '2', terms: AT_VENUE }),
      reportFill({ orderId: orderId(9), quantity: '2' }),
    ] as const;
    const inDoubt = (side: 'buy' | 'sell') => [
      ...bought,
      { ...buying, side, quantity: '1', marks: marks({ BTC: '100' }) },
      send(),
      reportUnresolved(),
      tripped,
    ];
    const accepted = { type: 'OrderAccepted', data: { orderId: orderId(1), venueOrderId: 'v-1' } } as const;
    given(accountDecider, unasked(history(...inDoubt('buy'))))
      .when(reportAccepted())
      .then(accepted, {
        type: 'OrderCancelRequested',
        data: { orderId: orderId(1), by: 'breaker', reason: 'daily_loss' },
      });
    given(accountDecider, history(...inDoubt('sell')))
      .when(reportAccepted())
      .then(accepted);
    given(accountDecider, history(...inDoubt('buy'), reportAccepted()))
      .when(reportAccepted())
      .then();
  });

  it('may bring the id later', () => {
    const order = first(...sent, reportAccepted({ venueOrderId: null }), reportAccepted());
    expect(order).toMatchObject({ accepted: true, venueOrderId: 'v-1' });
    expect(first(...sent, reportFill(), reportAccepted())).toMatchObject({
      status: 'partially_filled',
      venueOrderId: 'v-1',
    });
  });

  it('of an order that is over adds nothing', () => {
    given(accountDecider, history(...atVenue, reportCancelled()))
      .when(reportAccepted())
      .then();
  });
});

describe('a fill', () => {
  it('in part sets free what was kept back for that part', () => {
    const account = accountAfter(...atVenue, reportFill({ quantity: '1', price: '90', fee: '0.09' }));
    expect(account).toMatchObject({ cash: '99909.91', reservedCash: '300.3' });
    expect(account.buying.get('BTC')).toBe('3');
    expect(account.open.get(orderId(1))).toMatchObject({
      status: 'partially_filled',
      filled: '1',
      filledValue: '90',
      fees: '0.09',
      reserved: '300.3',
    });
  });

  it('of the rest completes the order and sets all free', () => {
    const account = accountAfter(
      ...atVenue,
      reportFill({ quantity: '1', price: '90' }),
      reportFill({ quantity: '3', tradeId: 'trade-2' }),
    );
    expect(account).toMatchObject({ cash: '99610', reservedCash: '0' });
    expect(account.open.size + account.buying.size).toBe(0);
    const order = account.over.get(orderId(1))!;
    expect(order).toMatchObject({ status: 'filled', filled: '4', reserved: '0' });
    expect(averagePrice(order)).toBe('97.5');
    expect(averagePrice(first(...atVenue)!)).toBeNull();
  });

  it('is booked once by its id', () => {
    given(accountDecider, history(...atVenue, reportFill()))
      .when(reportFill({ quantity: '2', price: '7' }))
      .then();
  });

  it('after the end is booked and flagged', () => {
    const events = history(...atVenue, reportFill(), reportCancelled(), reportFill({ tradeId: 'trade-2' }));
    expect(events.at(-1)).toMatchObject({ type: 'OrderFilled', data: { flags: ['after_finish'], completes: false } });
    const late = accountAfter(...atVenue, reportCancelled(), reportFill());
    expect(late).toMatchObject({ cash: '99900', reservedCash: '0' });
    expect(findOrder(late, orderId(1))).toMatchObject({ status: 'cancelled', filled: '1' });
    given(accountDecider, history(...atVenue, reportCancelled(), reportFill()))
      .when(reportFill())
      .then();
  });

  it('after the end that fills all of it makes it filled', () => {
    expect(first(...atVenue, reportCancelled(), reportFill({ quantity: '4' }))).toMatchObject({ status: 'filled' });
  });

  it('of more than was ordered is booked and flagged', () => {
    const events = history(...atVenue, reportFill({ quantity: '5' }));
    expect(events.at(-1)).toMatchObject({ data: { flags: ['overfill'], completes: true, released: '400.4' } });
    expect(history(...atVenue, reportFill({ quantity: '4' }), reportFill({ tradeId: 'x' })).at(-1)).toMatchObject({
      data: { flags: ['after_finish', 'overfill'], completes: false, released: '0' },
    });
  });

  it('that takes cash or a holding below zero is booked and flagged', () => {
    const dear = accountAfter(open({ balance: '500' }), buying, send(), reportFill({ quantity: '4', price: '200' }));
    expect(dear).toMatchObject({ cash: '-300' });
    const events = history(open({ balance: '500' }), buying, send(), reportFill({ quantity: '4', price: '200' }));
    expect(events.at(-1)).toMatchObject({ data: { flags: ['overdrawn'] } });

    const selling = [
      open(),
      place({ terms: AT_VENUE }),
      reportFill(),
      limit('100', { orderId: orderId(2), side: 'sell', terms: AT_VENUE }),
      send({ orderId: orderId(2) }),
      reportFill({ orderId: orderId(2), quantity: '3' }),
    ];
    expect(history(...selling).at(-1)).toMatchObject({ data: { flags: ['overfill', 'overdrawn'], realized: '0' } });
    expect(accountAfter(...selling).holdings.get('BTC')).toEqual({ quantity: '-2', cost: '-200', reserved: '0' });
  });

  it('may carry its fee in pieces, or in what is not kept, or in what its pair is quoted in', () => {
    const last = (feeCurrency: string, fee = '0.001') =>
      history(...atVenue, reportFill({ fee, feeCurrency })).at(-1)!.data;
    expect(last('BTC')).toMatchObject({ flags: ['fee_in_base'], fee: '0.001', feeCurrency: 'BTC' });
    expect(last('BNB')).toMatchObject({ flags: ['fee_elsewhere'], feeCurrency: 'BNB' });
    expect(last('BNB', '0')).toMatchObject({ flags: [] });
    expect(last('USDT')).toMatchObject({ flags: [], feeCurrency: 'USD' });
    expect(first(...atVenue, reportFill({ fee: '0.001', feeCurrency: 'BTC' }))).toMatchObject({
      fees: '0.1',
      filled: '1',
    });
  });

  it.each([
    ['quantity', { quantity: '0' }],
    ['price', { price: '-1' }],
    ['fee', { fee: '1e-7' }],
  ])('with a %s that is no number is refused', (field, wrong) => {
    given(accountDecider, history(...atVenue))
      .when(reportFill(wrong))
      .thenRefused({ code: 'number_invalid', field });
  });

  it('of an order that was never sent is booked all the same', () => {
    expect(first(open(), buying, reportFill())).toMatchObject({ filled: '1', accepted: true });
  });
});

describe('a fill by the word of the operator', () => {
  const word = (quantity: string) => reportFill({ tradeId: 'operator-1', quantity });

  it('is booked once', () => {
    expect(first(...atVenue, word('4'))).toMatchObject({ status: 'filled', filled: '4' });
    given(accountDecider, history(...atVenue, word('4')))
      .when(word('4'))
      .then();
  });

  it.each([reportFill({ quantity: '4' }), reportCancelled(), reportRejected()])('is none after $type', (end) => {
    given(accountDecider, history(...atVenue, end))
      .when(word('1'))
      .thenRefused({ code: 'order_finished' });
  });

  it('is none of more than is left', () => {
    given(accountDecider, history(...atVenue, reportFill({ quantity: '3' })))
      .when(word('1.1'))
      .thenRefused({
        code: 'above_remaining',
        kind: 'invalid',
        field: 'quantity',
        message: 'Of the order 1 is left to be filled.',
      });
  });
});

describe('a touch of a resting order on paper', () => {
  const resting = [open(), limit('90', { quantity: '2' })] as const;

  it('fills all of it, with the fee', () => {
    expect(accountAfter(...resting, fillResting('90'))).toMatchObject({ cash: '99819.82', fees: '0.18' });
  });

  it('by a market that jumped over it fills at that better price', () => {
    const account = accountAfter(...resting, fillResting('80'));
    expect(account).toMatchObject({ cash: '99839.84', reservedCash: '0' });
  });

  it('adds nothing where the order is over, not known, at a venue, or its limit was moved away', () => {
    given(accountDecider, history(...resting, fillResting('90')))
      .when(fillResting('90'))
      .then();
    given(accountDecider, history(...resting, cancel()))
      .when(fillResting('90'))
      .then();
    given(accountDecider, history(open())).when(fillResting('90')).then();
    given(accountDecider, history(...atVenue))
      .when(fillResting('90'))
      .then();
    given(accountDecider, history(...resting, modify({ price: '80' })))
      .when(fillResting('90'))
      .then();
    const selling = [open(), place(), limit('120', { orderId: orderId(2), side: 'sell' })] as const;
    given(accountDecider, history(...selling))
      .when(fillResting('119', { orderId: orderId(2) }))
      .then();
    expect(accountAfter(...selling, fillResting('121', { orderId: orderId(2) })).holdings.size).toBe(0);
  });
});

describe('the end told by a venue', () => {
  it('sets free what is left', () => {
    expect(accountAfter(...atVenue, reportFill(), reportCancelled())).toMatchObject({ reservedCash: '0' });
    expect(accountAfter(...sent, reportRejected())).toMatchObject({ reservedCash: '0', cash: '100000' });
  });

  it('told twice adds nothing', () => {
    given(accountDecider, history(...atVenue, reportCancelled()))
      .when(reportCancelled())
      .then();
    given(accountDecider, history(...sent, reportRejected()))
      .when(reportRejected())
      .then();
    given(accountDecider, history(...sent, reportRejected()))
      .when(reportCancelled())
      .then();
  });

  it('as a rejection after a fill is a cancel', () => {
    given(accountDecider, history(...atVenue, reportFill()))
      .when(reportRejected({ reason: 'no' }))
      .then({
        type: 'OrderCancelled',
        data: {
          orderId: orderId(1),
          symbol: 'BTC',
          side: 'buy',
          released: '300.3',
          by: 'venue',
          reason: 'no',
        },
      });
  });
});

describe('an order in doubt', () => {
  const unresolved = [...sent, reportUnresolved()] as const;

  it('keeps what it could cost', () => {
    const account = accountAfter(...unresolved);
    expect(account).toMatchObject({ reservedCash: '400.4' });
    expect(account.open.get(orderId(1))).toMatchObject({ status: 'unresolved' });
  });

  it('is one that was sent and of which nothing was heard', () => {
    given(accountDecider, history(open(), buying))
      .when(reportUnresolved())
      .thenRefused({ code: 'not_sent', kind: 'conflict' });
    given(accountDecider, history(...atVenue))
      .when(reportUnresolved())
      .then();
    given(accountDecider, history(...sent, reportFill()))
      .when(reportUnresolved())
      .then();
    given(accountDecider, history(...unresolved))
      .when(reportUnresolved())
      .then();
    given(accountDecider, history(...atVenue, reportCancelled()))
      .when(reportUnresolved())
      .then();
  });

  it('is neither changed nor cancelled nor sent again', () => {
    given(accountDecider, history(...unresolved))
      .when(cancel())
      .thenRefused({ code: 'order_unresolved' });
    given(accountDecider, history(...unresolved))
      .when(modify({ price: '90' }))
      .thenRefused({ code: 'order_unresolved' });
    given(accountDecider, history(...unresolved))
      .when(send())
      .thenRefused({ code: 'sent_before' });
  });

  it.each([
    ['open', reportAccepted()],
    ['partially_filled', reportFill()],
    ['filled', reportFill({ quantity: '4' })],
    ['cancelled', reportCancelled({ by: 'operator' })],
    ['rejected', reportRejected()],
  ] as const)('is %s once that is told', (status, report) => {
    expect(first(...unresolved, report)).toMatchObject({ status });
  });
});

describe('orders that are over', () => {
  it('are remembered as long as they are among the newest', () => {
    const orders = Array.from({ length: REMEMBERED_ORDERS + 1 }, (_, at) =>
      place({ orderId: orderId(at + 1), quantity: '0.1' }),
    );
    const account = accountAfter(open(), ...orders);
    expect([account.over.size, account.overIds.size]).toEqual([REMEMBERED_ORDERS, REMEMBERED_ORDERS]);
    expect(findOrder(account, orderId(1))).toBeUndefined();
    expect(accountDecider.decide(reportFill({ orderId: orderId(1) }), account)).toMatchObject({
      refused: { code: 'order_not_found' },
    });
    expect(accountDecider.decide(reportFill({ orderId: orderId(2) }), account)).toHaveProperty('events');
  });
});

describe('an order that nobody placed', () => {
  it.each([
    cancel(),
    modify({ price: '1' }),
    send(),
    reportAccepted(),
    reportFill(),
    reportCancelled(),
    reportRejected(),
    reportUnresolved(),
  ])('$type does not find it', (command) => {
    given(accountDecider, history(open()))
      .when(command)
      .thenRefused({ code: 'order_not_found', kind: 'not-found', field: 'orderId' });
  });
});
