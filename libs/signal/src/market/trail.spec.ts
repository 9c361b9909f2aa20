/** Trailing stops: rules 13, 14 and 15 of the outcome rules. */
import { rebuy, takeProfit, trailingStop } from '../testing/commands.ts';
import { candle, tick } from '../testing/prices.ts';
import { priceRules, signal } from '../testing/price-rules.ts';

const far = signal({ targets: ['150000'] });
const open = [far, tick(0, '105000'), tick(1, '100000')];
const matched = '1 tick: matched, 100 % at 100000';
/** Stays 5000 behind the best price. */
const trail = trailingStop('95000', '94000', { reference: '100000' });
const trailed = [...open, trail];

priceRules('rule 13: a trailing stop', [
  {
    rule: 'stays behind the best price at the distance of its trigger from the last price at receipt',
    given: [...trailed, tick(2, '104000'), tick(3, '99001'), tick(4, '99000')],
    gives: [matched, '4 tick: trailing, 100 % at 99000', '4 tick: loss by exits'],
    r: '-0.1',
  },
  {
    rule: 'never falls back',
    given: [...trailed, tick(2, '110000'), tick(3, '106000'), tick(4, '105000')],
    gives: [matched, '4 tick: trailing, 100 % at 105000', '4 tick: win by exits'],
    r: '0.5',
  },
  {
    rule: 'stands at its trigger until the price has moved',
    given: [...trailed, tick(2, '95000')],
    gives: [matched, '2 tick: trailing, 100 % at 95000', '2 tick: loss by exits'],
  },
  {
    rule: 'fills at the tick that jumps it',
    given: [...trailed, tick(2, '110000'), tick(3, '103000')],
    gives: [matched, '3 tick: trailing, 100 % at 103000', '3 tick: win by exits'],
  },
  {
    rule: 'stays at its trigger where no last price was known',
    given: [...open, trailingStop('95000', '94000'), tick(2, '140000'), tick(3, '95001'), tick(4, '95000')],
    gives: [matched, '4 tick: trailing, 100 % at 95000', '4 tick: loss by exits'],
  },
  {
    rule: 'gives way to a fixed stop that is higher',
    given: [
      signal({ targets: ['150000'], stop: '96000' }),
      tick(0, '105000'),
      tick(1, '100000'),
      trail,
      tick(2, '96000'),
    ],
    gives: [matched, '2 tick: stop, 100 % at 96000', '2 tick: loss by exits'],
  },
  {
    rule: 'is in force once it is the higher one',
    given: [
      signal({ targets: ['150000'], stop: '96000' }),
      tick(0, '105000'),
      tick(1, '100000'),
      trail,
      tick(2, '103000'),
      tick(3, '98000'),
    ],
    gives: [matched, '3 tick: trailing, 100 % at 98000', '3 tick: loss by exits'],
  },
  {
    rule: 'a second call cannot lower the level in force',
    given: [
      ...trailed,
      tick(2, '108000'),
      trailingStop('96000', '95000', { reference: '108000' }),
      tick(3, '103001'),
      tick(4, '103000'),
    ],
    gives: [matched, '4 tick: trailing, 100 % at 103000', '4 tick: win by exits'],
  },
  {
    rule: 'a second call replaces the distance',
    given: [
      ...trailed,
      tick(2, '108000'),
      trailingStop('96000', '95000', { reference: '108000' }),
      tick(3, '118000'),
      tick(4, '112000'),
      tick(5, '106000'),
    ],
    gives: [matched, '5 tick: trailing, 100 % at 106000', '5 tick: win by exits'],
  },
  {
    rule: 'a second call raises it',
    given: [
      ...trailed,
      tick(2, '108000'),
      trailingStop('107000', '106000', { reference: '108000' }),
      tick(3, '107500'),
      tick(4, '107000'),
    ],
    gives: [matched, '4 tick: trailing, 100 % at 107000', '4 tick: win by exits'],
  },
  {
    rule: 'the best price counts from the match where the call came before',
    given: [
      far,
      trailingStop('96000', '95000', { reference: '106000' }),
      tick(0, '106000'),
      tick(1, '120000'),
      tick(2, '100000'),
      tick(3, '99000'),
      tick(4, '107000'),
      tick(5, '97000'),
    ],
    gives: ['2 tick: matched, 100 % at 100000', '5 tick: trailing, 100 % at 97000', '5 tick: loss by exits'],
  },
  {
    rule: 'the best price counts from its receipt where the match came before',
    given: [
      ...open,
      tick(2, '120000'),
      tick(3, '102000'),
      trailingStop('97000', '96000', { reference: '102000' }),
      tick(4, '101000'),
      tick(5, '97001'),
      tick(6, '97000'),
    ],
    gives: [matched, '6 tick: trailing, 100 % at 97000', '6 tick: loss by exits'],
  },
  {
    rule: 'one called for at the market closes at the next price',
    given: [...open, tick(2, '102000'), trailingStop('102000', '101000', { reference: '102000' }), tick(3, '103000')],
    gives: [matched, '3 tick: trailing, 100 % at 103000', '3 tick: win by exits'],
  },
  {
    rule: 'one called for beyond the market closes at the next open',
    given: [
      ...open,
      tick(2, '102000'),
      trailingStop('103000', '101000', { reference: '102000' }),
      candle(3, '104000', '160000', '89000', '104000'),
    ],
    gives: [matched, '3 candle: trailing, 100 % at 104000', '3 candle: win by exits'],
  },
  {
    rule: 'does not act before the match',
    given: [far, trailingStop('104000', '103000', { reference: '108000' }), tick(0, '108000'), tick(1, '101000')],
    gives: [],
    status: 'registered',
  },
]);

