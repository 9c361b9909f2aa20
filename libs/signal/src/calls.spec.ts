import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { signalDecider } from './index.ts';
import { bothWays } from './testing/both-ways.ts';
import { create, dca, rebuy, takeProfit } from './testing/commands.ts';
import { history } from './testing/history.ts';

const after = [create()];
const atAnyPrice = [create({ entry: null })];
const trailing = { trigger: '68000', limit: '67500' };
const half = takeProfit({ orderType: 'limit', price: '72000', share: '50', trailing });

bothWays('adding a take profit', [
  {
    rule: 'takes the published example at a limit',
    after,
    when: half,
    gives: { orderType: 'limit', price: '72000', share: '50', trailing },
  },
  {
    rule: 'takes the published example at the market',
    after,
    when: takeProfit({ orderType: 'market', share: '100' }),
    gives: { orderType: 'market', price: null, share: '100', trailing: null },
  },
  {
    rule: 'ignores a price sent with a market order',
    after,
    when: takeProfit({ orderType: 'market', price: '1', share: '100' }),
    gives: { orderType: 'market', price: null, share: '100', trailing: null },
  },
  {
    rule: 'keeps the symbol',
    after,
    when: takeProfit({ orderType: 'market', share: '100', symbol: 'BTCUSDT' }),
    gives: { orderType: 'market', price: null, share: '100', trailing: null, symbol: 'BTCUSDT' },
  },
  {
    rule: 'keeps a trailing pair given with 100 percent',
    after,
    when: takeProfit({ orderType: 'limit', price: '72000', share: '100', trailing }),
  },
  {
    rule: 'takes a price nearer than the first target',
    after,
    when: takeProfit({ orderType: 'limit', price: '66001', share: '100' }),
  },
  {
    rule: 'takes any price where the entry is at any price',
    after: atAnyPrice,
    when: takeProfit({ orderType: 'limit', price: '60000', share: '100' }),
  },
  { rule: 'takes the same order twice: two may be meant', after: [...after, half], when: half },

  {
    rule: 'a limit needs a price',
    after,
    when: takeProfit({ orderType: 'limit', share: '100' }),
    refused: ['price_missing', 'price'],
  },
  {
    rule: 'the price is a price',
    after,
    when: takeProfit({ orderType: 'limit', price: '0', share: '100' }),
    refused: ['price_invalid', 'price'],
  },
  {
    rule: 'the price is not on the losing side',
    after,
    when: takeProfit({ orderType: 'limit', price: '64000', share: '100' }),
    refused: ['take_profit_side', 'price'],
  },
  {
    rule: 'the price is not inside the entry',
    after,
    when: takeProfit({ orderType: 'limit', price: '66000', share: '100' }),
    refused: ['take_profit_side', 'price'],
  },

  {
    rule: 'the share is at least 1',
    after,
    when: takeProfit({ orderType: 'market', share: '0.99', trailing }),
    refused: ['share_out_of_range', 'share'],
  },
  {
    rule: 'the share is at most 100',
    after,
    when: takeProfit({ orderType: 'market', share: '100.01' }),
    refused: ['share_out_of_range', 'share'],
  },
  {
    rule: 'the share is a number',
    after,
    when: takeProfit({ orderType: 'market', share: 'half' }),
    refused: ['share_out_of_range', 'share'],
  },
  {
    rule: 'shares sum to 100',
    after: [...after, half, takeProfit({ orderType: 'market', share: '20.5', trailing })],
    when: takeProfit({ orderType: 'market', share: '29.5', trailing }),
  },
  {
    rule: 'shares do not sum to more than 100',
    after: [...after, half, takeProfit({ orderType: 'market', share: '20.5', trailing })],
    when: takeProfit({ orderType: 'market', share: '29.6', trailing }),
    refused: ['shares_over_100', 'share'],
  },

  {
    rule: 'under 100 a trailing pair is required',
    after,
    when: takeProfit({ orderType: 'market', share: '99' }),
    refused: ['trailing_missing', 'trailing.trigger'],
  },
  {
    rule: 'under 100 the trigger is required',
    after,
    when: takeProfit({ orderType: 'market', share: '99', trailing: { limit: '67500' } }),
    refused: ['trailing_missing', 'trailing.trigger'],
  },
  {
    rule: 'under 100 the limit is required',
    after,
    when: takeProfit({ orderType: 'market', share: '99', trailing: { trigger: '68000' } }),
    refused: ['trailing_missing', 'trailing.limit'],
  },
  {
    rule: 'at 100 a trigger needs its limit',
    after,
    when: takeProfit({ orderType: 'market', share: '100', trailing: { trigger: '68000' } }),
    refused: ['trailing_missing', 'trailing.limit'],
  },
  {
    rule: 'at 100 a limit needs its trigger',
    after,
    when: takeProfit({ orderType: 'market', share: '100', trailing: { limit: '68000' } }),
    refused: ['trailing_missing', 'trailing.trigger'],
  },
  {
    rule: 'the trigger is a price',
    after,
    when: takeProfit({ orderType: 'market', share: '50', trailing: { trigger: '0', limit: '67500' } }),
    refused: ['price_invalid', 'trailing.trigger'],
  },
  {
    rule: 'the limit is a price',
    after,
    when: takeProfit({ orderType: 'market', share: '50', trailing: { trigger: '68000', limit: '-1' } }),
    refused: ['price_invalid', 'trailing.limit'],
  },
  {
    rule: 'the limit is not better than the trigger',
    after,
    when: takeProfit({ orderType: 'market', share: '50', trailing: { trigger: '68000', limit: '68001' } }),
    refused: ['trailing_limit_side', 'trailing.limit'],
  },
  {
    rule: 'the limit may be the trigger',
    after,
    when: takeProfit({ orderType: 'market', share: '50', trailing: { trigger: '68000', limit: '68000' } }),
  },
  {
    rule: 'what begins at the take profit lies before it',
    after,
    when: takeProfit({
      orderType: 'limit',
      price: '72000',
      share: '50',
      trailing: { trigger: '72000', limit: '71000' },
    }),
    refused: ['trailing_side', 'trailing.trigger'],
  },
]);

