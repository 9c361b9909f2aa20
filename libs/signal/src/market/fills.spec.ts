/** When and at what prices orders fill: rules 2, 3, 6, 7, 8 and 9 of the outcome rules. */
import { cancel, dca, rebuy, takeProfit, update } from '../testing/commands.ts';
import { candle, minute, tick } from '../testing/prices.ts';
import { priceRules, signal } from '../testing/price-rules.ts';

/** Waits for its entry at 100000. */
const waiting = [signal(), tick(0, '105000')];
/** Holds a position since 100000. */
const open = [...waiting, tick(1, '100000')];
const matched = '1 tick: matched, 100 % at 100000';

const thirds = { min: '20', mid: '30', max: '50' };
const split = signal({ entry: { min: '96000', mid: '98000', max: '100000', split: thirds } });
const until = (moment: number) => [signal({ expiresAt: minute(moment) }), tick(0, '105000')];

priceRules('rule 2: what is in force at the open of a candle', [
  {
    rule: 'an order whose time ends inside a candle does not fill inside it',
    given: [...until(1.5), candle(1, '101000', '101500', '99000', '100500')],
    gives: ['1.5 candle: expired'],
  },
  {
    rule: 'such an order fills at the open that touches it',
    given: [...until(1.5), candle(1, '100000', '101500', '99000', '100500')],
    gives: ['1 candle: matched, 100 % at 100000'],
  },
  {
    rule: 'such an order fills at the open that jumps it',
    given: [...until(1.5), candle(1, '98000', '98500', '97000', '98000')],
    gives: ['1 candle: matched, 100 % at 100000'],
  },
  {
    rule: 'an order whose time ends with the candle fills inside it',
    given: [...until(2), candle(1, '101000', '101500', '99000', '100500')],
    gives: ['2 candle: matched, 100 % at 100000'],
  },
  {
    rule: 'an order whose time ended at the open does not fill at it',
    given: [...until(1), candle(1, '100000', '101500', '99000', '100500')],
    gives: ['1 candle: expired'],
  },
  {
    rule: 'a part of the entry whose time ends inside a candle does not fill inside it',
    given: [
      signal({ ...split, expiresAt: minute(2.5) }),
      tick(0, '105000'),
      tick(1, '100000'),
      candle(2, '99000', '99000', '95000', '97000'),
    ],
    gives: ['1 tick: matched max, 50 % at 100000'],
  },
  {
    rule: 'a call that came with the open is in force at it',
    given: [...open, update({ stop: '97000' }), candle(2, '99000', '99000', '96000', '98000')],
    gives: [matched, '3 candle: stop, 100 % at 97000', '3 candle: loss by exits'],
  },
]);

priceRules('rule 3: the time of a step', [
  {
    rule: 'is the open of the candle for what its open decides',
    given: [...open, candle(2, '88000', '99000', '87000', '95000', 5)],
    gives: [matched, '2 candle: stop, 100 % at 88000', '2 candle: loss by exits'],
  },
  {
    rule: 'is the close of the candle for all else',
    given: [...open, candle(2, '95000', '99000', '87000', '95000', 5)],
    gives: [matched, '7 candle: stop, 100 % at 90000', '7 candle: loss by exits'],
  },
  {
    rule: 'is that of the tick',
    given: [...waiting, tick(3.25, '99000')],
    gives: ['3.25 tick: matched, 100 % at 100000'],
  },
  {
    rule: 'is the moment its time ended for an expiry, however late the next tick comes',
    given: [...until(2), tick(9, '99000')],
    gives: ['2 tick: expired'],
    status: 'expired',
  },
  {
    rule: 'is the moment its time ended for an expiry, in whichever candle',
    given: [...until(2), candle(9, '99000', '99000', '99000', '99000')],
    gives: ['2 candle: expired'],
    status: 'expired',
  },
]);

