import { describe, expect, it } from '@jest/globals';
import type { Price } from '#libs/market';
import { RestingBook, type RestingOrder } from './resting-book.ts';

const buy: RestingOrder = { orderId: 'b', accountId: 'a', side: 'buy', limit: '100', from: 10 };
const sell: RestingOrder = { orderId: 's', accountId: 'a', side: 'sell', limit: '120', from: 10 };

function tick(time: number, price: string): Price {
  return { kind: 'tick', time, price };
}

function candle(time: number, open: string, high: string, low: string, close: string): Price {
  return { kind: 'candle', time, interval: 60, open, high, low, close };
}

function bookOf(...orders: readonly RestingOrder[]): RestingBook {
  const book = new RestingBook();
  for (const order of orders) book.set(order);
  return book;
}

describe('resting orders', () => {
  it.each([
    ['a tick at the limit', tick(10, '100.00'), [{ order: buy, price: '100.00', at: 10 }]],
    ['a tick that jumped over it, at the tick', tick(11, '99'), [{ order: buy, price: '99', at: 11 }]],
    ['no tick above it', tick(11, '100.01'), []],
    ['no tick from before the order', tick(9, '90'), []],
    [
      'a candle that dips to it, at the limit',
      candle(10, '110', '115', '100', '112'),
      [{ order: buy, price: '100', at: 70 }],
    ],
    [
      'a candle that opens beyond it, at the open',
      candle(10, '95', '110', '90', '105'),
      [{ order: buy, price: '95', at: 10 }],
    ],
    ['no candle that opened before the order', candle(9, '110', '115', '90', '112'), []],
    ['a sell by a high', candle(10, '110', '121', '105', '112'), [{ order: sell, price: '120', at: 70 }]],
    [
      'a sell that the open jumped over',
      candle(10, '130', '131', '125', '126'),
      [{ order: sell, price: '130', at: 10 }],
    ],
  ])('are filled by %s', (_what, price, touches) => {
    expect(bookOf(buy, sell).touched(price)).toEqual(touches);
  });

  it('are told by digits that a double has not', () => {
    const close = { ...buy, limit: '0.10000000000000000001' };
    expect(bookOf(close).touched(tick(10, '0.10000000000000000002'))).toEqual([]);
    expect(bookOf(close).touched(tick(10, '0.10000000000000000001'))).toHaveLength(1);
  });

  it('are filled by a price that was told before they were heard of', () => {
    const book = new RestingBook();
    book.touched(tick(9, '98'));
    book.touched(tick(12, '99'));
    book.touched(tick(13, '97'));
    expect(book.set(buy)).toEqual({ order: buy, price: '99', at: 12 });
  });

  it('wait at their new limit once they are changed, and for nothing once they are gone', () => {
    const book = bookOf(buy);
    book.set({ ...buy, limit: '90', from: 20 });
    expect(book.touched(tick(21, '95'))).toEqual([]);
    expect(book.touched(tick(22, '90'))).toHaveLength(1);
    book.delete('b');
    expect(book.touched(tick(23, '80'))).toEqual([]);
    expect(book.size).toBe(0);
  });

  it('are not filled by a price that comes too late', () => {
    const book = bookOf(buy);
    book.touched(tick(30, '110'));
    expect(book.touched(tick(20, '90'))).toEqual([]);
  });
});
