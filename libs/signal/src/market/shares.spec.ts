/** How much each exit closes and each fill buys: rules 16 to 19 of the outcome rules. */
import { cancel, dca, rebuy, takeProfit, update } from '../testing/commands.ts';
import { candle, tick } from '../testing/prices.ts';
import { priceRules, signal } from '../testing/price-rules.ts';

const opened = (...named: Parameters<typeof signal>) => [signal(...named), tick(0, '105000'), tick(1, '100000')];
const open = opened();
const matched = '1 tick: matched, 100 % at 100000';
const limit = (price: string, share: string) =>
  takeProfit({ orderType: 'limit', price, share, trailing: { trigger: '91000', limit: '90500' } });

priceRules('rule 16: the shares of exits', [
  {
    rule: 'targets split the position evenly',
    given: [...open, tick(2, '110000'), tick(3, '120000')],
    gives: [matched, '2 tick: target 1, 50 % at 110000', '3 tick: target 2, 50 % at 120000', '3 tick: win by exits'],
    r: '1.5',
    pct: '15',
  },
  {
    rule: 'thirds leave nothing behind',
    given: [
      ...opened({ targets: ['104000', '108000', '112000'] }),
      tick(2, '104000'),
      tick(3, '108000'),
      tick(4, '112000'),
    ],
    gives: [
      matched,
      '2 tick: target 1, 33.33333333 % at 104000',
      '3 tick: target 2, 33.33333333 % at 108000',
      '4 tick: target 3, 33.33333333 % at 112000',
      '4 tick: win by exits',
    ],
    r: '0.8',
    pct: '8',
  },
  {
    rule: 'targets split what is not promised to an added take profit',
    given: [...open, limit('115000', '40'), tick(2, '110000'), tick(3, '115000'), tick(4, '120000')],
    gives: [
      matched,
      '2 tick: target 1, 30 % at 110000',
      '3 tick: take_profit 1, 40 % at 115000',
      '4 tick: target 2, 30 % at 120000',
      '4 tick: win by exits',
    ],
  },
  {
    rule: 'an added share is of the whole position, though half of it is closed',
    given: [...open, tick(2, '110000'), limit('115000', '30'), tick(3, '115000'), tick(4, '120000')],
    gives: [
      matched,
      '2 tick: target 1, 50 % at 110000',
      '3 tick: take_profit 1, 30 % at 115000',
      '4 tick: target 2, 20 % at 120000',
      '4 tick: win by exits',
    ],
  },
  {
    rule: 'an added share is capped at what is left',
    given: [...open, tick(2, '110000'), limit('115000', '80'), tick(3, '115000')],
    gives: [
      matched,
      '2 tick: target 1, 50 % at 110000',
      '3 tick: take_profit 1, 50 % at 115000',
      '3 tick: win by exits',
    ],
  },
  {
    rule: 'a market share is capped at what is left',
    given: [
      ...open,
      tick(2, '110000'),
      takeProfit({ orderType: 'market', share: '100', tracked: true }),
      tick(3, '109000'),
    ],
    gives: [
      matched,
      '2 tick: target 1, 50 % at 110000',
      '3 tick: take_profit 1, 50 % at 109000',
      '3 tick: win by exits',
    ],
  },
  {
    rule: 'targets that are left with nothing make no step',
    given: [...open, limit('125000', '100'), tick(2, '110000'), tick(3, '121000'), tick(4, '125000')],
    gives: [matched, '4 tick: take_profit 1, 100 % at 125000', '4 tick: win by exits'],
  },
  {
    rule: 'targets that are left with nothing make no step in a candle, and decide nothing there',
    given: [...open, limit('125000', '100'), candle(2, '100000', '121000', '95000', '100000')],
    gives: [matched],
  },
  {
    rule: 'what is promised stays open when the last target was hit',
    given: [...open, limit('125000', '20'), tick(2, '120000')],
    gives: [matched, '2 tick: target 1, 40 % at 110000', '2 tick: target 2, 40 % at 120000'],
    status: 'matched',
  },
  {
    rule: 'a stop closes all that is left',
    given: [...open, limit('105000', '30'), tick(2, '105000'), tick(3, '110000'), tick(4, '90000')],
    gives: [
      matched,
      '2 tick: take_profit 1, 30 % at 105000',
      '3 tick: target 1, 35 % at 110000',
      '4 tick: trailing, 35 % at 90000',
      '4 tick: win by exits',
    ],
  },
]);

priceRules('rule 17: shares after the position grew', [
  {
    rule: 'a share applies to everything held',
    given: [...open, dca('95000', '1'), tick(2, '95000'), tick(3, '110000'), tick(4, '120000')],
    gives: [
      matched,
      '2 tick: dca 1, 100 % at 95000',
      '3 tick: target 1, 50 % at 110000',
      '4 tick: target 2, 50 % at 120000',
      '4 tick: win by exits',
    ],
    entryPrice: '97435.8974359',
    pct: '18.02631579',
    longR: '3.60526316',
  },
  {
    rule: 'a share after an exit applies to what was bought since, too',
    given: [...open, dca('95000', '1'), tick(2, '110000'), tick(3, '95000'), tick(4, '120000')],
    gives: [
      matched,
      '2 tick: target 1, 50 % at 110000',
      '3 tick: dca 1, 100 % at 95000',
      '4 tick: target 2, 50 % at 120000',
      '4 tick: win by exits',
    ],
    // 0.0005 × 110000 and (0.0005 + 100 ÷ 95000) × 120000 for 200.
    pct: '20.65789474',
    longR: '4.13157895',
  },
]);

