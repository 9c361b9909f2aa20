import { describe, expect, it } from '@jest/globals';
import type { AccountDocument } from '#libs/views';
import { portfolioOf } from './portfolio.ts';

const account = {
  cash: '900.5',
  reservedCash: '100.1',
  holdings: [
    { symbol: 'BTC', quantity: '0.3', cost: '100', reserved: '0.1' },
    { symbol: 'ETH', quantity: '2', cost: '50', reserved: '0' },
  ],
  realized: '-3.5',
  fees: '0.2',
} as unknown as AccountDocument;

const BTC = { BTC: { price: '400.01', at: '2026-11-21T00:00:00.000Z', source: 'simulated' } };

describe('a portfolio', () => {
  it('is cash and positions at the last prices, exactly', () => {
    const marks = { ...BTC, ETH: { ...BTC.BTC, price: '20' } };
    expect(portfolioOf(account, marks)).toEqual({
      totalValue: '1060.503',
      cash: '900.5',
      freeCash: '800.4',
      positions: [
        {
          symbol: 'BTC',
          quantity: '0.3',
          free: '0.2',
          averageCost: '333.333333333333333333',
          price: '400.01',
          value: '120.003',
          unrealizedPnl: '20.003',
        },
        { symbol: 'ETH', quantity: '2', free: '2', averageCost: '25', price: '20', value: '40', unrealizedPnl: '-10' },
      ],
      realizedPnl: '-3.5',
      fees: '0.2',
    });
  });

  it('counts what has no price at what it cost, and invents none', () => {
    const { totalValue, positions } = portfolioOf(account, BTC);
    expect(totalValue).toBe('1070.503');
    expect(positions[1]).toMatchObject({ price: null, value: null, unrealizedPnl: null, averageCost: '25' });
  });

  it('has a cost of nothing for pieces that are all gone while a sell keeps some back', () => {
    const holdings = [{ symbol: 'BTC', quantity: '0', cost: '0', reserved: '0.1' }];
    const { totalValue, positions } = portfolioOf({ ...account, holdings }, BTC);
    expect(totalValue).toBe('900.5');
    expect(positions).toEqual([
      { symbol: 'BTC', quantity: '0', free: '-0.1', averageCost: '0', price: '400.01', value: '0', unrealizedPnl: '0' },
    ]);
  });
});