priceRules('rule 6: a limit order', [
  { rule: 'fills at its price when touched', given: [...waiting, tick(1, '100000')], gives: [matched] },
  { rule: 'fills at its price when jumped', given: [...waiting, tick(1, '99000')], gives: [matched] },
  { rule: 'does not fill just before it', given: [...waiting, tick(1, '100000.00000001')], gives: [] },
  {
    rule: 'fills at its price when an open jumps it',
    given: [...waiting, candle(1, '97000', '98000', '96000', '97000')],
    gives: ['1 candle: matched, 100 % at 100000'],
  },
  {
    rule: 'fills at its price when a candle touches it',
    given: [...waiting, candle(1, '103000', '104000', '100000', '103000')],
    gives: ['2 candle: matched, 100 % at 100000'],
  },
  {
    rule: 'fills at the first tick where that is beyond it already',
    given: [signal(), tick(0, '97000')],
    gives: ['0 tick: matched, 100 % at 97000'],
  },
  {
    rule: 'fills at the first open where that is beyond it already',
    given: [signal(), candle(0, '97000', '98000', '96000', '97000')],
    gives: ['0 candle: matched, 100 % at 97000'],
  },
  {
    rule: 'fills at its price inside the first candle',
    given: [signal(), candle(0, '103000', '104000', '97000', '98000')],
    gives: ['1 candle: matched, 100 % at 100000'],
  },
  {
    rule: 'is new once it is moved: the next price beyond it is its price',
    given: [...waiting, update({ entryMax: '106000' }), tick(1, '104000')],
    gives: ['1 tick: matched, 100 % at 104000'],
  },
  {
    rule: 'rests on where an update leaves its price as it was',
    given: [...waiting, update({ entryMin: '95000' }), tick(1, '98000')],
    gives: [matched],
  },
  {
    rule: 'an entry at any price fills at the next one',
    given: [signal({ entry: null }), tick(0, '101000')],
    gives: ['0 tick: matched, 100 % at 101000'],
  },
  {
    rule: 'a target that rests fills at its price when jumped',
    given: [...open, tick(2, '112000')],
    gives: [matched, '2 tick: target 1, 50 % at 110000'],
  },
  {
    rule: 'a jump over two targets fills each at its price',
    given: [...open, tick(2, '125000')],
    gives: [matched, '2 tick: target 1, 50 % at 110000', '2 tick: target 2, 50 % at 120000', '2 tick: win by exits'],
    r: '1.5',
  },
  {
    rule: 'a target that the market is beyond at the match fills at that price',
    given: [signal({ entry: null, targets: ['110000'] }), tick(0, '115000')],
    gives: ['0 tick: matched, 100 % at 115000', '0 tick: target 1, 100 % at 115000', '0 tick: push by exits'],
  },
  {
    rule: 'a target that is moved to where the market is beyond it fills at the next price',
    given: [...open, tick(2, '106000'), update({ targets: { '1': '104000' } }), tick(3, '105000')],
    gives: [matched, '3 tick: target 1, 50 % at 105000'],
  },
  {
    rule: 'a target that another one was moved beside rests on',
    given: [...open, update({ targets: { '2': '130000' } }), tick(2, '112000')],
    gives: [matched, '2 tick: target 1, 50 % at 110000'],
  },
  {
    rule: 'a take profit that comes where the market is beyond it fills at the next price',
    given: [
      ...open,
      tick(2, '107000'),
      takeProfit({ orderType: 'limit', price: '104000', share: '100' }),
      tick(3, '106000'),
    ],
    gives: [matched, '3 tick: take_profit 1, 100 % at 106000', '3 tick: win by exits'],
  },
  {
    rule: 'a DCA that rests fills at its price when jumped',
    given: [...open, dca('95000', '1'), tick(2, '99000'), tick(3, '94000')],
    gives: [matched, '3 tick: dca 1, 100 % at 95000'],
  },
  {
    rule: 'a DCA that comes where the market is beyond it fills at the next price',
    given: [...open, tick(2, '94000'), dca('95000', '1'), tick(3, '93000')],
    gives: [matched, '3 tick: dca 1, 100 % at 93000'],
  },
  {
    rule: 'a DCA that the market is beyond at the match fills at that price',
    given: [signal(), dca('95000', '1'), tick(0, '105000'), tick(1, '93000')],
    gives: [matched, '1 tick: dca 1, 100 % at 93000'],
  },
  {
    rule: 'a DCA that is touched in the candle that matched fills at its price',
    given: [signal(), dca('95000', '1'), tick(0, '105000'), candle(1, '105000', '105000', '94000', '98000')],
    gives: ['2 candle: matched, 100 % at 100000', '2 candle: dca 1, 100 % at 95000'],
  },
  {
    rule: 'a rebuy that rests fills at its price when jumped',
    given: [...open, rebuy({ min: '94000', max: '95000' }), tick(2, '99000'), tick(3, '93000')],
    gives: [matched, '3 tick: rebuy 1, 100 % at 95000'],
  },
  {
    rule: 'a rebuy on the profit side fills at the next price',
    given: [...open, rebuy({ min: '104000', max: '106000' }), tick(2, '103000')],
    gives: [matched, '2 tick: rebuy 1, 100 % at 103000'],
  },
]);

