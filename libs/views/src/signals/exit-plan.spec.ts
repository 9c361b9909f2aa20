import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compare, sum } from '#libs/signal';
import type { TakeProfitView } from './document.ts';
import { exitPlan } from './exit-plan.ts';

function added(share: string, price: string | null = '72000'): TakeProfitView {
  return {
    orderType: price === null ? 'market' : 'limit',
    price,
    share,
    trailing: null,
    symbol: null,
    at: '2026-04-04T19:12:07.572Z',
  };
}

function shares(takeProfits: readonly TakeProfitView[], targets: readonly string[]): readonly string[] {
  return exitPlan({ takeProfits, targets }).map((exit) => exit.share);
}

describe('exitPlan', () => {
  it('splits evenly over the declared targets', () => {
    expect(exitPlan({ takeProfits: [], targets: ['70000', '75000'] })).toEqual([
      { kind: 'target', place: 1, orderType: 'limit', price: '70000', share: '50' },
      { kind: 'target', place: 2, orderType: 'limit', price: '75000', share: '50' },
    ]);
  });

  it('leaves to them what added take profits were not promised', () => {
    expect(exitPlan({ takeProfits: [added('50'), added('10', null)], targets: ['70000', '75000'] })).toEqual([
      { kind: 'take_profit', place: 1, orderType: 'limit', price: '72000', share: '50' },
      { kind: 'take_profit', place: 2, orderType: 'market', price: null, share: '10' },
      { kind: 'target', place: 1, orderType: 'limit', price: '70000', share: '20' },
      { kind: 'target', place: 2, orderType: 'limit', price: '75000', share: '20' },
    ]);
  });

  it('gives the remainder of rounding to the last target', () => {
    expect(shares([], ['1', '2', '3'])).toEqual(['33.33333333', '33.33333333', '33.33333334']);
  });

  it('leaves out targets that nothing is left for', () => {
    expect(shares([added('100')], ['70000', '75000'])).toEqual(['100']);
    expect(shares([added('99.99999997')], ['1', '2', '3', '4', '5'])).toEqual(['99.99999997', '0.00000003']);
  });

  it('leaves the rest to the stops where there is no target', () => {
    expect(shares([added('60')], [])).toEqual(['60']);
    expect(shares([], [])).toEqual([]);
  });

  it('sums to 100 where there is a target', () => {
    const promised = fc
      .array(fc.integer({ min: 100, max: 3333 }), { maxLength: 3 })
      .map((all) => all.map((share) => added(String(share / 100))));
    const targets = fc.array(fc.constant('70000'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        promised,
        targets,
        (takeProfits, prices) => compare(sum(...shares(takeProfits, prices)), '100') === 0,
      ),
    );
  });
});
