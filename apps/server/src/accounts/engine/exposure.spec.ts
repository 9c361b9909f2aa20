import { describe, expect, it } from '@jest/globals';
import type { AccountEvent } from '#libs/account';
import { exposureOf, Exposures, type Known, mayHaveLost } from './exposure.ts';

const KNOWN: Known = {
  accountId: 'a',
  status: 'active',
  revision: 4,
  dailyLossLimit: '100',
  cash: '500',
  holdings: [{ symbol: 'BTC', quantity: '2' }],
  day: { day: '2026-03-04', baseline: '1500', tripped: false },
};

function fill(side: 'buy' | 'sell', quantity: string, price: string, fee = '0', feeCurrency = 'USD'): AccountEvent {
  return {
    type: 'OrderFilled',
    data: {
      orderId: 'o',
      tradeId: 't',
      symbol: 'BTC',
      side,
      quantity,
      price,
      fee,
      feeCurrency,
      slippage: '0',
      released: '0',
      realized: '0',
      at: '2026-03-04T10:00:00.000Z',
      completes: true,
      flags: [],
    },
  };
}

describe('what an account stands to lose', () => {
  it.each([
    ['loses nothing at its baseline', 500, false],
    ['has lost less than its limit', 451, false],
    ['has lost its limit', 450, true],
    ['has lost more', 100, true],
  ])('%s', (_what, price, lost) => {
    expect(mayHaveLost(exposureOf(KNOWN), () => price)).toBe(lost);
  });

  it.each([
    ['no limit', { ...KNOWN, dailyLossLimit: null }],
    ['no day', { ...KNOWN, day: null }],
    ['a breaker that has tripped', { ...KNOWN, day: { ...KNOWN.day!, tripped: true } }],
  ])('is not told of an account with %s', (_what, known) => {
    expect(mayHaveLost(exposureOf(known), () => 1)).toBe(false);
  });

  it('is not what was written off', () => {
    const exposures = new Exposures();
    const exposure = exposureOf(KNOWN);
    exposures.set(exposure);
    const gone = { symbol: 'BTC', quantity: '2', cost: '1000', realized: '-1000', reason: 'delisted' };
    exposures.heard(exposure, { type: 'HoldingWrittenOff', data: gone }, 5);
    expect([...exposures.symbols()]).toEqual([]);
    expect([exposure.quantities.size, exposure.cash]).toEqual([0, 500]);
  });

  it('is not told without a price of all that is held', () => {
    expect(mayHaveLost(exposureOf(KNOWN), () => null)).toBe(false);
  });

  it('is a filter that never misses: a loss of exactly the limit in digits that doubles lack is told', () => {
    const known = { ...KNOWN, cash: '0.3', holdings: [{ symbol: 'BTC', quantity: '0.1' }], dailyLossLimit: '0.1' };
    const day = { day: '2026-03-04', baseline: '0.5', tripped: false };
    expect(mayHaveLost(exposureOf({ ...known, day }), () => 1)).toBe(true);
  });

  it.each([
    ['a buy', fill('buy', '1', '100', '3'), 397, 3],
    ['a sell', fill('sell', '1', '100', '3'), 597, 1],
    ['a fee in pieces', fill('buy', '1', '100', '0.5', 'BTC'), 400, 2.5],
    ['a fee elsewhere', fill('buy', '1', '100', '0.5', 'BNB'), 400, 3],
  ])('follows %s', (_what, event, cash, quantity) => {
    const exposures = new Exposures();
    const exposure = exposureOf(KNOWN);
    exposures.set(exposure);
    exposures.heard(exposure, event, 5);
    expect(exposure.cash).toBe(cash);
    expect(exposure.quantities.get('BTC')).toEqual({ exact: String(quantity), about: quantity });
    exposures.heard(exposure, event, 5);
    expect(exposure.cash).toBe(cash);
  });

  it('knows the last crumb of a holding, for the account is valued with it, and none that doubles make up', () => {
    const exposures = new Exposures();
    const exposure = exposureOf({ ...KNOWN, holdings: [{ symbol: 'BTC', quantity: '1000000' }] });
    exposures.set(exposure);
    exposures.heard(exposure, fill('sell', '999999.99999', '1'), 5);
    expect(exposure.quantities.get('BTC')).toEqual({ exact: '0.00001', about: 0.00001 });
    exposures.heard(exposure, fill('buy', '0.1', '1'), 6);
    exposures.heard(exposure, fill('buy', '0.2', '1'), 7);
    exposures.heard(exposure, fill('sell', '0.30001', '1'), 8);
    expect([...exposure.quantities]).toEqual([]);
  });

  it('is found by what is held, until nothing is', () => {
    const exposures = new Exposures();
    const exposure = exposureOf(KNOWN);
    exposures.set(exposure);
    expect([...exposures.holders('BTC')]).toEqual([exposure]);
    exposures.heard(exposure, fill('sell', '2', '100'), 5);
    expect([...exposures.holders('BTC')]).toEqual([]);
    expect([...exposures.symbols()]).toEqual([]);
  });
});