priceRules('rule 7: a range entry and its parts', [
  {
    rule: 'a range is one order at its worst price for the whole size',
    given: [signal({ entry: { min: '96000', max: '100000' } }), tick(0, '105000'), tick(1, '100000')],
    gives: [matched],
  },
  {
    rule: 'of one bound alone that is its price',
    given: [signal({ entry: { min: '96000' } }), tick(0, '105000'), tick(1, '100000'), tick(2, '96000')],
    gives: ['2 tick: matched, 100 % at 96000'],
  },
  {
    rule: 'each part of a split is an order of its own',
    given: [split, tick(0, '105000'), tick(1, '100000'), tick(2, '98000'), tick(3, '97000'), tick(4, '96000')],
    gives: [
      '1 tick: matched max, 50 % at 100000',
      '2 tick: matched mid, 30 % at 98000',
      '4 tick: matched min, 20 % at 96000',
    ],
  },
  {
    rule: 'a jump over several parts fills each at its price',
    given: [split, tick(0, '105000'), tick(1, '97000')],
    gives: ['1 tick: matched max, 50 % at 100000', '1 tick: matched mid, 30 % at 98000'],
  },
  {
    rule: 'the first price beyond several parts is the price of each',
    given: [split, tick(0, '97000')],
    gives: ['0 tick: matched max, 50 % at 97000', '0 tick: matched mid, 30 % at 97000'],
  },
  {
    rule: 'a candle fills each part that it touches',
    given: [split, tick(0, '105000'), candle(1, '105000', '105000', '95000', '99000')],
    gives: [
      '2 candle: matched max, 50 % at 100000',
      '2 candle: matched mid, 30 % at 98000',
      '2 candle: matched min, 20 % at 96000',
    ],
  },
  {
    rule: 'a candle that goes on to the stop fills each part before it',
    given: [split, tick(0, '105000'), candle(1, '105000', '105000', '89000', '99000')],
    gives: [
      '2 candle: matched max, 50 % at 100000',
      '2 candle: matched mid, 30 % at 98000',
      '2 candle: matched min, 20 % at 96000',
      '2 candle: stop, 100 % at 90000',
      '2 candle: loss by exits',
    ],
  },
  {
    rule: 'parts that did not fill lapse at the end of their time, and the position stays',
    given: [
      signal({ ...split, expiresAt: minute(3) }),
      tick(0, '105000'),
      tick(1, '100000'),
      tick(3, '98000'),
      tick(4, '96000'),
      tick(5, '110000'),
    ],
    gives: ['1 tick: matched max, 50 % at 100000', '5 tick: target 1, 50 % at 110000'],
    status: 'matched',
  },
  {
    rule: 'parts that did not fill lapse at the first target',
    given: [split, tick(0, '105000'), tick(1, '100000'), tick(2, '110000'), tick(3, '96000')],
    gives: ['1 tick: matched max, 50 % at 100000', '2 tick: target 1, 50 % at 110000'],
  },
  {
    rule: 'parts lapse at a target that the same candle reached',
    given: [split, tick(0, '105000'), tick(1, '100000'), candle(2, '100000', '111000', '97000', '100000')],
    gives: ['1 tick: matched max, 50 % at 100000', '3 order-rule: target 1, 50 % at 110000'],
  },
  {
    rule: 'a tick beyond a part and the stop only stops',
    given: [split, tick(0, '105000'), tick(1, '100000'), tick(2, '89000')],
    gives: ['1 tick: matched max, 50 % at 100000', '2 tick: stop, 100 % at 89000', '2 tick: loss by exits'],
  },
]);