bothWays('adding a rebuy', [
  {
    rule: 'takes the published example',
    after,
    when: rebuy({ min: '60000', max: '61000', invest: '5', trailing: { trigger: '58000', limit: '57500' } }),
    gives: { min: '60000', max: '61000', invest: '5', trailing: { trigger: '58000', limit: '57500' } },
  },
  {
    rule: 'takes a zone alone',
    after,
    when: rebuy({ min: '60000', max: '61000' }),
    gives: { min: '60000', max: '61000', invest: null, trailing: null },
  },
  { rule: 'takes a zone of no width', after, when: rebuy({ min: '60000', max: '60000' }) },
  { rule: 'takes a zone on the profit side', after, when: rebuy({ min: '67000', max: '68000' }) },
  {
    rule: 'takes the same zone twice: two may be meant',
    after: [...after, rebuy({ min: '60000', max: '61000' })],
    when: rebuy({ min: '60000', max: '61000' }),
  },
  { rule: 'min is not above max', after, when: rebuy({ min: '61000', max: '60000' }), refused: ['rebuy_order', 'min'] },
  { rule: 'min is a price', after, when: rebuy({ min: '0', max: '60000' }), refused: ['price_invalid', 'min'] },
  { rule: 'max is a price', after, when: rebuy({ min: '60000', max: 'NaN' }), refused: ['price_invalid', 'max'] },
  {
    rule: 'invest is above 0',
    after,
    when: rebuy({ min: '60000', max: '61000', invest: '0' }),
    refused: ['percent_invalid', 'invest'],
  },
  {
    rule: 'invest is at most 100',
    after,
    when: rebuy({ min: '60000', max: '61000', invest: '101' }),
    refused: ['percent_invalid', 'invest'],
  },
  {
    rule: 'a trigger needs its limit',
    after,
    when: rebuy({ min: '60000', max: '61000', trailing: { trigger: '58000' } }),
    refused: ['trailing_missing', 'trailing.limit'],
  },
  {
    rule: 'a limit needs its trigger',
    after,
    when: rebuy({ min: '60000', max: '61000', trailing: { limit: '58000' } }),
    refused: ['trailing_missing', 'trailing.trigger'],
  },
  {
    rule: 'the limit is not better than the trigger',
    after,
    when: rebuy({ min: '60000', max: '61000', trailing: { trigger: '58000', limit: '58500' } }),
    refused: ['trailing_limit_side', 'trailing.limit'],
  },
]);

