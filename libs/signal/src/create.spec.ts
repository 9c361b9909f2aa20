import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { signalDecider } from './index.ts';
import { bothWays } from './testing/both-ways.ts';
import { create } from './testing/commands.ts';

const spot = create().instrument;
const futures = { ...spot, account: 'FUTURES' } as const;

bothWays('creating a signal', [
  { rule: 'takes the published example', when: create() },
  { rule: 'takes an entry of one price', when: create({ entry: { max: '66000' } }) },
  { rule: 'takes an entry of three prices', when: create({ entry: { min: '65000', mid: '65500', max: '66000' } }) },
  { rule: 'takes a range of no width', when: create({ entry: { min: '66000', max: '66000.0' } }) },
  { rule: 'takes an entry at any price', when: create({ entry: null }) },
  { rule: 'takes no targets and no stop', when: create({ targets: [], stop: null }) },
  { rule: 'takes six targets', when: create({ targets: ['67000', '68000', '69000', '70000', '71000', '72000'] }) },

  {
    rule: 'an entry names a price',
    when: create({ entry: { mode: 'range' } }),
    refused: ['entry_price_missing', 'entry'],
  },
  {
    rule: 'min is not above max',
    when: create({ entry: { min: '66001', max: '66000' } }),
    refused: ['entry_order', 'entry.min'],
  },
  {
    rule: 'mid is not below min',
    when: create({ entry: { min: '65000', mid: '64000', max: '66000' } }),
    refused: ['entry_order', 'entry.mid'],
  },
  {
    rule: 'mid is not above max',
    when: create({ entry: { min: '65000', mid: '66500', max: '66000' } }),
    refused: ['entry_order', 'entry.mid'],
  },
  {
    rule: 'min is a price',
    when: create({ entry: { min: '-1', max: '66000' } }),
    refused: ['price_invalid', 'entry.min'],
  },
  {
    rule: 'mid is a price',
    when: create({ entry: { mid: '1e5', max: '66000' } }),
    refused: ['price_invalid', 'entry.mid'],
  },
  { rule: 'max is a price', when: create({ entry: { max: '0' } }), refused: ['price_invalid', 'entry.max'] },

  {
    rule: 'a target is a price',
    when: create({ targets: ['70000', 'much'] }),
    refused: ['price_invalid', 'targets.2'],
  },
  {
    rule: 'a target is not on the losing side',
    when: create({ targets: ['60000'] }),
    refused: ['target_side', 'targets.1'],
  },
  {
    rule: 'a target is beyond the whole entry',
    when: create({ targets: ['65500'] }),
    refused: ['target_side', 'targets.1'],
  },
  { rule: 'a target is not at the entry', when: create({ targets: ['66000'] }), refused: ['target_side', 'targets.1'] },
  {
    rule: 'targets lie in order',
    when: create({ targets: ['75000', '70000'] }),
    refused: ['target_order', 'targets.2'],
  },
  {
    rule: 'no two targets are equal',
    when: create({ targets: ['70000', '75000', '75000.0'] }),
    refused: ['target_order', 'targets.3'],
  },
  {
    rule: 'targets lie in order at any entry too',
    when: create({ entry: null, targets: ['75000', '70000'] }),
    refused: ['target_order', 'targets.2'],
  },
  {
    rule: 'there are at most six targets',
    when: create({ targets: ['67000', '68000', '69000', '70000', '71000', '72000', '73000'] }),
    refused: ['too_many_targets', 'targets.7'],
  },

  { rule: 'the stop is a price', when: create({ stop: '' }), refused: ['price_invalid', 'stop'] },
  { rule: 'the stop is not on the profit side', when: create({ stop: '67000' }), refused: ['stop_side', 'stop'] },
  { rule: 'the stop is not inside the entry', when: create({ stop: '65500' }), refused: ['stop_side', 'stop'] },
  { rule: 'the stop is not at the entry', when: create({ stop: '65000' }), refused: ['stop_side', 'stop'] },
  {
    rule: 'at any entry the stop lies before the first target',
    when: create({ entry: null, stop: '70000' }),
    refused: ['stop_beyond_target', 'stop'],
  },
  {
    rule: 'at any entry and without targets the stop is free',
    when: create({ entry: null, targets: [], stop: '90000' }),
  },
]);

