/** Commands of the market: judged on a version of the signal, refused on another. */
import { describe, expect, it } from '@jest/globals';
import type { CarryOutClose, ObservePrice, RecordSteps } from '../commands.ts';
import { decide } from '../decide.ts';
import type { SignalDecision } from '../decision.ts';
import { evolve, initial } from '../state.ts';
import { cancel, create, update } from '../testing/commands.ts';
import { called, existing, follow, type Followed, judged, SOURCE } from '../testing/follow.ts';
import { minute, tick } from '../testing/prices.ts';
import { signal } from '../testing/price-rules.ts';
import { stepsOf } from '../testing/steps.ts';

const addressed = { signalId: 'signal-1', channelId: 'channel-1', now: minute(9) };
const judgedBefore = {
  refused: expect.objectContaining({ code: 'judged_before', kind: 'conflict', field: 'basedOn' }),
};

function observing({ state, tracking }: Followed, price = tick(2, '110000')): ObservePrice {
  const basedOn = existing(state).version;
  return { type: 'ObservePrice', ...addressed, basedOn, tracking, price, source: SOURCE, closedBySignalId: null };
}

const open = follow([signal(), tick(0, '105000'), tick(1, '100000')]);

describe('a price', () => {
  it('judged on the version that stands gives what it does to the signal', () => {
    const decision = decide(observing(open), open.state);
    expect(stepsIn(decision)).toEqual(['2 tick: target 1, 50 % at 110000']);
  });

  it('that does nothing gives nothing', () => {
    expect(decide(observing(open, tick(2, '101000')), open.state)).toEqual({ events: [] });
  });

  it('judged twice is refused the second time', () => {
    expect(decide(observing(open), judged(open, tick(2, '110000')).state)).toEqual(judgedBefore);
  });

  it('judged before a call is refused after it', () => {
    expect(decide(observing(open), called(open, update({ stop: '95000' })).state)).toEqual(judgedBefore);
  });

  it('of a signal that is over gives nothing', () => {
    const over = called(follow([signal(), tick(0, '105000')]), cancel());
    expect(decide(observing(over, tick(2, '90000')), over.state)).toEqual({ events: [] });
  });

  it('of a signal that does not exist is refused', () => {
    expect(decide(observing(open), initial)).toEqual({
      refused: expect.objectContaining({ code: 'signal_not_found' }),
    });
  });
});

describe('steps judged outside', () => {
  const steps = judged(open, tick(2, '110000')).events.slice(open.events.length) as RecordSteps['events'];
  const recording = (basedOn: number): RecordSteps => ({ type: 'RecordSteps', ...addressed, basedOn, events: steps });

  it('are taken on the version that they were judged on', () => {
    expect(decide(recording(existing(open.state).version), open.state)).toEqual({ events: steps });
  });

  it('are refused on any other', () => {
    const { version } = existing(open.state);
    for (const other of [version - 1, version + 1]) expect(decide(recording(other), open.state)).toEqual(judgedBefore);
  });
});

describe('a closing signal', () => {
  const closing = follow([create({ side: 'close', closesSignalId: 'signal-1', targets: [], stop: null })]);
  const carriedOut: CarryOutClose = {
    type: 'CarryOutClose',
    ...addressed,
    price: '103000',
    at: minute(9),
    evidence: { decidedBy: 'tick', ...SOURCE },
  };

  it('is matched when what it closes was closed', () => {
    expect(stepsIn(decide(carriedOut, closing.state))).toEqual(['9 tick: matched, 100 % at 103000']);
  });

  it('is matched once', () => {
    const decision = decide(carriedOut, closing.state);
    if ('refused' in decision) throw new Error(decision.refused.message);
    const state = decision.events.reduce(evolve, closing.state);
    expect(decide(carriedOut, state)).toEqual({ events: [] });
  });

  it('takes no position that prices could decide', () => {
    expect(stepsOf(judged(closing, tick(0, '1')).events)).toEqual([]);
  });

  it('is no other signal', () => {
    expect(decide(carriedOut, open.state)).toEqual({ events: [] });
  });
});

function stepsIn(decision: SignalDecision): readonly string[] {
  if ('refused' in decision) throw new Error(decision.refused.message);
  return stepsOf(decision.events);
}
