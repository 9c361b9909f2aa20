import { describe, expect, it } from '@jest/globals';
import { bookFill, cashOf, feeOf, piecesOf, realizedBy, type Lot, type Trade } from './money.ts';

const NONE: Lot = { quantity: '0', cost: '0' };

function trade(side: 'buy' | 'sell', quantity: string, price: string, fee = '0', feeCurrency = 'USD'): Trade {
  return { symbol: 'BTC', side, quantity, price, fee, feeCurrency };
}

/** A holding after trades, with what each realised. */
function after(start: Lot, ...trades: readonly Trade[]): Lot & { readonly realized: readonly string[] } {
  let holding = start;
  const realized: string[] = [];
  for (const each of trades) {
    realized.push(realizedBy(holding, each));
    holding = bookFill(holding, { ...each, realized: realized.at(-1)! });
  }
  return { ...holding, realized };
}

describe('a holding', () => {
  it('costs what was paid, and a sale takes its part of that', () => {
    expect(after(NONE, trade('buy', '1', '100'), trade('buy', '1', '300'), trade('sell', '0.5', '400'))).toEqual({
      quantity: '1.5',
      cost: '300',
      realized: ['0', '0', '100'],
    });
  });

  it('gives its last sale the rest exactly, whatever was rounded before', () => {
    const third = trade('sell', '1', '50');
    const parts = after({ quantity: '3', cost: '100' }, third, third, third);
    // 50 less a third of 100, and the last one takes what rounding left.
    expect(parts).toEqual({
      quantity: '0',
      cost: '0',
      realized: ['16.666666666666666667', '16.666666666666666666', '16.666666666666666667'],
    });
  });

  it('goes below zero by what was sold beyond it, and a later buy covers that', () => {
    const short = after({ quantity: '1', cost: '100' }, trade('sell', '3', '120'));
    expect(short).toEqual({ quantity: '-2', cost: '-240', realized: ['20'] });
    expect(after(short, trade('buy', '1', '110'))).toEqual({ quantity: '-1', cost: '-120', realized: ['10'] });
    expect(after(short, trade('buy', '5', '110'))).toEqual({ quantity: '3', cost: '330', realized: ['20'] });
    expect(after(short, trade('sell', '1', '60'))).toEqual({ quantity: '-3', cost: '-300', realized: ['0'] });
  });

  it('keeps what else is known of it', () => {
    expect(bookFill({ ...NONE, reserved: '7' }, { ...trade('buy', '1', '2'), realized: '0' })).toEqual({
      quantity: '1',
      cost: '2',
      reserved: '7',
    });
  });
});

describe('a fee', () => {
  it('in dollars is paid from cash', () => {
    expect(cashOf(trade('buy', '2', '100', '0.2'))).toBe('-200.2');
    expect(cashOf(trade('sell', '2', '100', '0.2'))).toBe('199.8');
    expect(feeOf(trade('sell', '2', '100', '0.2'))).toBe('0.2');
  });

  it('below zero is a rebate', () => {
    expect(cashOf(trade('buy', '2', '100', '-0.2'))).toBe('-199.8');
    expect(feeOf(trade('buy', '2', '100', '-0.2'))).toBe('-0.2');
  });

  it('in what was bought takes pieces at the price of the fill', () => {
    const bought = trade('buy', '1', '100', '0.001', 'BTC');
    expect([cashOf(bought), piecesOf(bought), feeOf(bought)]).toEqual(['-100', '0.999', '0.1']);
    expect(after({ quantity: '1', cost: '50' }, bought)).toEqual({
      quantity: '1.999',
      cost: '149.9',
      realized: ['0'],
    });
  });

  it('in what was sold takes that many pieces more, and leaves the average cost as it was', () => {
    const sold = trade('sell', '1', '100', '0.5', 'BTC');
    expect([cashOf(sold), piecesOf(sold), feeOf(sold)]).toEqual(['100', '-1.5', '50']);
    expect(after({ quantity: '2', cost: '100' }, sold)).toEqual({ quantity: '0.5', cost: '25', realized: ['75'] });
  });

  it('in a currency that is not kept costs nothing here', () => {
    const sold = trade('sell', '1', '100', '0.5', 'BNB');
    expect([cashOf(sold), piecesOf(sold), feeOf(sold)]).toEqual(['100', '-1', '0']);
  });
});
