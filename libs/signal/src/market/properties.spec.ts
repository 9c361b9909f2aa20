/** What holds for any signal, whatever was called and however the prices went. */
import { describe, expect, it } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { decide } from '../decide.ts';
import type { SignalEvent } from '../events.ts';
import { initial } from '../state.ts';
import {
  called,
  existing,
  follow,
  type Followed,
  type Happening,
  isPrice,
  judged,
  NOTHING_YET,
  SOURCE,
} from '../testing/follow.ts';
import { fold } from '../testing/history.ts';
import { marketLives } from '../testing/market-arbitrary.ts';
import { mirrored } from '../testing/price-rules.ts';
import { AS_IT_STANDS, isOfMarket, MIRRORED, stepsOf } from '../testing/steps.ts';
import { crossed, type Wait } from '../testing/touching.ts';
import { upcast } from '../upcast.ts';
import type { PricePoint } from './price-point.ts';
import { waitsOf } from './waits.ts';

const anyLife = marketLives({ several: true });
/** On the long or on the short. */
const bothLives = fc.tuple(anyLife, fc.boolean()).map(([life, short]) => (short ? life.map(mirrored) : life));
const runs = { numRuns: 400 };

const followed = (life: readonly Happening[]): Followed => follow(life, 'ignored');

/** Each price of a life, with where the signal stood before and after it. */
function* pricesOf(life: readonly Happening[]): Generator<{ before: Followed; point: PricePoint; after: Followed }> {
  let before = NOTHING_YET;
  for (const one of life) {
    const after: Followed = isPrice(one) ? judged(before, one) : called(before, one);
    if (isPrice(one)) yield { before, point: one, after };
    before = after;
  }
}

/** What can be done once: a target, an added take profit, a part of the entry, a DCA, a rebuy, a stop, an end. */
function onceNames(events: readonly SignalEvent[]): readonly string[] {
  return events.filter(isOfMarket).map((event) => {
    switch (event.type) {
      case 'SignalMatched':
        return `part ${event.data.part}`;
      case 'TakeProfitHit':
        return `${event.data.kind} ${event.data.place}`;
      case 'DcaFilled':
      case 'RebuyFilled':
        return `${event.type} ${event.data.place}`;
      case 'StopHit':
        return 'stop';
      case 'SignalExpired':
      case 'SignalSettled':
      case 'SettlementCorrected':
        return 'end';
      default:
        throw new TypeError(`no step: ${JSON.stringify(event satisfies never)}`);
    }
  });
}

function exitShares(events: readonly SignalEvent[]): Big {
  let sum = new Big(0);
  for (const { type, data } of events)
    if (type === 'TakeProfitHit' || type === 'StopHit' || type === 'SignalSettled') sum = sum.plus(data.share);
  return sum;
}