bothWays('adding a DCA', [
  {
    rule: 'takes the published example: 10 percent × 1.5',
    after,
    when: dca('58000', '1.5'),
    gives: { price: '58000', multiplier: '1.5', invest: '15' },
  },
  { rule: 'takes a price just beyond the entry', after, when: dca('64999.99', '1') },
  {
    rule: 'takes the entry itself as an entry at one price',
    after: [create({ entry: { max: '66000' } })],
    when: dca('65000', '1'),
  },
  { rule: 'takes any price where the entry is at any price', after: atAnyPrice, when: dca('90000', '1') },
  {
    rule: 'multiplies exactly',
    after: [create({ size: { kind: 'usd', value: '0.1' } })],
    when: dca('58000', '3'),
    gives: { price: '58000', multiplier: '3', invest: '0.3' },
  },
  {
    rule: 'has no size where the signal has none',
    after: [create({ size: null })],
    when: dca('58000', '1.5'),
    gives: { price: '58000', multiplier: '1.5', invest: null },
  },
  {
    rule: 'is not capped at 100 percent',
    after,
    when: dca('58000', '20'),
    gives: { price: '58000', multiplier: '20', invest: '200' },
  },
  {
    rule: 'takes the same level twice: two may be meant',
    after: [...after, dca('58000', '1.5')],
    when: dca('58000', '1.5'),
  },
  { rule: 'the price is a price', after, when: dca('0', '1.5'), refused: ['price_invalid', 'price'] },
  { rule: 'the price is not inside the entry', after, when: dca('65000', '1.5'), refused: ['dca_side', 'price'] },
  { rule: 'the price is not on the profit side', after, when: dca('67000', '1.5'), refused: ['dca_side', 'price'] },
  { rule: 'the multiplier is above 0', after, when: dca('58000', '0'), refused: ['number_invalid', 'multiplier'] },
  { rule: 'the multiplier is a number', after, when: dca('58000', '-1.5'), refused: ['number_invalid', 'multiplier'] },
]);

describe('calls on a prediction market', () => {
  const events = history(
    create({
      instrument: { class: 'prediction', venue: 'polymarket', symbol: '0xabc' },
      direction: 'no',
      entry: { max: '0.4' },
      targets: [],
      stop: null,
    }),
  );

  it('take probabilities on either side', () => {
    for (const price of ['0.1', '0.9']) {
      given(signalDecider, events)
        .when(dca(price, '1'))
        .then({ type: 'DcaAdded', data: { price, multiplier: '1', invest: '10' } });
    }
  });

  it('take nothing else', () => {
    given(signalDecider, events).when(dca('58', '1')).thenRefused({ code: 'price_not_a_probability', field: 'price' });
    given(signalDecider, events)
      .when(rebuy({ min: '0.3', max: '1' }))
      .thenRefused({ code: 'price_not_a_probability', field: 'max' });
  });
});

it('says what a price must be beyond, in words that fit the direction', () => {
  const wrong = takeProfit({ orderType: 'limit', price: '65500', share: '100' });
  const long = signalDecider.decide(wrong, history(create()).reduce(signalDecider.evolve, signalDecider.initial));
  expect(long).toEqual({
    refused: expect.objectContaining({
      message: 'A take profit lies on the profit side of the whole entry: above 66000.',
    }),
  });
  const short = create({ direction: 'short', targets: ['60000'], stop: '70000' });
  given(signalDecider, history(short))
    .when(wrong)
    .thenRefused({ message: 'A take profit lies on the profit side of the whole entry: below 65000.' });
});