priceRules('rule 8: an unmatched signal', [
  {
    rule: 'is not ended by its target, reached first',
    given: [...waiting, tick(1, '111000'), tick(2, '100000')],
    gives: ['2 tick: matched, 100 % at 100000'],
    status: 'matched',
  },
  {
    rule: 'is not ended by a candle from its target to its entry',
    given: [...waiting, candle(1, '105000', '125000', '101000', '104000')],
    gives: [],
    status: 'registered',
  },
  {
    rule: 'is ended by its time',
    given: [...until(2), tick(2, '99000')],
    gives: ['2 tick: expired'],
    status: 'expired',
  },
  { rule: 'is not ended before', given: [...until(2), tick(1.9, '101000')], gives: [], status: 'registered' },
  { rule: 'is ended by a cancel', given: [...waiting, cancel(), tick(1, '99000')], gives: [], status: 'cancelled' },
  {
    rule: 'is ended once: later prices add nothing',
    given: [...until(2), tick(3, '105000'), tick(4, '99000')],
    gives: ['2 tick: expired'],
    status: 'expired',
  },
]);

priceRules('rule 9: a stop', [
  {
    rule: 'fills at its price inside a candle',
    given: [...open, candle(2, '95000', '96000', '85000', '86000')],
    gives: [matched, '3 candle: stop, 100 % at 90000', '3 candle: loss by exits'],
    r: '-1',
  },
  {
    rule: 'fills at a price that touches it',
    given: [...open, tick(2, '90000')],
    gives: [matched, '2 tick: stop, 100 % at 90000', '2 tick: loss by exits'],
    r: '-1',
    pct: '-10',
  },
  {
    rule: 'fills at the tick that jumps it',
    given: [...open, tick(2, '85000')],
    gives: [matched, '2 tick: stop, 100 % at 85000', '2 tick: loss by exits'],
    r: '-1.5',
  },
  {
    rule: 'fills at the open that jumps it',
    given: [...open, candle(2, '85000', '99000', '84000', '95000')],
    gives: [matched, '2 candle: stop, 100 % at 85000', '2 candle: loss by exits'],
    r: '-1.5',
  },
  {
    rule: 'is not reached just before it',
    given: [...open, candle(2, '95000', '96000', '90000.00000001', '91000')],
    gives: [matched],
  },
  {
    rule: 'a tick that jumps entry and stop fills the entry at its price and stops it at that price',
    given: [...waiting, tick(1, '85000')],
    gives: [matched, '1 tick: stop, 100 % at 85000', '1 tick: loss by exits'],
    r: '-1.5',
  },
  {
    rule: 'an open that jumps entry and stop fills the entry at its price and stops it at that price',
    given: [...waiting, candle(1, '85000', '120000', '84000', '110000')],
    gives: ['1 candle: matched, 100 % at 100000', '1 candle: stop, 100 % at 85000', '1 candle: loss by exits'],
    r: '-1.5',
  },
  {
    rule: 'a new order that the market is beyond, with its stop, is entered and left at that price',
    given: [signal(), tick(0, '85000')],
    gives: ['0 tick: matched, 100 % at 85000', '0 tick: stop, 100 % at 85000', '0 tick: push by exits'],
    r: null,
    pct: '0',
  },
]);