priceRules('rule 14: a trailing stop in one candle', [
  {
    rule: 'raised by the high, it is hit where the close is at it',
    given: [...trailed, candle(2, '100000', '110000', '99000', '105000')],
    gives: [matched, '3 candle: trailing, 100 % at 105000', '3 candle: win by exits'],
  },
  {
    rule: 'raised by the high, it is hit at its level where the close is beyond it',
    given: [...trailed, candle(2, '100000', '110000', '99000', '101000')],
    gives: [matched, '3 candle: trailing, 100 % at 105000', '3 candle: win by exits'],
  },
  {
    rule: 'raised by the high, it is not hit by a low alone',
    given: [...trailed, candle(2, '100000', '110000', '96000', '105001')],
    gives: [matched],
    status: 'matched',
  },
  {
    rule: 'raised by the high, it is in force from the next open on',
    given: [
      ...trailed,
      candle(2, '100000', '110000', '96000', '105001'),
      candle(3, '104000', '104000', '103000', '104000'),
    ],
    gives: [matched, '3 candle: trailing, 100 % at 104000', '3 candle: win by exits'],
  },
  {
    rule: 'the level before the candle is hit by its low, however high it went',
    given: [...trailed, candle(2, '100000', '120000', '95000', '119000')],
    gives: [matched, '3 candle: trailing, 100 % at 95000', '3 candle: loss by exits'],
  },
  {
    rule: 'raised by the open, it is hit by the low',
    given: [...trailed, candle(2, '107000', '107000', '101000', '106000')],
    gives: [matched, '3 candle: trailing, 100 % at 102000', '3 candle: win by exits'],
  },
  {
    rule: 'a target in the candle comes before the level that its high raised',
    given: [signal(), tick(0, '105000'), tick(1, '100000'), trail, candle(2, '100000', '112000', '99000', '106000')],
    gives: [
      matched,
      '3 candle: target 1, 50 % at 110000',
      '3 candle: trailing, 50 % at 107000',
      '3 candle: win by exits',
    ],
  },
  {
    rule: 'a trigger beyond the entry exits at the entry price, touched by a tick',
    given: [far, trailingStop('102000', '101000', { reference: '108000' }), tick(0, '108000'), tick(1, '100000')],
    gives: [matched, '1 tick: trailing, 100 % at 100000', '1 tick: push by exits'],
    r: null,
  },
  {
    rule: 'a trigger beyond the entry exits at the entry price, touched in a candle',
    given: [
      far,
      trailingStop('102000', '101000', { reference: '108000' }),
      tick(0, '108000'),
      candle(1, '108000', '109000', '99000', '104000'),
    ],
    gives: ['2 candle: matched, 100 % at 100000', '2 candle: trailing, 100 % at 100000', '2 candle: push by exits'],
  },
  {
    rule: 'in the candle that matched only the close raises it',
    given: [
      far,
      trailingStop('98000', '97000', { reference: '106000' }),
      tick(0, '106000'),
      candle(1, '106000', '115000', '99500', '107000'),
      candle(2, '107000', '107000', '99500', '100000'),
      candle(3, '100000', '100000', '99000', '99000'),
    ],
    gives: ['2 candle: matched, 100 % at 100000', '4 candle: trailing, 100 % at 99000', '4 candle: loss by exits'],
  },
]);

