/** What a signal came to: rules 20, 21 and 22 of the outcome rules. */
import { expect, it } from '@jest/globals';
import { cancel, dca, takeProfit, trailingStop, update } from '../testing/commands.ts';
import { existing, follow } from '../testing/follow.ts';
import { minute, tick } from '../testing/prices.ts';
import { priceRules, signal } from '../testing/price-rules.ts';

const opened = (...named: Parameters<typeof signal>) => [signal(...named), tick(0, '105000'), tick(1, '100000')];
const open = opened();
const matched = '1 tick: matched, 100 % at 100000';
const parts = { min: '96000', max: '100000', split: { min: '50', max: '50' } };

priceRules('rule 20: what is measured', [
  {
    rule: '1 R is the way from the first fill to the stop',
    given: [...open, cancel(), tick(2, '107500')],
    gives: [matched, '2 tick: win by cancelled, 100 % at 107500'],
    r: '0.75',
    pct: '7.5',
    entryPrice: '100000',
  },
  {
    rule: 'it is measured from the price of the fill, not of the order',
    given: [signal(), tick(0, '95000'), cancel(), tick(1, '100000')],
    gives: ['0 tick: matched, 100 % at 95000', '1 tick: win by cancelled, 100 % at 100000'],
    r: '1',
    entryPrice: '95000',
  },
  {
    rule: 'there is no R without a stop',
    given: [...opened({ stop: null }), tick(2, '125000')],
    gives: [matched, '2 tick: target 1, 50 % at 110000', '2 tick: target 2, 50 % at 120000', '2 tick: win by exits'],
    r: null,
    pct: '15',
  },
  {
    rule: 'there is no R where the stop lay on the wrong side of the first fill',
    given: [signal(), tick(0, '89000')],
    gives: ['0 tick: matched, 100 % at 89000', '0 tick: stop, 100 % at 89000', '0 tick: push by exits'],
    r: null,
  },
  {
    rule: 'there is no R where the stop lay at the first fill',
    given: [signal(), tick(0, '90000')],
    gives: ['0 tick: matched, 100 % at 90000', '0 tick: break-even, 100 % at 90000', '0 tick: push by exits'],
    r: null,
  },
  {
    rule: 'a stop that came before the match is the one',
    given: [signal(), update({ stop: '95000' }), tick(0, '105000'), tick(1, '100000'), tick(2, '95000')],
    gives: [matched, '2 tick: stop, 100 % at 95000', '2 tick: loss by exits'],
    r: '-1',
  },
  {
    rule: 'a trailing stop in force at the match is the one',
    given: [
      signal(),
      trailingStop('96000', '95000', { reference: '105000' }),
      tick(0, '105000'),
      tick(1, '100000'),
      tick(2, '96000'),
    ],
    gives: [matched, '2 tick: trailing, 100 % at 96000', '2 tick: loss by exits'],
    r: '-1',
  },
  {
    rule: 'later stops do not change it',
    given: [...open, update({ stop: '99000' }), cancel(), tick(2, '105000')],
    gives: [matched, '2 tick: win by cancelled, 100 % at 105000'],
    r: '0.5',
  },
  {
    rule: 'later DCAs do not change it',
    given: [...open, dca('95000', '1'), tick(2, '95000'), tick(3, '90000')],
    gives: [matched, '2 tick: dca 1, 100 % at 95000', '3 tick: stop, 100 % at 90000', '3 tick: loss by exits'],
    // 10000 × 0.001 and 5000 × 100 ÷ 95000, over 10.
    longR: '-1.52631579',
    pct: '-7.63157895',
  },
  {
    rule: 'it is of the first part that filled, and the profit of all of them',
    given: [
      signal({ entry: parts }),
      tick(0, '105000'),
      tick(1, '100000'),
      tick(2, '96000'),
      cancel(),
      tick(3, '110000'),
    ],
    gives: [
      '1 tick: matched max, 50 % at 100000',
      '2 tick: matched min, 50 % at 96000',
      '3 tick: win by cancelled, 100 % at 110000',
    ],
    // Risk 10000 × 0.0005 = 5; 110000 × (0.0005 + 50 ÷ 96000) brought for 100.
    longR: '2.45833333',
    pct: '12.29166667',
    entryPrice: '97959.18367347',
  },
  {
    rule: 'what never filled is not put in',
    given: [signal({ entry: parts }), tick(0, '105000'), tick(1, '100000'), cancel(), tick(2, '110000')],
    gives: ['1 tick: matched max, 50 % at 100000', '2 tick: win by cancelled, 100 % at 110000'],
    r: '1',
    pct: '10',
  },
]);

priceRules('rule 21: win, loss and push', [
  {
    rule: 'exactly 0 is a push',
    given: [...open, tick(2, '110000'), tick(3, '90000')],
    gives: [matched, '2 tick: target 1, 50 % at 110000', '3 tick: stop, 50 % at 90000', '3 tick: push by exits'],
    status: 'push',
    r: '0',
    pct: '0',
  },
  {
    rule: 'exactly 0 is a push after thirds, too',
    given: [
      ...opened({ targets: ['105000', '130000', '140000'] }),
      tick(2, '105000'),
      update({ stop: '97500' }),
      tick(3, '97500'),
    ],
    gives: [
      matched,
      '2 tick: target 1, 33.33333333 % at 105000',
      '3 tick: stop, 66.66666667 % at 97500',
      '3 tick: push by exits',
    ],
    r: '0',
    pct: '0',
  },
  {
    rule: 'the least above 0 is a win',
    given: [...open, cancel(), tick(2, '100000.00000001')],
    gives: [matched, '2 tick: win by cancelled, 100 % at 100000.00000001'],
    status: 'win',
    pct: '0',
  },
  {
    rule: 'the least below 0 is a loss',
    given: [...open, cancel(), tick(2, '99999.99999999')],
    gives: [matched, '2 tick: loss by cancelled, 100 % at 99999.99999999'],
    status: 'loss',
    pct: '0',
  },
]);

priceRules('rule 22: figures have 8 places, half away from zero', [
  {
    rule: 'up',
    given: [...open, cancel(), tick(2, '100000.000005')],
    gives: [matched, '2 tick: win by cancelled, 100 % at 100000.000005'],
    pct: '0.00000001',
  },
  {
    rule: 'and down',
    given: [...open, cancel(), tick(2, '99999.999995')],
    gives: [matched, '2 tick: loss by cancelled, 100 % at 99999.999995'],
    pct: '-0.00000001',
  },
  {
    rule: 'for R as well',
    given: [...opened({ stop: '99997' }), cancel(), tick(2, '99998')],
    gives: [matched, '2 tick: loss by cancelled, 100 % at 99998'],
    r: '-0.66666667',
  },
]);

it.each([
  ['cancelled before the match', [signal(), tick(0, '105000'), cancel()], 'cancelled'],
  ['expired', [signal({ expiresAt: minute(1) }), tick(0, '105000'), tick(1, '105000')], 'expired'],
  ['still open', open, 'matched'],
  ['partly closed', [...open, tick(2, '110000')], 'matched'],
  [
    'sold but for a rest',
    [
      ...open,
      takeProfit({ orderType: 'limit', price: '105000', share: '99', trailing: { trigger: '91000', limit: '90500' } }),
      tick(2, '105000'),
    ],
    'matched',
  ],
] as const)('rule 21: one that is %s has no result', (_rule, given, status) => {
  const state = existing(follow(given).state);
  expect(state).toMatchObject({ status, settled: null });
});