priceRules('rule 18: how much is bought', [
  {
    rule: 'a DCA adds the original investment times its multiplier',
    given: [...open, dca('95000', '1.5'), tick(2, '95000')],
    gives: [matched, '2 tick: dca 1, 150 % at 95000'],
  },
  {
    rule: 'a rebuy adds the original investment',
    given: [...open, rebuy({ min: '94000', max: '95000' }), tick(2, '95000')],
    gives: [matched, '2 tick: rebuy 1, 100 % at 95000'],
  },
  {
    rule: 'a rebuy that names an investment adds it, measured by the original one',
    given: [...open, rebuy({ min: '94000', max: '95000', invest: '5' }), tick(2, '95000')],
    gives: [matched, '2 tick: rebuy 1, 50 % at 95000'],
  },
  {
    rule: 'quantity is money ÷ price, average entry money ÷ quantity',
    given: [...opened({ stop: null }), dca('50000', '1'), tick(2, '50000'), cancel(), tick(3, '90000')],
    gives: [matched, '2 tick: dca 1, 100 % at 50000', '3 tick: win by cancelled, 100 % at 90000'],
    entryPrice: '66666.66666667',
    pct: '35',
    longR: null,
  },
]);

priceRules('rule 19: prices that are updated', [
  {
    rule: 'a target that was hit stays, and the others move',
    given: [
      ...open,
      tick(2, '110000'),
      update({ targets: { '1': '104000', '2': '115000' } }),
      tick(3, '114999'),
      tick(4, '115000'),
    ],
    gives: [matched, '2 tick: target 1, 50 % at 110000', '4 tick: target 2, 50 % at 115000', '4 tick: win by exits'],
    r: '1.25',
  },
  {
    rule: 'new targets join the split',
    given: [...open, tick(2, '110000'), update({ targets: { '3': '130000' } }), tick(3, '120000'), tick(4, '130000')],
    gives: [
      matched,
      '2 tick: target 1, 50 % at 110000',
      '3 tick: target 2, 25 % at 120000',
      '4 tick: target 3, 25 % at 130000',
      '4 tick: win by exits',
    ],
  },
  {
    rule: 'bounds of the entry have no effect after the match',
    given: [
      signal({ entry: { min: '95000', max: '100000', split: { min: '50', max: '50' } } }),
      tick(0, '105000'),
      tick(1, '100000'),
      update({ entryMin: '97000', entryMax: '104000' }),
      tick(2, '96000'),
      tick(3, '95000'),
    ],
    gives: ['1 tick: matched max, 50 % at 100000', '3 tick: matched min, 50 % at 95000'],
  },
  {
    rule: 'a stop may move nearer',
    given: [...open, update({ stop: '95000' }), tick(2, '95000')],
    gives: [matched, '2 tick: stop, 100 % at 95000', '2 tick: loss by exits'],
    r: '-0.5',
  },
  {
    rule: 'a stop may move away',
    given: [...open, update({ stop: '85000' }), tick(2, '90000'), tick(3, '85000')],
    gives: [matched, '3 tick: stop, 100 % at 85000', '3 tick: loss by exits'],
    r: '-1.5',
  },
  {
    rule: 'a stop may lock a profit in',
    given: [...open, tick(2, '108000'), update({ stop: '105000' }), tick(3, '105000')],
    gives: [matched, '3 tick: stop, 100 % at 105000', '3 tick: win by exits'],
    r: '0.5',
  },
  {
    rule: 'a stop at the average entry is told as break-even',
    given: [...open, tick(2, '108000'), update({ stop: '100000' }), tick(3, '100000')],
    gives: [matched, '3 tick: break-even, 100 % at 100000', '3 tick: push by exits'],
    r: '0',
  },
  {
    rule: 'a stop that is set beyond the market closes at the next price',
    given: [...open, tick(2, '103000'), update({ stop: '106000' }), tick(3, '104000')],
    gives: [matched, '3 tick: stop, 100 % at 104000', '3 tick: win by exits'],
  },
  {
    rule: 'a stop that is set beyond the market closes at the next price, also where that has come back',
    given: [...open, tick(2, '103000'), update({ stop: '106000' }), tick(3, '107000')],
    gives: [matched, '3 tick: stop, 100 % at 107000', '3 tick: win by exits'],
  },
  {
    rule: 'a stop that is set at the market closes at the next open, before a target',
    given: [...open, tick(2, '103000'), update({ stop: '103000' }), candle(3, '103000', '125000', '103000', '125000')],
    gives: [matched, '3 candle: stop, 100 % at 103000', '3 candle: win by exits'],
  },
  {
    rule: 'a stop that is given to a signal without one is in force',
    given: [...opened({ stop: null }), update({ stop: '95000' }), tick(2, '95000')],
    gives: [matched, '2 tick: stop, 100 % at 95000', '2 tick: loss by exits'],
    r: null,
  },
  {
    rule: 'an entry that moves away waits there',
    given: [
      signal(),
      tick(0, '105000'),
      update({ entryMin: '97000', entryMax: '97000' }),
      tick(1, '99000'),
      tick(2, '97000'),
    ],
    gives: ['2 tick: matched, 100 % at 97000'],
  },
]);
