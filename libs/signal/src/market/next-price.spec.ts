/** What waits for a position, and what is done at the next price: rules 11 and 12 of the outcome rules. */
import { expect, it } from '@jest/globals';
import { decide } from '../decide.ts';
import { cancel, dca, rebuy, takeProfit } from '../testing/commands.ts';
import { follow, judged } from '../testing/follow.ts';
import { candle, tick } from '../testing/prices.ts';
import { priceRules, signal } from '../testing/price-rules.ts';
import { stepsOf } from '../testing/steps.ts';

const waiting = [signal(), tick(0, '105000')];
const open = [...waiting, tick(1, '100000')];
const matched = '1 tick: matched, 100 % at 100000';
const sellAll = takeProfit({ orderType: 'market', share: '100', tracked: true });

priceRules('rule 11: orders that wait for a position', [
  {
    rule: 'a DCA does not fill before the match, and a rebuy on the profit side does not either',
    given: [signal(), dca('99000', '1'), rebuy({ min: '104000', max: '106000' }), tick(0, '105000'), tick(1, '101000')],
    gives: [],
    status: 'registered',
  },
  {
    rule: 'a rebuy that the market is beyond at the match fills at that price',
    given: [signal(), rebuy({ min: '104000', max: '106000' }), tick(0, '105000'), tick(1, '100000')],
    gives: [matched, '1 tick: rebuy 1, 100 % at 100000'],
  },
]);

priceRules('rule 11: what is done at the next price', [
  {
    rule: 'a market take profit fills at the next tick',
    given: [...open, sellAll, tick(2, '104000')],
    gives: [matched, '2 tick: take_profit 1, 100 % at 104000', '2 tick: win by exits'],
    r: '0.4',
  },
  {
    rule: 'a market take profit fills at the next open',
    given: [...open, sellAll, candle(2, '104000', '112000', '89000', '95000')],
    gives: [matched, '2 candle: take_profit 1, 100 % at 104000', '2 candle: win by exits'],
  },
  {
    rule: 'of several market take profits each fills',
    given: [
      ...open,
      takeProfit({ orderType: 'market', share: '30', trailing: { trigger: '92000', limit: '91000' } }),
      takeProfit({ orderType: 'market', share: '20', trailing: { trigger: '92000', limit: '91000' } }),
      tick(2, '104000'),
    ],
    gives: [matched, '2 tick: take_profit 1, 30 % at 104000', '2 tick: take_profit 2, 20 % at 104000'],
  },
  {
    rule: 'a cancel of an open position closes it at the next tick',
    given: [...open, cancel(), tick(2, '97000'), tick(3, '120000')],
    gives: [matched, '2 tick: loss by cancelled, 100 % at 97000'],
    status: 'loss',
    r: '-0.3',
  },
  {
    rule: 'a cancel of an open position closes it at the next open, whatever else it reaches',
    given: [...open, cancel(), candle(2, '111000', '121000', '89000', '95000')],
    gives: [matched, '2 candle: win by cancelled, 100 % at 111000'],
    status: 'win',
  },
  {
    rule: 'a cancel closes what is left',
    given: [...open, tick(2, '110000'), cancel(), tick(3, '100000')],
    gives: [matched, '2 tick: target 1, 50 % at 110000', '3 tick: win by cancelled, 50 % at 100000'],
    r: '0.5',
  },
  {
    rule: 'without a next price the position stays open',
    given: [...open, cancel()],
    gives: [matched],
    status: 'matched',
  },
]);

it('rule 11: a market take profit before the match is refused', () => {
  expect(decide(sellAll, follow(waiting).state)).toEqual({
    refused: expect.objectContaining({ code: 'not_matched', field: 'orderType' }),
  });
});

it('a closing signal closes at the next price, and is named', () => {
  const { events } = judged(follow(open), tick(2, '103000'), 'closing-1');
  expect(stepsOf(events)).toEqual([matched, '2 tick: win by closed, 100 % at 103000']);
  expect(events.at(-1)!.data).toMatchObject({ closedBySignalId: 'closing-1' });
});

it('a closing signal closes nothing before the match', () => {
  expect(stepsOf(judged(follow(waiting), tick(2, '103000'), 'closing-1').events)).toEqual([]);
});

priceRules('rule 12: another entry mode', [
  {
    rule: 'is treated as range',
    given: [signal({ entry: { min: '98000', max: '100000', mode: 'limit' } }), tick(0, '105000'), tick(1, '100000')],
    gives: [matched],
  },
]);
