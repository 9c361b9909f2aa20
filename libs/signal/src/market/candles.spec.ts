/** What one candle decides where it touches several levels: rule 10 of the outcome rules. */
import { dca, rebuy } from '../testing/commands.ts';
import { candle, tick } from '../testing/prices.ts';
import { priceRules, signal } from '../testing/price-rules.ts';

const waiting = [signal(), tick(0, '105000')];
const open = [...waiting, tick(1, '100000')];
const matched = '1 tick: matched, 100 % at 100000';
const matchedInside = '2 candle: matched, 100 % at 100000';

priceRules('rule 10: a candle on an open position', [
  {
    rule: 'a stop alone is certain',
    given: [...open, candle(2, '100000', '109000', '89000', '100000')],
    gives: [matched, '3 candle: stop, 100 % at 90000', '3 candle: loss by exits'],
  },
  {
    rule: 'a target alone is certain',
    given: [...open, candle(2, '100000', '110000', '91000', '100000')],
    gives: [matched, '3 candle: target 1, 50 % at 110000'],
  },
  {
    rule: 'the stop comes before a target',
    given: [...open, candle(2, '100000', '111000', '89000', '100000')],
    gives: [matched, '3 order-rule: stop, 100 % at 90000', '3 order-rule: loss by exits'],
    r: '-1',
  },
  {
    rule: 'the stop comes before a target, however it closes',
    given: [...open, candle(2, '100000', '125000', '90000', '125000')],
    gives: [matched, '3 order-rule: stop, 100 % at 90000', '3 order-rule: loss by exits'],
  },
  {
    rule: 'what the open decides comes first: a target',
    given: [...open, candle(2, '110000', '110000', '89000', '95000')],
    gives: [matched, '2 candle: target 1, 50 % at 110000', '3 candle: stop, 50 % at 90000', '3 candle: push by exits'],
    r: '0',
  },
  {
    rule: 'what the open decides comes first: a stop',
    given: [...open, candle(2, '89000', '125000', '89000', '125000')],
    gives: [matched, '2 candle: stop, 100 % at 89000', '2 candle: loss by exits'],
  },
  {
    rule: 'both targets inside one candle are certain',
    given: [...open, candle(2, '100000', '120000', '91000', '100000')],
    gives: [
      matched,
      '3 candle: target 1, 50 % at 110000',
      '3 candle: target 2, 50 % at 120000',
      '3 candle: win by exits',
    ],
  },
]);

priceRules('rule 10: the candle that matched', [
  {
    rule: 'entry and stop together are certain',
    given: [...waiting, candle(1, '105000', '106000', '89000', '95000')],
    gives: [matchedInside, '2 candle: stop, 100 % at 90000', '2 candle: loss by exits'],
    r: '-1',
  },
  {
    rule: 'entry and stop are certain where it touched a target too, which nothing proves to be later',
    given: [...waiting, candle(1, '105000', '111000', '89000', '95000')],
    gives: [matchedInside, '2 candle: stop, 100 % at 90000', '2 candle: loss by exits'],
  },
  {
    rule: 'the stop comes before a target that the close proves',
    given: [...waiting, candle(1, '105000', '112000', '89000', '111000')],
    gives: [matchedInside, '2 order-rule: stop, 100 % at 90000', '2 order-rule: loss by exits'],
  },
  {
    rule: 'a target that its high touched does not count',
    given: [...waiting, candle(1, '105000', '111000', '99000', '109999')],
    gives: [matchedInside],
  },
  {
    rule: 'a target counts where the close is at it',
    given: [...waiting, candle(1, '105000', '112000', '99000', '110000')],
    gives: [matchedInside, '2 candle: target 1, 50 % at 110000'],
  },
  {
    rule: 'a target counts where the close is beyond it, and only that one',
    given: [...waiting, candle(1, '105000', '121000', '99000', '119000')],
    gives: [matchedInside, '2 candle: target 1, 50 % at 110000'],
  },
  {
    rule: 'a target counts where the open matched',
    given: [...waiting, candle(1, '100000', '111000', '99000', '100000')],
    gives: ['1 candle: matched, 100 % at 100000', '2 candle: target 1, 50 % at 110000'],
  },
  {
    rule: 'a target counts where the open jumped the entry',
    given: [...waiting, candle(1, '97000', '111000', '96000', '100000')],
    gives: ['1 candle: matched, 100 % at 100000', '2 candle: target 1, 50 % at 110000'],
  },
  {
    rule: 'the stop comes before a target where the open matched',
    given: [...waiting, candle(1, '100000', '111000', '89000', '100000')],
    gives: ['1 candle: matched, 100 % at 100000', '2 order-rule: stop, 100 % at 90000', '2 order-rule: loss by exits'],
  },
  {
    rule: 'a target that did not count is reached by the next candle as by any other',
    given: [
      ...waiting,
      candle(1, '105000', '111000', '99000', '109000'),
      candle(2, '109000', '111000', '108000', '109000'),
    ],
    gives: [matchedInside, '3 candle: target 1, 50 % at 110000'],
  },
]);