bothWays('splitting the entry', [
  {
    rule: 'takes shares that sum to 100',
    when: create({
      entry: { min: '65000', mid: '65500', max: '66000', split: { min: '33.3', mid: '33.3', max: '33.4' } },
    }),
  },
  {
    rule: 'takes a share for some of the prices',
    when: create({ entry: { min: '65000', max: '66000', split: { max: '100' } } }),
  },
  { rule: 'takes a split without shares', when: create({ entry: { min: '65000', max: '66000', split: {} } }) },
  {
    rule: 'shares are above 0',
    when: create({ entry: { min: '65000', max: '66000', split: { min: '0', max: '100' } } }),
    refused: ['percent_invalid', 'split.min'],
  },
  {
    rule: 'a share is at most 100',
    when: create({ entry: { min: '65000', max: '66000', split: { max: '101' } } }),
    refused: ['percent_invalid', 'split.max'],
  },
  {
    rule: 'a share needs its price',
    when: create({ entry: { min: '65000', max: '66000', split: { mid: '100' } } }),
    refused: ['split_without_price', 'split.mid'],
  },
  {
    rule: 'shares do not sum to less',
    when: create({ entry: { min: '65000', max: '66000', split: { min: '50', max: '49.99' } } }),
    refused: ['split_sum', 'split.min'],
  },
  {
    rule: 'shares do not sum to more',
    when: create({ entry: { min: '65000', max: '66000', split: { min: '50', max: '50.01' } } }),
    refused: ['split_sum', 'split.min'],
  },
]);

bothWays('size, leverage and time', [
  { rule: 'takes no size', when: create({ size: null }) },
  { rule: 'takes 100 percent', when: create({ size: { kind: 'percent', value: '100' } }) },
  { rule: 'takes money above 100', when: create({ size: { kind: 'usd', value: '2500' } }) },
  {
    rule: 'a percentage is at most 100',
    when: create({ size: { kind: 'percent', value: '100.1' } }),
    refused: ['percent_invalid', 'size'],
  },
  {
    rule: 'a percentage is above 0',
    when: create({ size: { kind: 'percent', value: '0' } }),
    refused: ['percent_invalid', 'size'],
  },
  {
    rule: 'money is above 0',
    when: create({ size: { kind: 'usd', value: '0' } }),
    refused: ['number_invalid', 'size'],
  },

  {
    rule: 'takes leverage 1 and ISOLATED on SPOT',
    when: create({ instrument: spot, leverage: '1', marginType: 'ISOLATED' }),
  },
  {
    rule: 'takes leverage and CROSS on FUTURES',
    when: create({ instrument: futures, leverage: '10', marginType: 'CROSS' }),
  },
  {
    rule: 'leverage is a number',
    when: create({ instrument: futures, leverage: '-10' }),
    refused: ['number_invalid', 'leverage'],
  },
  {
    rule: 'leverage is at least 1',
    when: create({ instrument: futures, leverage: '0.5' }),
    refused: ['leverage_too_low', 'leverage'],
  },
  {
    rule: 'there is no leverage on SPOT',
    when: create({ instrument: spot, leverage: '1.1' }),
    refused: ['leverage_on_spot', 'leverage'],
  },
  {
    rule: 'there is no CROSS margin on SPOT',
    when: create({ instrument: spot, marginType: 'CROSS' }),
    refused: ['margin_on_spot', 'marginType'],
  },

  { rule: 'takes an entry open for a millisecond', when: create({ expiresAt: '2026-04-04T19:12:07.573Z' }) },
  { rule: 'takes an entry open for very long', when: create({ expiresAt: '9999-12-31T23:59:59.999Z' }) },
  {
    rule: 'the time of the entry is to come',
    when: create({ expiresAt: '2026-04-04T19:12:07.572Z' }),
    refused: ['expiry_passed', 'expiresAt'],
  },
  {
    rule: 'the time of the entry is a time',
    when: create({ expiresAt: 'soon' }),
    refused: ['expiry_passed', 'expiresAt'],
  },
]);

