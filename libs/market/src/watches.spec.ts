import { describe, expect, it } from '@jest/globals';
import type { Waits } from './watch-waits.ts';
import { Watches } from './watches.ts';

const waits: Waits = { below: 90, above: null, until: null, next: false, trail: null, from: 0 };

describe('watches', () => {
  it('keep instruments apart, and none that no signal waits on', () => {
    const watches = new Watches();
    watches.set('BTC/USDT', 'a', waits);
    watches.set('ETH/USDT', 'b', waits);
    expect([...watches.instruments()]).toEqual(['BTC/USDT', 'ETH/USDT']);
    expect(watches.size).toBe(2);
    expect(watches.touched('BTC/USDT', { kind: 'tick', time: 1, price: '90' })).toEqual(['a']);
    expect(watches.touched('SOL/USDT', { kind: 'tick', time: 1, price: '90' })).toEqual([]);
    watches.delete('BTC/USDT', 'b');
    watches.delete('BTC/USDT', 'a');
    watches.delete('BTC/USDT', 'a');
    expect([...watches.instruments()]).toEqual(['ETH/USDT']);
    expect(watches.of('BTC/USDT')).toBeUndefined();
    expect(watches.of('ETH/USDT')?.size).toBe(1);
  });

  it('keep no instrument whose only signal was refused', () => {
    const watches = new Watches();
    expect(() => watches.set('BTC/USDT', 'a', { ...waits, below: NaN })).toThrow('below: is not a number');
    expect([...watches.instruments()]).toEqual([]);
  });

  it('let every watch know from when on prices come', () => {
    const watches = new Watches(10);
    watches.set('BTC/USDT', 'a', waits);
    expect(() => watches.touched('BTC/USDT', { kind: 'tick', time: 9, price: '90' })).toThrow('price.time');
  });
});