describe('any signal under any prices', () => {
  it('goes every way there is, often enough to mean something', () => {
    const all = fc.sample(bothLives, { numRuns: 1_500, seed: 1 }).map(followed);
    const told = all.flatMap(({ events }) => events.filter(isOfMarket));
    const count = (name: string): number => told.filter((event) => kindOf(event) === name).length;
    const kinds = [
      'SignalMatched',
      'target',
      'take_profit',
      'stop',
      'trailing',
      'break-even',
      'DcaFilled',
      'RebuyFilled',
      'SignalExpired',
      'exits',
      'cancelled',
    ];
    expect(kinds.filter((kind) => count(kind) < 15)).toEqual([]);
    for (const result of ['win', 'loss', 'push'])
      expect(all.filter(({ state }) => state.status === result).length).toBeGreaterThan(15);
    expect(told.filter(({ data }) => data.evidence.decidedBy === 'order-rule').length).toBeGreaterThan(15);
  });

  it('takes each step once', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const names = onceNames(followed(life).events);
        expect(names).toEqual([...new Set(names)]);
      }),
      runs,
    );
  });

  it('closes at most all of the position, and exactly all where it has a result', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const { events, state } = followed(life);
        const sum = exitShares(events);
        expect(sum.lte(100)).toBe(true);
        if (existing(state).settled !== null) expect(sum.toFixed()).toBe('100');
      }),
      runs,
    );
  });

  it('adds nothing after its end', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const names = onceNames(followed(life).events);
        if (names.includes('end')) expect(names.indexOf('end')).toBe(names.length - 1);
      }),
      runs,
    );
  });

  it('folds to the state that was threaded, as stored and as read again', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const { events, state } = followed(life);
        expect(fold(events)).toEqual(state);
        const stored = JSON.parse(JSON.stringify(events)) as readonly SignalEvent[];
        expect(stored).toStrictEqual(events);
        expect(fold(stored.map(({ type, data }) => upcast(type, 1, data)))).toEqual(state);
      }),
      runs,
    );
  });

  it('tells every moment no earlier than the one before, and none beyond the price it rests on', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        for (const { before, point, after } of pricesOf(life)) {
          const [opens, closes] = point.kind === 'tick' ? [point.at, point.at] : [point.opens, point.closes];
          const moments = after.events
            .slice(before.events.length)
            .filter(isOfMarket)
            .filter(({ type }) => type !== 'SignalExpired')
            .map(({ data }) => data.at);
          expect(moments).toEqual(moments.toSorted());
          for (const at of moments) expect([opens, closes]).toContain(at);
        }
      }),
      runs,
    );
  });

  it('of one price comes to the same on mirrored prices: the same steps, the same R', () => {
    fc.assert(
      fc.property(marketLives({ several: false }), (life) => {
        const long = followed(life);
        const short = followed(life.map(mirrored));
        expect(stepsOf(short.events, MIRRORED)).toEqual(stepsOf(long.events, AS_IT_STANDS));
        expect(existing(short.state).settled?.resultR).toBe(existing(long.state).settled?.resultR);
        expect(short.state.status).toBe(long.state.status);
      }),
      runs,
    );
  });

  it('of several prices takes the same steps on mirrored prices', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        // Whether a stop lies at the average entry, and what the result is, depends on sizes, which have no mirror.
        const unnamed = (steps: readonly string[]): readonly string[] =>
          steps.map((step) => step.replace('break-even', 'stop').replace(/: (win|loss|push) by/, ': result by'));
        const long = followed(life);
        const short = followed(life.map(mirrored));
        expect(unnamed(stepsOf(short.events, MIRRORED))).toEqual(unnamed(stepsOf(long.events, AS_IT_STANDS)));
      }),
      runs,
    );
  });
});

describe('a price judged on a version', () => {
  it('is refused on the version that it led to', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        for (const { before, point, after } of pricesOf(life)) {
          const state = existing(before.state);
          const command = {
            type: 'ObservePrice',
            signalId: 'signal-1',
            channelId: 'channel-1',
            now: '2026-04-05T01:00:00.000Z',
            basedOn: state.version,
            tracking: before.tracking,
            price: point,
            source: SOURCE,
            closedBySignalId: null,
          } as const;
          const events = after.events.slice(before.events.length);
          expect(decide(command, state)).toEqual({ events });
          if (events.length === 0) continue;
          expect(decide(command, after.state)).toEqual({
            refused: expect.objectContaining({ code: 'judged_before' }),
          });
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('what a signal waits for', () => {
  it('is crossed by every price that does something to it', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        for (const { before, point, after } of pricesOf(life)) {
          if (after.events.length === before.events.length) continue;
          const waits = waitsOf(existing(before.state), before.tracking);
          expect(waits === null ? [] : crossed(waits, point)).not.toEqual([]);
        }
      }),
      { numRuns: 1_200 },
    );
  });

  it('is each of the five, at times the only one that is crossed', () => {
    const alone = new Set<Wait>();
    for (const life of fc.sample(bothLives, { numRuns: 1_500, seed: 2 })) {
      for (const { before, point, after } of pricesOf(life)) {
        if (after.events.length === before.events.length) continue;
        const waits = waitsOf(existing(before.state), before.tracking);
        const found = waits === null ? [] : crossed(waits, point);
        if (found.length === 1) alone.add(found[0]!);
      }
    }
    expect([...alone].sort()).toEqual(['above', 'below', 'next', 'trail', 'until']);
  });

  it('is nothing before there is a signal and after it is over', () => {
    expect(NOTHING_YET.state).toBe(initial);
    fc.assert(
      fc.property(bothLives, (life) => {
        const { state, tracking } = followed(life);
        const { status } = existing(state);
        expect(waitsOf(existing(state), tracking) === null).toBe(status !== 'registered' && status !== 'matched');
      }),
      runs,
    );
  });
});

function kindOf({ type, data }: SignalEvent): string {
  if (type === 'TakeProfitHit' || type === 'StopHit') return data.kind;
  return type === 'SignalSettled' ? data.by : type;
}