describe('the event of a created signal', () => {
  it('keeps what was given as it was written, and nothing else', () => {
    const {
      type: _,
      signalId: _id,
      now: _now,
      ...data
    } = create({ entry: { min: '65000.00', max: '66000', mode: 'ladder' }, note: 'breakout', metadata: { tf: '4h' } });
    given(signalDecider, [])
      .when(
        create({ entry: { min: '65000.00', max: '66000', mode: 'ladder' }, note: 'breakout', metadata: { tf: '4h' } }),
      )
      .then({ type: 'SignalCreated', data });
  });

  it('has no keys for what was not given', () => {
    const decision = signalDecider.decide(create(), signalDecider.initial);
    const [event] = 'events' in decision ? decision.events : [];
    expect(Object.keys(event!.data)).toEqual([
      'channelId',
      'dialect',
      'sandbox',
      'instrument',
      'side',
      'direction',
      'entry',
      'targets',
      'stop',
      'size',
    ]);
  });

  it('is refused for a signal that exists', () => {
    const { signalId: _id, now: _now, type: _, ...data } = create();
    given(signalDecider, [{ type: 'SignalCreated', data }])
      .when(create())
      .thenRefused({ code: 'signal_exists', kind: 'conflict', field: 'signalId' });
  });
});

describe('signals without a profit side', () => {
  const upsideDown = { targets: ['60000', '70000', '50000'], stop: '99000' };

  it.each([
    ['yes', 'open'],
    ['no', 'open'],
    [null, 'open'],
    ['long', 'close'],
    ['short', 'close'],
  ] as const)('direction %s, side %s: no rule about sides applies', (direction, side) => {
    const decision = signalDecider.decide(create({ direction, side, ...upsideDown }), signalDecider.initial);
    expect(decision).toEqual({ events: [expect.objectContaining({ type: 'SignalCreated' })] });
  });

  it.each(['yes', 'no', null] as const)('direction %s: prices are prices', (direction) => {
    given(signalDecider, [])
      .when(create({ direction, stop: '-1' }))
      .thenRefused({ code: 'price_invalid', field: 'stop' });
    given(signalDecider, [])
      .when(create({ direction, entry: { max: '1e5' } }))
      .thenRefused({ code: 'price_invalid', field: 'entry.max' });
  });

  it('a range is a range in any direction', () => {
    given(signalDecider, [])
      .when(create({ direction: 'yes', entry: { min: '2', max: '1' } }))
      .thenRefused({ code: 'entry_order', field: 'entry.min' });
  });
});

describe('prediction markets', () => {
  const market = { class: 'prediction', venue: 'kalshi', symbol: 'KXMLBGAME-26APR041905MIANYY-NYY' } as const;
  const bet = (price: string) =>
    create({ instrument: market, direction: 'yes', entry: { max: price }, targets: [], stop: null });

  it('takes a probability', () => {
    const decision = signalDecider.decide(bet('0.45'), signalDecider.initial);
    expect(decision).toEqual({ events: [expect.anything()] });
  });

  it.each(['1', '1.0', '45'])('refuses %s', (price) => {
    given(signalDecider, [])
      .when(bet(price))
      .thenRefused({ code: 'price_not_a_probability', kind: 'invalid', field: 'entry.max' });
  });

  it('refuses 0', () => {
    given(signalDecider, []).when(bet('0')).thenRefused({ code: 'price_invalid', field: 'entry.max' });
  });
});
