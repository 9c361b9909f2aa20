import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compare, sum } from '#libs/signal';
import { takeProfit, update } from '../../../signal/src/testing/commands.ts';
import { at100, eventsOf, documentOf, tick } from '../testing/lives.ts';
import type { TakeProfitView } from './document.ts';
import { type Exit, exitPlan } from './exit-plan.ts';

const WAITING = { hitAt: null, hitPrice: null } as const;

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

function planned(takeProfits: readonly TakeProfitView[], targets: readonly string[]): readonly Exit[] {
  return exitPlan({ takeProfits, targets, exits: [] });
}

function shares(takeProfits: readonly TakeProfitView[], targets: readonly string[]): readonly string[] {
  return planned(takeProfits, targets).map((exit) => exit.share);
}

describe('exitPlan', () => {
  it('splits evenly over the declared targets', () => {
    expect(planned([], ['70000', '75000'])).toEqual([
      { kind: 'target', place: 1, orderType: 'limit', price: '70000', share: '50', ...WAITING },
      { kind: 'target', place: 2, orderType: 'limit', price: '75000', share: '50', ...WAITING },
    ]);
  });

  it('leaves to them what added take profits were not promised', () => {
    expect(planned([added('50'), added('10', null)], ['70000', '75000'])).toEqual([
      { kind: 'take_profit', place: 1, orderType: 'limit', price: '72000', share: '50', ...WAITING },
      { kind: 'take_profit', place: 2, orderType: 'market', price: null, share: '10', ...WAITING },
      { kind: 'target', place: 1, orderType: 'limit', price: '70000', share: '20', ...WAITING },
      { kind: 'target', place: 2, orderType: 'limit', price: '75000', share: '20', ...WAITING },
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

  it('tells what was hit, when and at what; the others split what is left', () => {
    const called = { type: 'AddTakeProfit', orderType: 'limit', price: '130', share: '40' } as const;
    const pair = { trigger: '95', limit: '94' };
    const events = eventsOf(
      at100(),
      tick(2, '100'),
      tick(3, '110'),
      update({ targets: { 3: '125' } }),
      takeProfit({ ...called, trailing: pair }),
    );
    const hit = { hitAt: '2026-04-03T12:00:00.000Z', hitPrice: '110' };
    expect(exitPlan(documentOf(events))).toEqual([
      { kind: 'take_profit', place: 1, orderType: 'limit', price: '130', share: '40', ...WAITING },
      { kind: 'target', place: 1, orderType: 'limit', price: '110', share: '50', ...hit },
      { kind: 'target', place: 2, orderType: 'limit', price: '120', share: '5', ...WAITING },
      { kind: 'target', place: 3, orderType: 'limit', price: '125', share: '5', ...WAITING },
    ]);
  });

  it('caps an added take profit at what is left, and lists none that nothing is left for', () => {
    const exits = documentOf(eventsOf(at100(), tick(2, '100'), tick(3, '110'))).exits;
    expect(
      exitPlan({ takeProfits: [added('40'), added('30'), added('10')], targets: ['110', '120'], exits }),
    ).toMatchObject([
      { kind: 'take_profit', place: 1, share: '40' },
      { kind: 'take_profit', place: 2, share: '10' },
      { kind: 'target', place: 1, share: '50', hitPrice: '110' },
    ]);
  });

  it('stays as it was planned where a stop ends the signal', () => {
    const stopped = documentOf(eventsOf(at100(), tick(2, '100'), tick(3, '110'), tick(4, '90')));
    expect(stopped.status).toBe('push');
    expect(exitPlan(stopped)).toMatchObject([
      { place: 1, share: '50', hitPrice: '110' },
      { place: 2, share: '50', hitAt: null, hitPrice: null },
    ]);
  });

  it('sums to 100 while a target is open, whatever was hit', () => {
    const levels = ['110', '111', '112', '113', '114', '115'];
    const drawn = fc
      .integer({ min: 1, max: 6 })
      .chain((targets) => fc.tuple(fc.constant(targets), fc.integer({ min: 0, max: targets - 1 })));
    fc.assert(
      fc.property(drawn, ([targets, hits]) => {
        const ticks = levels.slice(0, hits).map((price, at) => tick(3 + at, price));
        const signal = at100({ targets: levels.slice(0, targets) });
        const plan = exitPlan(documentOf(eventsOf(signal, tick(2, '100'), ...ticks)));
        expect(plan.filter(({ hitAt }) => hitAt !== null)).toHaveLength(hits);
        expect(compare(sum(...plan.map(({ share }) => share)), '100')).toBe(0);
      }),
    );
  });
});
