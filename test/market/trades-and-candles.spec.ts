/** Fine prices and the candles made of them come to the same results, but where a candle can't tell what happened in it. */
import { describe, expect, it } from '@jest/globals';
import { compared, type Plan, type Reason, type Stretch, type Verdict } from './lockstep.ts';
import { plansFor } from './plans.ts';
import { minutesInFives, MINUTE_CANDLES, missingOf, TRADED_CANDLES, TRADES, tradesAndCandles } from './recorded.ts';

function verdictsOf(plans: readonly Plan[], stretches: readonly Stretch[]): Readonly<Record<string, number>> {
  const counts: Partial<Record<Verdict, number>> = {};
  const unexplained: Plan[] = [];
  for (const plan of plans) {
    const verdict = compared(plan, stretches);
    counts[verdict] = (counts[verdict] ?? 0) + 1;
    if (verdict === 'unexplained') unexplained.push(plan);
  }
  expect(
    unexplained.map(({ from, calls }) => ({ from, calls: calls.map(({ at, command }) => [at, command('1')]) })),
  ).toEqual([]);
  return counts;
}

const REASONS: readonly Reason[] = [
  'stop and target',
  'target in the candle that matched',
  'trail raised in the candle',
  'jump over the stop',
];

const without = (missing: string | null): string => (missing === null ? '' : `: skipped, ${missing} is not here`);

const tradesMissing = missingOf(TRADES, TRADED_CANDLES);
(tradesMissing === null ? describe : describe.skip)(`real trades and their candles${without(tradesMissing)}`, () => {
  it('agree, but for what is shown to lie inside a candle', () => {
    const stretches = tradesAndCandles();
    const counts = verdictsOf(
      [2, 12].flatMap((spread) => plansFor(stretches, { count: 600, seed: 7, places: 8, spread })),
      stretches,
    );
    expect(counts['the same']).toBeGreaterThan(250);
    for (const reason of REASONS) expect({ reason, count: counts[reason] ?? 0 }).not.toEqual({ reason, count: 0 });
  });
});

const minutesMissing = missingOf(MINUTE_CANDLES);
(minutesMissing === null ? describe : describe.skip)(`candles of 1 and of 5 minutes${without(minutesMissing)}`, () => {
  it('agree, but for what is shown to lie inside a candle', () => {
    const stretches = minutesInFives();
    const counts = verdictsOf(
      [1, 4].flatMap((spread) => plansFor(stretches, { count: 600, seed: 11, places: 2, spread })),
      stretches,
    );
    expect(counts['the same']).toBeGreaterThan(250);
    for (const reason of REASONS) expect({ reason, count: counts[reason] ?? 0 }).not.toEqual({ reason, count: 0 });
  });
});
