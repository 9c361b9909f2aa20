import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { accountDecider, equityOf } from './index.ts';
import {
  AT_VENUE,
  approve,
  close,
  judge,
  limit,
  MARKS,
  marks,
  open,
  orderId,
  place,
  reportFill,
  resetBreaker,
  send,
  TOMORROW,
} from './testing/commands.ts';
import { accountAfter, history } from './testing/history.ts';

const FALLEN = marks({ BTC: '50', ETH: '10' });
const limited = open({ dailyLossLimit: '50' });
/** Bought 1 BTC at 100: 99899.9 dollars are left, and the day began with 100000. */
const bought = [limited, place()] as const;
const tripped = [...bought, judge({ marks: FALLEN })] as const;

describe('a new day', () => {
  it('begins with what the account is worth, marked by the prices of what it holds', () => {
    given(accountDecider, history(open(), place()))
      .when(judge())
      .then({
        type: 'DayStarted',
        data: { day: '2026-11-21', equity: '99999.9', marks: marks({ BTC: '100' }) },
      });
    given(accountDecider, history(open()))
      .when(judge({ marks: {} }))
      .then({ type: 'DayStarted', data: { day: '2026-11-21', equity: '100000', marks: {} } });
  });

  it('begins once', () => {
    given(accountDecider, history(open(), judge())).when(judge()).then();
  });

  it('begins at the prices of midnight where all are known, and is then judged by those of now', () => {
    const events = history(...bought, judge({ now: TOMORROW, atMidnight: marks({ BTC: '120' }), marks: FALLEN }));
    expect(events.slice(-2)).toEqual([
      { type: 'DayStarted', data: { day: '2026-11-22', equity: '100019.9', marks: marks({ BTC: '120' }) } },
      {
        type: 'BreakerTripped',
        data: {
          breaker: 'daily_loss',
          day: '2026-11-22',
          baseline: '100019.9',
          equity: '99949.9',
          loss: '70',
          limit: '50',
          marks: marks({ BTC: '50' }),
        },
      },
    ]);
    const lacking = history(...bought, judge({ now: TOMORROW, atMidnight: marks({ ETH: '1' }) }));
    expect(lacking.at(-1)).toMatchObject({ type: 'DayStarted', data: { equity: '99999.9' } });
  });

  it('waits for the price of every holding: none is invented', () => {
    given(accountDecider, history(...bought))
      .when(judge({ now: TOMORROW, marks: marks({ ETH: '10' }) }))
      .then();
    expect(equityOf(accountAfter(...bought), {})).toBeNull();
  });

  it('needs no price of what is sold out, though an order still keeps pieces of it back', () => {
    const sells = [2, 3].flatMap((at) => {
      const named = { orderId: orderId(at), side: 'sell', quantity: '0.5', terms: AT_VENUE } as const;
      return [limit('110', named), send(named)];
    });
    const bought = [place({ terms: AT_VENUE }), reportFill()];
    const account = accountAfter(open(), ...bought, ...sells, reportFill({ orderId: orderId(2), price: '110' }));
    expect(account.holdings.get('BTC')).toEqual({ quantity: '0', cost: '0', reserved: '0.5' });
    expect(equityOf(account, {})).toBe(account.cash);
  });

  it('never goes back: a late clock does not begin yesterday again', () => {
    given(accountDecider, history(...bought, judge({ now: TOMORROW })))
      .when(judge())
      .then();
  });

  it('begins for accounts that trade', () => {
    const live = open({ mode: 'live', dailyLossLimit: '50', maxPositionSize: '1000' });
    given(accountDecider, history(live)).when(judge()).then();
    given(accountDecider, history(open(), close())).when(judge()).then();
    expect(history(live, approve(), judge())).toHaveLength(3);
  });
});