const pair = { trigger: '103000', limit: '102000' };
const half = takeProfit({ orderType: 'limit', price: '106000', share: '50', trailing: pair });

priceRules('rule 15: the trailing pair of a partial exit', [
  {
    rule: 'that of a limit take profit does not act before it is hit',
    given: [...open, half, tick(2, '104000'), tick(3, '102000')],
    gives: [matched],
  },
  {
    rule: 'that of a limit take profit begins when it is hit, at the distance from its price',
    given: [...open, half, tick(2, '106000'), tick(3, '108000'), tick(4, '105000')],
    gives: [
      matched,
      '2 tick: take_profit 1, 50 % at 106000',
      '4 tick: trailing, 50 % at 105000',
      '4 tick: win by exits',
    ],
    r: '0.55',
  },
  {
    rule: 'begun inside a candle it is raised by the high and hit by the close',
    given: [...open, half, candle(2, '100000', '109000', '99000', '106000')],
    gives: [
      matched,
      '3 candle: take_profit 1, 50 % at 106000',
      '3 candle: trailing, 50 % at 106000',
      '3 candle: win by exits',
    ],
  },
  {
    rule: 'that of a market take profit begins at once, from the last price at receipt',
    given: [
      ...open,
      takeProfit({
        orderType: 'market',
        share: '50',
        trailing: { trigger: '97000', limit: '96000' },
        reference: '102000',
      }),
      tick(2, '101000'),
      tick(3, '104000'),
      tick(4, '99000'),
    ],
    gives: [
      matched,
      '2 tick: take_profit 1, 50 % at 101000',
      '4 tick: trailing, 50 % at 99000',
      '4 tick: push by exits',
    ],
  },
  {
    rule: 'that of a rebuy begins when it fills',
    given: [
      ...open,
      rebuy({ min: '94000', max: '95000', trailing: { trigger: '92000', limit: '91000' } }),
      tick(2, '98000'),
      tick(3, '95000'),
      tick(4, '99000'),
      tick(5, '96000'),
    ],
    gives: [matched, '3 tick: rebuy 1, 100 % at 95000', '5 tick: trailing, 100 % at 96000', '5 tick: loss by exits'],
    longR: '-0.29473684',
  },
  {
    rule: 'that of a rebuy inside a candle has only the close for a better price',
    given: [
      ...open,
      rebuy({ min: '94000', max: '95000', trailing: { trigger: '92000', limit: '91000' } }),
      candle(2, '100000', '108000', '94500', '97000'),
      candle(3, '97000', '97000', '94000', '95000'),
    ],
    gives: [
      matched,
      '3 candle: rebuy 1, 100 % at 95000',
      '4 candle: trailing, 100 % at 94000',
      '4 candle: loss by exits',
    ],
  },
  {
    rule: 'that of a rebuy inside a candle is hit on the same way down',
    given: [
      ...open,
      rebuy({ min: '94000', max: '95000', trailing: { trigger: '94500', limit: '91000' } }),
      candle(2, '100000', '108000', '94000', '107000'),
    ],
    gives: [
      matched,
      '3 candle: rebuy 1, 100 % at 95000',
      '3 candle: trailing, 100 % at 94500',
      '3 candle: loss by exits',
    ],
  },
  {
    rule: 'a gap beyond the limit fills at the open',
    given: [...open, half, tick(2, '106000'), candle(3, '101000', '104000', '100000', '104000')],
    gives: [
      matched,
      '2 tick: take_profit 1, 50 % at 106000',
      '3 candle: trailing, 50 % at 101000',
      '3 candle: win by exits',
    ],
  },
]);
