import { describe, expect, it } from '@jest/globals';
import { coinNamed, KNOWN_COINS } from './coins.ts';

describe('the table of coins', () => {
  it('finds a coin by id and by symbol, in any case', () => {
    const bitcoin = { id: 'bitcoin', symbol: 'BTC', name: 'Bitcoin' };
    for (const text of ['bitcoin', 'Bitcoin', 'BTC', 'btc', ' BTC ']) expect(coinNamed(text)).toEqual(bitcoin);
    expect(coinNamed('avalanche-2')).toBe(coinNamed('avax'));
  });

  it('finds nothing by another text', () => {
    for (const text of ['', ' ', 'BTC/USDT', 'bit coin', '__proto__', 'constructor'])
      expect(coinNamed(text)).toBeNull();
  });

  it('means one coin by each id and each symbol', () => {
    for (const coin of KNOWN_COINS) {
      expect(coinNamed(coin.id)).toBe(coin);
      expect(coinNamed(coin.symbol)).toBe(coin);
      expect(coin.symbol).toBe(coin.symbol.toUpperCase());
    }
  });
});
