import { describe, expect, it } from '@jest/globals';
import type { Candle, Tick } from './price.ts';
import { Watch } from './watch.ts';
import type { Trail, Waits } from './watch-waits.ts';

const nothing: Waits = { below: null, above: null, until: null, next: false, trail: null, from: 0 };
const tick = (time: number, price: string): Tick => ({ kind: 'tick', time, price });
const candle = (time: number, open: string, high: string, low: string, close: string): Candle => ({
  kind: 'candle',
  time,
  interval: 60,
  open,
  high,
  low,
  close,
});

function watching(...all: readonly [id: string, waits: Partial<Waits>][]): Watch {
  const watch = new Watch();
  for (const [id, waits] of all) watch.set(id, { ...nothing, ...waits });
  return watch;
}

describe('a watch', () => {
  it('touches what a price reaches or passes, each signal once, and leaves it where it is', () => {
    const watch = watching(['stop', { below: 90, above: 110 }], ['entry', { below: 95 }], ['short', { above: 110 }]);
    expect(watch.touched(tick(1, '100'))).toEqual([]);
    expect(watch.touched(tick(2, '95'))).toEqual(['entry']);
    expect(watch.touched(tick(3, '90.0'))).toEqual(['stop', 'entry']);
    expect(watch.touched(tick(3, '112'))).toEqual(['stop', 'short']);
    expect(watch.touched(candle(4, '100', '110', '90', '100'))).toEqual(['stop', 'entry', 'short']);
    expect(watch.size).toBe(3);
  });

  it('touches at an expiry whatever the price is: by a candle that ends then', () => {
    const watch = watching(['a', { until: 60 }], ['b', { until: 61 }]);
    expect(watch.touched(candle(0, '1', '1', '1', '1'))).toEqual(['a']);
    expect(watch.touched(tick(61, '1'))).toEqual(['a', 'b']);
  });

  it('touches who waits for the next price by every price until set anew', () => {
    const watch = watching(['a', { next: true }]);
    expect(watch.touched(tick(1, '1'))).toEqual(['a']);
    expect(watch.touched(tick(2, '1'))).toEqual(['a']);
    watch.set('a', nothing);
    expect(watch.touched(tick(3, '1'))).toEqual([]);
  });

  it('keeps aside who came after the price', () => {
    const watch = watching(['a', { next: true, from: 30, trail: { sign: 1, distance: 5, best: '100' } }]);
    expect(watch.touched(candle(0, '100', '200', '1', '150'))).toEqual([]);
    expect(watch.best('a')).toBe('100');
    expect(watch.touched(tick(30, '101'))).toEqual(['a']);
    expect(watch.best('a')).toBe('101');
  });

  it('counts what came before the time from which prices come as being in force', () => {
    const watch = new Watch(1_000);
    watch.set('a', { ...nothing, next: true, from: 1_000 });
    expect(() => watch.touched(tick(999, '1'))).toThrow('price.time: 999 lies before 1000');
    expect(watch.touched(tick(1_000, '1'))).toEqual(['a']);
  });

  it('has trails ride the best price, each at its own distance', () => {
    const trail = (distance: number, best: string): { trail: Trail } => ({ trail: { sign: 1, distance, best } });
    const watch = watching(['near', trail(5, '100')], ['far', trail(20, '100')], ['late', trail(10, '90')]);
    expect(watch.touched(tick(1, '96'))).toEqual([]);
    expect(['near', 'far', 'late'].map((id) => watch.best(id))).toEqual(['100', '100', '96']);
    expect(watch.touched(tick(2, '120.50'))).toEqual([]);
    expect(['near', 'far', 'late'].map((id) => watch.best(id))).toEqual(['120.50', '120.50', '120.50']);
    expect(watch.touched(tick(3, '115.5'))).toEqual(['near']);
    expect(watch.touched(tick(4, '110'))).toEqual(['near', 'late']);
    watch.delete('near');
    expect(watch.touched(tick(5, '100.5'))).toEqual(['far', 'late']);
  });

  it('mirrors trails that ride the lowest price', () => {
    const watch = watching(['a', { trail: { sign: -1, distance: 5, best: '100' } }]);
    expect(watch.touched(tick(1, '104.9'))).toEqual([]);
    expect(watch.touched(tick(2, '80'))).toEqual([]);
    expect(watch.best('a')).toBe('80');
    expect(watch.touched(tick(3, '85'))).toEqual(['a']);
  });

  it('has a candle that raised a trail touch it only by its close', () => {
    const up = { trail: { sign: 1, distance: 10, best: '100' } } as const;
    expect(watching(['a', up]).touched(candle(0, '100', '120', '91', '115'))).toEqual([]);
    expect(watching(['a', up]).touched(candle(0, '100', '120', '91', '110'))).toEqual(['a']);
    expect(watching(['a', up]).touched(candle(0, '102', '120', '92', '115'))).toEqual(['a']);
    const down = { trail: { sign: -1, distance: 10, best: '100' } } as const;
    expect(watching(['a', down]).touched(candle(0, '100', '109', '80', '85'))).toEqual([]);
    expect(watching(['a', down]).touched(candle(0, '100', '109', '80', '90'))).toEqual(['a']);
    expect(watching(['a', down]).touched(candle(0, '98', '108', '80', '85'))).toEqual(['a']);
  });

  it('still knows by what best price those are to be judged that a price touches', () => {
    const trail = { sign: 1, distance: 10, best: '100' } as const;
    const watch = watching(['a', { trail }], ['b', { trail: { ...trail, distance: 50 } }]);
    expect(watch.touched(candle(0, '100', '120', '91', '110'))).toEqual(['a']);
    expect([watch.bestBefore('a'), watch.best('a')]).toEqual(['100', '120']);
    expect([watch.bestBefore('b'), watch.best('b')]).toEqual(['120', '120']);
    watch.set('a', { ...nothing, trail: { ...trail, best: '130' } });
    expect(watch.bestBefore('a')).toBe('130');
    expect(watch.touched(tick(60, '119'))).toEqual(['a']);
    watch.touched(tick(61, '140'));
    expect(watch.bestBefore('a')).toBe('140');
    expect(watch.bestBefore('nobody')).toBeNull();
    expect(watch.latest).toBe(61);
  });

  it('tells best prices apart that are the same double, and keeps those that are the same number', () => {
    const [less, more] = ['0.10000000000000000001', '0.10000000000000000002'];
    const trail = { sign: 1, distance: 5, best: less } as const;
    const watch = watching(['less', { trail }], ['more', { trail: { ...trail, best: more } }]);
    expect(watch.touched(tick(1, '0.100000000000000000015'))).toEqual([]);
    expect([watch.best('less'), watch.best('more')]).toEqual(['0.100000000000000000015', more]);
    watch.touched(tick(2, `${more}0`));
    expect([watch.best('less'), watch.best('more')].map(Number)).toEqual([0.1, 0.1]);
    expect([watch.best('less'), watch.best('more')].every((best) => best?.startsWith(more))).toBe(true);
  });

  it('loses none of those whose best prices turn out to be one number', () => {
    const trail = { sign: 1, distance: 9, best: '10' } as const;
    const watch = watching(
      ['a', { trail }],
      ['b', { trail }],
      ['c', { trail: { ...trail, distance: 2, best: '10.0' } }],
    );
    expect(watch.touched(tick(1, '10.00'))).toEqual([]);
    expect(watch.touched(tick(2, '8'))).toEqual(['c']);
  });

  it('misses no trail by what doubles round', () => {
    // In doubles 0.3 − 0.1 is less than 0.2.
    const watch = watching(['a', { trail: { sign: 1, distance: 0.2, best: '0.3' } }]);
    expect(watch.touched(tick(1, '0.1'))).toEqual(['a']);
  });

  it.each([
    ['below', { below: NaN }],
    ['above', { above: NaN }],
    ['until', { until: NaN }],
    ['from', { from: NaN }],
    ['trail.distance', { trail: { sign: 1, distance: NaN, best: '1' } }],
    ['trail.best', { trail: { sign: 1, distance: 1, best: 'x' } }],
    ['trail.best', { trail: { sign: 1, distance: 1, best: '' } }],
  ] as const)('refuses a %s that is no number, and keeps what it had', (field, wrong) => {
    const watch = watching(['a', { below: 5 }]);
    expect(() => watch.set('a', { ...nothing, ...wrong })).toThrow(new RegExp(`^${field}: `));
    expect(watch.touched(tick(1, '5'))).toEqual(['a']);
  });

  it('refuses prices that are none or out of order, and is as it was', () => {
    const watch = watching(['a', { trail: { sign: 1, distance: 1, best: '5' } }]);
    watch.touched(tick(10, '5'));
    expect(() => watch.touched(tick(9, '50'))).toThrow('price.time: 9 lies before 10');
    expect(() => watch.touched(tick(11, '5,0'))).toThrow('price.price: "5,0" is not a decimal');
    expect(() => watch.touched(candle(11, '50', '50', '', '50'))).toThrow('price.low: "" is not a decimal');
    expect(() => watch.touched(candle(11, '50', '49', '40', '45'))).toThrow(
      'price: 50 and 45 lie not both from 40 to 49',
    );
    expect(() => watch.touched(tick(NaN, '5'))).toThrow('price.time');
    expect(watch.best('a')).toBe('5');
    expect(watch.touched(tick(10, '5'))).toEqual([]);
  });
});