priceRules('rule 10: a candle on what adds to the position', [
  {
    rule: 'a target comes before a DCA',
    given: [...open, dca('95000', '1'), candle(2, '100000', '111000', '94000', '100000')],
    gives: [matched, '3 order-rule: target 1, 50 % at 110000', '3 order-rule: dca 1, 100 % at 95000'],
  },
  {
    rule: 'a target comes before a rebuy',
    given: [...open, rebuy({ min: '94000', max: '95000' }), candle(2, '100000', '111000', '94000', '100000')],
    gives: [matched, '3 order-rule: target 1, 50 % at 110000', '3 order-rule: rebuy 1, 100 % at 95000'],
  },
  {
    rule: 'a target that closes all leaves nothing to add to',
    given: [...open, dca('95000', '1'), candle(2, '100000', '121000', '94000', '100000')],
    gives: [
      matched,
      '3 order-rule: target 1, 50 % at 110000',
      '3 order-rule: target 2, 50 % at 120000',
      '3 order-rule: win by exits',
    ],
    r: '1.5',
  },
  {
    rule: 'a DCA alone is certain',
    given: [...open, dca('95000', '1'), candle(2, '100000', '105000', '94000', '100000')],
    gives: [matched, '3 candle: dca 1, 100 % at 95000'],
  },
  {
    rule: 'a DCA before the stop fills on the way to it',
    given: [...open, dca('95000', '1'), candle(2, '100000', '105000', '89000', '100000')],
    gives: [matched, '3 candle: dca 1, 100 % at 95000', '3 candle: stop, 100 % at 90000', '3 candle: loss by exits'],
  },
  {
    rule: 'a DCA beyond the stop does not fill',
    given: [...open, dca('85000', '1'), candle(2, '100000', '105000', '84000', '100000')],
    gives: [matched, '3 candle: stop, 100 % at 90000', '3 candle: loss by exits'],
  },
  {
    rule: 'an open beyond both DCA and stop is only the stop',
    given: [...open, dca('95000', '1'), candle(2, '88000', '105000', '84000', '100000')],
    gives: [matched, '2 candle: stop, 100 % at 88000', '2 candle: loss by exits'],
    r: '-1.2',
  },
  {
    rule: 'a tick beyond both DCA and stop is only the stop',
    given: [...open, dca('95000', '1'), tick(2, '88000')],
    gives: [matched, '2 tick: stop, 100 % at 88000', '2 tick: loss by exits'],
    r: '-1.2',
  },
  {
    rule: 'an open beyond the DCA alone fills it, and the stop follows inside',
    given: [...open, dca('95000', '1'), tick(2, '99000'), candle(3, '94000', '105000', '90000', '100000')],
    gives: [matched, '3 candle: dca 1, 100 % at 95000', '4 candle: stop, 100 % at 90000', '4 candle: loss by exits'],
  },
  {
    rule: 'several that add fill nearest first',
    given: [
      ...open,
      dca('93000', '2'),
      rebuy({ min: '94000', max: '96000' }),
      dca('95000', '1'),
      candle(2, '100000', '105000', '92000', '100000'),
    ],
    gives: [
      matched,
      '3 candle: rebuy 1, 100 % at 96000',
      '3 candle: dca 2, 100 % at 95000',
      '3 candle: dca 1, 200 % at 93000',
    ],
  },
]);