describe('the breaker', () => {
  it('trips where the loss is at its limit, with its figures', () => {
    // The fee of 0.1 is part of the loss.
    given(accountDecider, history(...bought))
      .when(judge({ marks: marks({ BTC: '50.2' }) }))
      .then();
    given(accountDecider, history(...bought))
      .when(judge({ marks: marks({ BTC: '50.1' }) }))
      .then({
        type: 'BreakerTripped',
        data: {
          breaker: 'daily_loss',
          day: '2026-11-21',
          baseline: '100000',
          equity: '99950',
          loss: '50',
          limit: '50',
          marks: marks({ BTC: '50.1' }),
        },
      });
  });

  it('trips once a day', () => {
    given(accountDecider, history(...tripped))
      .when(judge({ marks: marks({ BTC: '1' }) }))
      .then();
  });

  it('cancels the open buys and spares the sells', () => {
    const busy = [
      bought[0],
      place({ terms: AT_VENUE }),
      reportFill(),
      limit('110', { orderId: orderId(2), side: 'sell', terms: AT_VENUE }),
      limit('40', { orderId: orderId(3), terms: AT_VENUE }),
      limit('41', { orderId: orderId(4), terms: AT_VENUE }),
      limit('42', { orderId: orderId(5), terms: AT_VENUE }),
      send({ orderId: orderId(5) }),
    ] as const;
    const events = history(...busy, judge({ marks: FALLEN })).slice(history(...busy).length + 1);
    const told = { by: 'breaker', reason: 'daily_loss' };
    expect(events).toMatchObject([
      { type: 'OrderCancelled', data: { orderId: orderId(3), ...told } },
      { type: 'OrderCancelled', data: { orderId: orderId(4), ...told } },
      { type: 'OrderCancelRequested', data: { orderId: orderId(5), ...told } },
    ]);
    expect(accountAfter(...busy, judge({ marks: FALLEN })).open.get(orderId(2))).toMatchObject({ status: 'open' });
    const onPaper = history(...bought, limit('40', { orderId: orderId(3) }), judge({ marks: FALLEN }));
    expect(onPaper.at(-1)).toMatchObject({ type: 'OrderCancelled', data: { orderId: orderId(3), ...told } });
  });

  it('is there only where a limit is set', () => {
    given(accountDecider, history(open(), place(), judge()))
      .when(judge({ marks: marks({ BTC: '0.01' }) }))
      .then();
  });

  it('is clear with a new day', () => {
    const account = accountAfter(...tripped, judge({ now: TOMORROW, marks: FALLEN }));
    expect(account.day).toEqual({ day: '2026-11-22', baseline: '99949.9', tripped: false });
  });
});

describe('a reset by the operator', () => {
  it('lets the account open again, its loss counted from now', () => {
    given(accountDecider, history(...tripped))
      .when(resetBreaker({ marks: FALLEN }))
      .then({
        type: 'BreakerReset',
        data: { reason: 'looked at it', day: '2026-11-21', baseline: '99949.9', marks: marks({ BTC: '50' }) },
      });
    const reset = [...tripped, resetBreaker({ marks: FALLEN })] as const;
    given(accountDecider, history(...reset))
      .when(judge({ marks: FALLEN }))
      .then();
    expect(accountAfter(...reset, place({ orderId: orderId(2), marks: FALLEN })).holdings.get('BTC')).toMatchObject({
      quantity: '2',
    });
    expect(history(...reset, judge({ marks: marks({ BTC: '0' }) })).at(-1)).toMatchObject({ type: 'BreakerTripped' });
  });

  it('needs a trip of today, a reason, and prices', () => {
    const none = { code: 'not_tripped', kind: 'conflict' } as const;
    given(accountDecider, history(...bought))
      .when(resetBreaker())
      .thenRefused(none);
    given(accountDecider, history(...tripped))
      .when(resetBreaker({ now: TOMORROW }))
      .thenRefused(none);
    given(accountDecider, history(...tripped, resetBreaker()))
      .when(resetBreaker())
      .thenRefused(none);
    given(accountDecider, history(...tripped))
      .when(resetBreaker({ reason: '' }))
      .thenRefused({ code: 'reason_missing' });
    given(accountDecider, history(...tripped))
      .when(resetBreaker({ marks: { ETH: MARKS['ETH']! } }))
      .thenRefused({ code: 'quote_unavailable', field: 'symbol', message: 'There is no price of BTC to go by.' });
  });
});
