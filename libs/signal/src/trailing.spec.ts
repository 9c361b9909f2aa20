import { describe, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { signalDecider } from './index.ts';
import { bothWays } from './testing/both-ways.ts';
import { create, rebuy, takeProfit, trailingStop } from './testing/commands.ts';
import { history } from './testing/history.ts';

const after = [create()];
const trailed = [...after, trailingStop('64000', '63500')];

bothWays('setting a trailing stop', [
  {
    rule: 'takes the published example',
    after,
    when: trailingStop('64000', '63500'),
    gives: { trigger: '64000', limit: '63500', reference: null },
  },
  {
    rule: 'keeps the last price',
    after,
    when: trailingStop('64000', '63500', { reference: '65800' }),
    gives: { trigger: '64000', limit: '63500', reference: '65800' },
  },
  { rule: 'takes a trigger looser than the fixed stop', after, when: trailingStop('61000', '60500') },
  { rule: 'takes a trigger beyond the entry', after, when: trailingStop('68000', '67500') },
  {
    rule: 'takes any trigger where there is no target',
    after: [create({ targets: [] })],
    when: trailingStop('90000', '90000'),
  },
  { rule: 'tightens', after: trailed, when: trailingStop('64000.01', '63000') },
  { rule: 'moves the limit alone, nearer', after: trailed, when: trailingStop('64000', '63900') },
  { rule: 'moves the limit alone, further', after: trailed, when: trailingStop('64000', '63000') },
  { rule: 'the pair that is set adds nothing', after: trailed, when: trailingStop('64000', '63500'), gives: null },
  {
    rule: 'the same pair spelt otherwise adds nothing',
    after: trailed,
    when: trailingStop('64000.0', '63500.00'),
    gives: null,
  },
  {
    rule: 'the same pair at another last price adds nothing',
    after: trailed,
    when: trailingStop('64000', '63500', { reference: '69000' }),
    gives: null,
  },

  {
    rule: 'never loosens',
    after: trailed,
    when: trailingStop('63999', '63500'),
    refused: ['trailing_loosened', 'trailing.trigger'],
  },
  {
    rule: 'is not at the next target',
    after,
    when: trailingStop('70000', '69000'),
    refused: ['trailing_beyond_target', 'trailing.trigger'],
  },
  {
    rule: 'is not beyond the next target',
    after,
    when: trailingStop('71000', '69000'),
    refused: ['trailing_beyond_target', 'trailing.trigger'],
  },
  {
    rule: 'the trigger is a price',
    after,
    when: trailingStop('0', '63500'),
    refused: ['price_invalid', 'trailing.trigger'],
  },
  {
    rule: 'the limit is a price',
    after,
    when: trailingStop('64000', '0'),
    refused: ['price_invalid', 'trailing.limit'],
  },
  {
    rule: 'the limit is not better than the trigger',
    after,
    when: trailingStop('64000', '64001'),
    refused: ['trailing_limit_side', 'trailing.limit'],
  },

  {
    rule: 'is not compared with pairs that begin later',
    after: [
      ...after,
      takeProfit({ orderType: 'limit', price: '72000', share: '50', trailing: { trigger: '68000', limit: '67500' } }),
      rebuy({ min: '60000', max: '61000', trailing: { trigger: '66000', limit: '65500' } }),
    ],
    when: trailingStop('64000', '63500'),
  },
]);

describe('a trailing stop without a profit side', () => {
  const events = history(
    create({
      direction: 'yes',
      instrument: { class: 'prediction', venue: 'kalshi', symbol: 'KX' },
      entry: { max: '0.4' },
      targets: [],
      stop: null,
    }),
    trailingStop('0.3', '0.29'),
  );

  it('moves either way: only the form of its prices is judged', () => {
    for (const [trigger, limit] of [
      ['0.2', '0.3'],
      ['0.5', '0.4'],
    ] as const) {
      given(signalDecider, events)
        .when(trailingStop(trigger, limit))
        .then({ type: 'TrailingStopAdded', data: { trigger, limit, reference: null } });
    }
    given(signalDecider, events)
      .when(trailingStop('30', '29'))
      .thenRefused({ code: 'price_not_a_probability', field: 'trailing.trigger' });
  });
});
