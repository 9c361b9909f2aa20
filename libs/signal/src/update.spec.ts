import { describe, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { signalDecider } from './index.ts';
import { bothWays } from './testing/both-ways.ts';
import { create, dca, takeProfit, trailingStop, update } from './testing/commands.ts';
import { history } from './testing/history.ts';

const after = [create()];
const six = create({ targets: ['67000', '68000', '69000', '70000', '71000', '72000'] });

bothWays('updating prices', [
  {
    rule: 'takes the published example',
    after,
    when: update({ targets: { 1: '73000' }, stop: '63000' }),
    gives: { targets: { 1: '73000' }, stop: '63000' },
  },
  {
    rule: 'moves all of it',
    after,
    when: update({ entryMin: '55000', entryMax: '56000', targets: { 1: '60000', 2: '61000' }, stop: '50000' }),
  },
  { rule: 'moves one bound', after, when: update({ entryMin: '65500' }), gives: { entryMin: '65500' } },
  {
    rule: 'gives a range to an entry of one price',
    after: [create({ entry: { max: '66000' } })],
    when: update({ entryMin: '65000' }),
    gives: { entryMin: '65000' },
  },
  {
    rule: 'gives an entry to a signal at any price',
    after: [create({ entry: null })],
    when: update({ entryMax: '66000' }),
    gives: { entryMax: '66000' },
  },
  { rule: 'appends a target', after, when: update({ targets: { 3: '80000' } }), gives: { targets: { 3: '80000' } } },
  {
    rule: 'appends several targets',
    after,
    when: update({ targets: { 4: '85000', 3: '80000' } }),
    gives: { targets: { 3: '80000', 4: '85000' } },
  },
  { rule: 'gives a first target', after: [create({ targets: [] })], when: update({ targets: { 1: '70000' } }) },

  {
    rule: 'keeps only what changes',
    after,
    when: update({ entryMin: '65000', targets: { 1: '70000.0', 2: '76000' }, stop: '62000' }),
    gives: { targets: { 2: '76000' } },
  },
  {
    rule: 'adds nothing where nothing changes',
    after,
    when: update({ entryMin: '65000.00', entryMax: '66000', targets: { 1: '70000', 2: '75000' }, stop: '62000' }),
    gives: null,
  },

  { rule: 'names a price', after, when: update({}), refused: ['prices_missing', 'prices'] },
  {
    rule: 'names a price among its targets',
    after,
    when: update({ targets: {} }),
    refused: ['prices_missing', 'prices'],
  },
  { rule: 'a bound is a price', after, when: update({ entryMin: '0' }), refused: ['price_invalid', 'entry.min'] },
  {
    rule: 'the other bound is a price',
    after,
    when: update({ entryMax: 'x' }),
    refused: ['price_invalid', 'entry.max'],
  },
  {
    rule: 'a target is a price',
    after,
    when: update({ targets: { 1: '70000', 2: '1e9' } }),
    refused: ['price_invalid', 'targets.2'],
  },
  { rule: 'the stop is a price', after, when: update({ stop: '-62000' }), refused: ['price_invalid', 'stop'] },

  {
    rule: 'blames the bound that was moved: min',
    after,
    when: update({ entryMin: '66001' }),
    refused: ['entry_order', 'entry.min'],
  },
  {
    rule: 'blames the bound that was moved: max',
    after,
    when: update({ entryMax: '64999' }),
    refused: ['entry_order', 'entry.max'],
  },
  {
    rule: 'keeps the mid price inside: min',
    after: [create({ entry: { min: '65000', mid: '65500', max: '66000' } })],
    when: update({ entryMin: '65600' }),
    refused: ['entry_order', 'entry.min'],
  },
  {
    rule: 'keeps the mid price inside: max',
    after: [create({ entry: { min: '65000', mid: '65500', max: '66000' } })],
    when: update({ entryMax: '65400' }),
    refused: ['entry_order', 'entry.max'],
  },

  {
    rule: 'a target stays beyond the entry',
    after,
    when: update({ targets: { 1: '66000' } }),
    refused: ['target_side', 'targets.1'],
  },
  {
    rule: 'the entry stays before the target',
    after,
    when: update({ entryMax: '70000' }),
    refused: ['target_side', 'entry.max'],
  },
  {
    rule: 'a whole entry stays before the target',
    after,
    when: update({ entryMin: '71000', entryMax: '72000' }),
    refused: ['target_side', 'entry.max'],
  },
  {
    rule: 'a first bound of an entry stays before the target',
    after: [create({ entry: null })],
    when: update({ entryMin: '71000' }),
    refused: ['target_side', 'entry.min'],
  },
  {
    rule: 'targets stay in order: the second',
    after,
    when: update({ targets: { 2: '70000' } }),
    refused: ['target_order', 'targets.2'],
  },
  {
    rule: 'targets stay in order: the first',
    after,
    when: update({ targets: { 1: '75000' } }),
    refused: ['target_order', 'targets.1'],
  },
  {
    rule: 'targets stay in order: a new one',
    after,
    when: update({ targets: { 3: '74000' } }),
    refused: ['target_order', 'targets.3'],
  },
  { rule: 'no hole arises', after, when: update({ targets: { 4: '85000' } }), refused: ['target_gap', 'targets.4'] },
  {
    rule: 'no hole arises between new ones',
    after,
    when: update({ targets: { 3: '80000', 5: '85000' } }),
    refused: ['target_gap', 'targets.5'],
  },
  {
    rule: 'there is no seventh target',
    after: [six],
    when: update({ targets: { 7: '73000' } }),
    refused: ['too_many_targets', 'targets.7'],
  },
  {
    rule: 'there is no target before the first',
    after,
    when: update({ targets: { 0: '73000' } }),
    refused: ['too_many_targets', 'targets.0'],
  },
  {
    rule: 'places are 1 to 6',
    after,
    when: update({ targets: { one: '73000' } }),
    refused: ['too_many_targets', 'targets.one'],
  },

  { rule: 'the stop goes to break-even', after, when: update({ stop: '66000' }), gives: { stop: '66000' } },
  { rule: 'the stop locks in a profit', after, when: update({ stop: '69999' }), gives: { stop: '69999' } },
  {
    rule: 'the stop goes back',
    after: [...after, update({ stop: '69000' })],
    when: update({ stop: '61000' }),
    gives: { stop: '61000' },
  },
  {
    rule: 'the stop is given later',
    after: [create({ stop: null })],
    when: update({ stop: '62000' }),
    gives: { stop: '62000' },
  },
  {
    rule: 'without targets the stop is free',
    after: [create({ targets: [] })],
    when: update({ stop: '90000' }),
    gives: { stop: '90000' },
  },
  {
    rule: 'the stop is not at the next target',
    after,
    when: update({ stop: '70000' }),
    refused: ['stop_beyond_target', 'stop'],
  },
  {
    rule: 'the stop is not beyond the next target',
    after,
    when: update({ stop: '71000' }),
    refused: ['stop_beyond_target', 'stop'],
  },
  { rule: 'stop and target move together', after, when: update({ stop: '71000', targets: { 1: '72000' } }) },
  {
    rule: 'the next target does not come to the stop',
    after: [...after, update({ stop: '69000' })],
    when: update({ targets: { 1: '69000' } }),
    refused: ['stop_beyond_target', 'targets.1'],
  },
  {
    rule: 'the next target does not come to the trailing stop',
    after: [...after, trailingStop('69000', '68000')],
    when: update({ targets: { 1: '68500' } }),
    refused: ['trailing_beyond_target', 'targets.1'],
  },
  {
    rule: 'a break-even stop does not hinder other updates',
    after: [...after, update({ stop: '66500' })],
    when: update({ targets: { 2: '76000' } }),
  },
  {
    rule: 'added take profits and DCAs do not hinder the entry',
    after: [...after, takeProfit({ orderType: 'limit', price: '67000', share: '100' }), dca('64000', '1')],
    when: update({ entryMin: '63000', entryMax: '68000' }),
  },
]);

describe('updating a signal without a profit side', () => {
  it('judges the form of its prices only', () => {
    const events = history(create({ side: 'close', direction: null }));
    given(signalDecider, events)
      .when(update({ targets: { 2: '1000' }, stop: '90000' }))
      .then({ type: 'PricesUpdated', data: { targets: { 2: '1000' }, stop: '90000' } });
    given(signalDecider, events)
      .when(update({ targets: { 4: '1000' } }))
      .thenRefused({ code: 'target_gap', field: 'targets.4' });
    given(signalDecider, events)
      .when(update({ stop: '0' }))
      .thenRefused({ code: 'price_invalid', field: 'stop' });
  });
});
