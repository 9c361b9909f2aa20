/** Whether following many signals through an index is the same as judging each of them with every price. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { knownAt, mergeSeries, type Price, type Series } from '#libs/market';
import { isOver } from '#libs/signal';
import { callCommand, createCommand } from '../../apps/cli/src/replay/commands.ts';
import type { HistorySignal } from '../../apps/cli/src/replay/history.ts';
import { documentOf, type Outcome, outcomeOf } from '../../apps/cli/src/replay/outcome.ts';
import { simulate } from '../../apps/cli/src/replay/simulate.ts';
import { Subject } from '../../apps/cli/src/replay/subject.ts';
import { instant, pointOf, sourceOf } from '../../apps/server/src/market/judging.ts';
import { histories, seriesOf } from './histories.ts';

const never = new AbortController().signal;

const outcomes = (subjects: readonly Subject[]): readonly Outcome[] =>
  subjects.map((subject) => outcomeOf(subject, documentOf(subject)));

const told = ({ events }: Subject) => events.map(({ type, data, time }) => ({ type, data, time }));

/** One signal alone, judged with every price of its instrument. */
function judgedByAll(signal: HistorySignal, series: Series): Subject {
  const subject = new Subject(signal);
  const actions = [null, ...signal.calls.filter(({ at }) => at >= signal.at)];
  const known: Price[] = [];
  const actUntil = (time: number): void => {
    for (let action = actions[0]; action !== undefined; action = actions[0]) {
      const at = action?.at ?? signal.at;
      if (at > time) return;
      actions.shift();
      const last = known.findLast((price) => knownAt(price) <= at) ?? null;
      const reference = last === null ? null : last.kind === 'tick' ? last.price : last.close;
      if (action !== null && subject.state !== null && isOver(subject.state.status)) continue;
      subject.handle(action === null ? createCommand(signal) : callCommand(signal, action, reference));
      if (subject.state !== null) subject.tracking = { ...subject.tracking, last: reference };
    }
  };
  for (const price of mergeSeries([series])) {
    actUntil(price.time);
    if (subject.state !== null) {
      const source = sourceOf('replay', series.instrument, price);
      subject.observe(subject.tracking, pointOf(price), source, instant(knownAt(price)));
    }
    known.push(price);
  }
  actUntil(Infinity);
  return subject;
}

/** Calls that came before their signal are refused by both, and leave no trace. */
const onTime = (history: readonly HistorySignal[]): readonly HistorySignal[] =>
  history.map((one) => ({ ...one, calls: one.calls.filter(({ at }) => at >= one.at) }));

describe('a replay', () => {
  it('comes to what judging each signal with every price comes to', async () => {
    await fc.assert(
      fc.asyncProperty(histories(['BTC']).map(onTime), seriesOf('BTC'), async (history, series) => {
        const { subjects } = await simulate(history, [series], { signal: never });
        expect(subjects.map(told)).toEqual(history.map((one) => told(judgedByAll(one, series))));
      }),
      { numRuns: 300 },
    );
  });

  it('does most of what signals can do in such histories', async () => {
    const kinds = new Set<string>();
    const statuses = new Set<string>();
    const samples = fc.sample(fc.tuple(histories(['BTC']), seriesOf('BTC')), { numRuns: 200, seed: 1 });
    for (const [history, series] of samples) {
      const { subjects } = await simulate(history, [series], { signal: never });
      for (const { status, steps } of outcomes(subjects)) {
        statuses.add(status);
        for (const { kind } of steps) kinds.add(kind);
      }
    }
    expect([...kinds].sort()).toEqual([
      'cancelled',
      'dca',
      'expired',
      'matched',
      'rebuy',
      'stop',
      'target',
      'trailing',
    ]);
    expect([...statuses]).toEqual(expect.arrayContaining(['win', 'loss', 'push', 'matched', 'cancelled', 'expired']));
  });

  it('of an instrument comes to the same whatever goes on in others', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories(['BTC', 'ETH', 'XRP']),
        fc.tuple(seriesOf('BTC'), seriesOf('ETH'), seriesOf('XRP')),
        fc.constantFrom([0, 1, 2] as const, [2, 0, 1] as const, [1, 2, 0] as const),
        async (history, series, order) => {
          const mixed = order.map((place) => series[place]);
          const together = outcomes((await simulate(history, mixed, { signal: never })).subjects);
          for (const one of series) {
            const own = history.filter(({ body }) => `${String(body['coin'])}/USDT` === one.instrument);
            const alone = outcomes((await simulate(own, [one], { signal: never })).subjects);
            expect(together.filter(({ id }) => own.some((signal) => signal.id === id))).toEqual(alone);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
