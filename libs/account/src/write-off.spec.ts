import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { accountDecider } from './index.ts';
import { AT_VENUE, close, limit, open, orderId, place, reportFill, send, writeOff } from './testing/commands.ts';
import { accountAfter, history, owned } from './testing/history.ts';

/** Crumbs of 0.4 BTC that cost 100 a piece lie at the venue. */
const crumbs = [open(), place({ quantity: '0.4', terms: AT_VENUE }), send(), reportFill({ quantity: '0.4' })] as const;

describe('a holding that is written off', () => {
  it('counts no more, and what it cost is lost', () => {
    given(accountDecider, history(...crumbs))
      .when(writeOff())
      .then({
        type: 'HoldingWrittenOff',
        data: { symbol: 'BTC', quantity: '0.4', cost: '40', realized: '-40', reason: 'too little to sell' },
      });
    const [before, after] = [accountAfter(...crumbs), accountAfter(...crumbs, writeOff())];
    expect(after.holdings.size).toBe(0);
    expect([after.cash, after.realized, after.fees]).toEqual([before.cash, '-40', before.fees]);
    expect(owned(after)).toBe(after.cash);
  });

  it('sets the account free to trade elsewhere', () => {
    const onPaper = place({ orderId: orderId(2) });
    given(accountDecider, history(...crumbs))
      .when(onPaper)
      .thenRefused({ code: 'other_broker' });
    expect(accountAfter(...crumbs, writeOff(), onPaper)).toMatchObject({ broker: 'paper' });
  });

  it('may be that of an agent that is revoked, and of pieces that were sold twice', () => {
    expect(accountAfter(...crumbs, close(), writeOff()).holdings.size).toBe(0);
    const selling = place({ orderId: orderId(2), side: 'sell', quantity: '0.4', terms: AT_VENUE });
    const sold = [selling, send({ orderId: orderId(2) })] as const;
    const twice = reportFill({ orderId: orderId(2), tradeId: 'twice', quantity: '0.5' });
    const short = accountAfter(...crumbs, ...sold, twice);
    expect(short.holdings.get('BTC')).toMatchObject({ quantity: '-0.1', cost: '-10' });
    const after = accountAfter(...crumbs, ...sold, twice, writeOff());
    expect([after.holdings.size, after.realized]).toEqual([0, '10']);
  });

  it('has no open order, whatever its side', () => {
    const sell = limit('200', { orderId: orderId(2), side: 'sell', quantity: '0.1', terms: AT_VENUE });
    const buy = limit('50', { orderId: orderId(2), terms: AT_VENUE });
    for (const order of [sell, buy])
      given(accountDecider, history(...crumbs, order))
        .when(writeOff())
        .thenRefused({ code: 'orders_open' });
  });

  it('is there, and has a reason', () => {
    given(accountDecider, history(...crumbs))
      .when(writeOff({ symbol: 'ETH' }))
      .thenRefused({ code: 'holding_not_found' });
    given(accountDecider, history(...crumbs))
      .when(writeOff({ reason: ' ' }))
      .thenRefused({ code: 'reason_missing' });
  });
});
