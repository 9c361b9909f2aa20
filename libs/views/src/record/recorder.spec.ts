import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { signals } from '../testing/arbitrary.ts';
import { at100, day, EVIDENCE, lived, tick } from '../testing/lives.ts';
import { lastPrice, WORKED_EXAMPLE } from '../testing/worked-example.ts';
import { recordOf } from './recorder.ts';
import { renderRecord } from './render.ts';
import type { RecordOptions, TrackRecord } from './track-record.ts';

const COSTS = { feePct: '0.1', slippagePct: '0.05' };

function countsOf({ counts, apart }: TrackRecord): Readonly<Record<string, number>> {
  const { simulated, real, closing, reported } = apart;
  return { ...counts, simulated, real, closing, reported };
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

describe('the worked example', () => {
  /** The blocks of JSON in the document, in order. */
  const told = [
    ...readFileSync(new URL('../../../../docs/track-record.md', import.meta.url), 'utf8').matchAll(
      /^```json\n([\s\S]*?)^```$/gm,
    ),
  ].map(([, json]) => JSON.parse(json!) as object);

  it('comes out as the document has it', () => {
    expect(renderRecord(recordOf(WORKED_EXAMPLE, { lastPrice }))).toEqual(told[0]);
  });

  it('comes out as the document has it with fees and slippage', () => {
    const { counts, win_rate, ...withCosts } = renderRecord(recordOf(WORKED_EXAMPLE, { lastPrice, ...COSTS }));
    expect(withCosts).toMatchObject(told[1]!);
    const without = renderRecord(recordOf(WORKED_EXAMPLE, { lastPrice }));
    expect({ counts, win_rate }).toEqual({ counts: without.counts, win_rate: without.win_rate });
  });

  it('has the results that the document lists', () => {
    expect(
      WORKED_EXAMPLE.map(({ status, settlement }) => [status, settlement?.resultPct, settlement?.resultR]),
    ).toEqual([
      ['win', '15', '1.5'],
      ['loss', '-5', '-1'],
      ['loss', '-6', '-1.2'],
      ['win', '6', '1.5'],
      ['push', '0', '0'],
      ['win', '122.22222222', null],
      ['matched', undefined, undefined],
      ['registered', undefined, undefined],
      ['cancelled', undefined, undefined],
      ['expired', undefined, undefined],
      ['win', '30', '3'],
      ['registered', undefined, undefined],
    ]);
  });
});

describe('a record', () => {
  it('of nothing says that nothing can be said', () => {
    expect(renderRecord(recordOf([]))).toEqual({
      signals: 0,
      counts: { registered: 0, matched: 0, win: 0, loss: 0, push: 0, cancelled: 0, expired: 0 },
      apart: { simulated: 0, real: 0, closing: 0, reported: 0 },
      unresolved: 0,
      corrected: 0,
      by_operator: 0,
      win_rate: null,
      win_rate_ci95: null,
      with_r: 0,
      without_r: 0,
      average_r: null,
      total_r: '0.00000000',
      profit_factor: null,
      expectancy_r: null,
      max_drawdown_r: '0.00000000',
      average_result_pct: null,
      without_result_pct: 0,
      open: {
        marked: 0,
        unmarked: 0,
        total_r: '0.00000000',
        without_r: 0,
        average_result_pct: null,
        oldest_price_at: null,
      },
      fee_pct: '0.00000000',
      slippage_pct: '0.00000000',
    });
  });

  it('without losses has no profit factor', () => {
    const won = lived({}, at100({ targets: ['120'] }), tick(2, '100'), tick(3, '120'));
    expect(recordOf([won])).toMatchObject({ winRate: '1.00000000', profitFactor: null, totalR: '2.00000000' });
  });

  it('is of one kind: invented prices are in no figure of a real one, nor real ones in a simulated one', () => {
    const real = lived({}, at100({ targets: ['120'] }), tick(2, '100'), tick(3, '120'));
    const sandbox = lived({ id: 'b' }, at100({ sandbox: true }), tick(2, '100'), tick(3, '90'));
    expect(recordOf([real, sandbox])).toMatchObject({
      simulated: false,
      signals: 2,
      counts: { win: 1, loss: 0 },
      apart: { simulated: 1, real: 0 },
      totalR: '2.00000000',
    });
    const simulated = recordOf([real, sandbox], { simulated: true });
    expect(simulated).toMatchObject({ counts: { win: 0, loss: 1 }, apart: { simulated: 0, real: 1 } });
    expect(renderRecord(simulated)).toMatchObject({ simulated: true, total_r: '-1.00000000' });
  });

  it('counts what an operator checked of a reported result as any other', () => {
    const reported = WORKED_EXAMPLE[10]!;
    const settlement = {
      ...reported.settlement!,
      evidence: { ...EVIDENCE, decidedBy: 'operator', late: false },
    } as const;
    const checked = { ...reported, settlement, corrected: [reported.settlement!] };
    expect(recordOf([checked])).toMatchObject({ counts: { win: 1 }, apart: { reported: 0 }, corrected: 1 });
  });

  it('says which bets wait for their market, and which open positions have no price', () => {
    const bet = at100({
      instrument: { class: 'prediction', venue: 'kalshi', symbol: 'K' },
      direction: 'yes',
      targets: [],
    });
    const waiting = lived({}, { ...bet, entry: { max: '0.45' }, stop: null }, tick(2, '0.45'));
    expect(recordOf([waiting])).toMatchObject({ counts: { matched: 1 }, unresolved: 1, open: { unmarked: 1 } });
    const marked = recordOf([waiting], { lastPrice: () => ({ price: '0.9', at: day(3) }) });
    expect(marked.open).toMatchObject({ marked: 1, averageResultPct: '100.00000000', withoutR: 1 });
  });

  it('takes no fee of what a prediction market pays', () => {
    const paid = WORKED_EXAMPLE[5]!;
    // 0.15 % of what was put in, and nothing of what came back.
    expect(recordOf([paid], COSTS).averageResultPct).toBe('122.07222222');
  });

  it('takes fees of what was sold when a position is closed at the next price', () => {
    const closed = WORKED_EXAMPLE[4]!;
    // 0.15 % of 100 and of 100, of a risk of 10.
    expect(recordOf([closed], COSTS)).toMatchObject({ totalR: '-0.03000000', averageResultPct: '-0.30000000' });
  });
});

describe('any signals', () => {
  const options: fc.Arbitrary<RecordOptions> = fc.record({
    simulated: fc.boolean(),
    feePct: fc.constantFrom('0', '0.1'),
    slippagePct: fc.constantFrom('0', '0.025'),
  });

  it('are each in exactly one count', () => {
    fc.assert(
      fc.property(signals, options, (documents, asked) => {
        let before = countsOf(recordOf([], asked));
        documents.forEach((_document, index) => {
          const record = recordOf(documents.slice(0, index + 1), asked);
          const after = countsOf(record);
          const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
          expect({ changed: changed.length, sum: sumOf(after) }).toEqual({ changed: 1, sum: index + 1 });
          expect(record.signals).toBe(index + 1);
          before = after;
        });
      }),
    );
  });

  it('give the same record in any order', () => {
    const shuffled = signals.chain((documents) =>
      fc.tuple(
        fc.constant(documents),
        fc.shuffledSubarray([...documents], { minLength: documents.length, maxLength: documents.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, options, ([documents, mixed], asked) => {
        expect(recordOf(mixed, asked)).toEqual(recordOf(documents, asked));
      }),
    );
  });

  it('settle with an R, without one, or not at all', () => {
    fc.assert(
      fc.property(signals, (documents) => {
        const { counts, withR, withoutR } = recordOf(documents);
        expect(withR + withoutR).toBe(counts.win + counts.loss + counts.push);
      }),
    );
  });

  it('come to no more with costs than without', () => {
    fc.assert(
      fc.property(signals, (documents) => {
        const free = recordOf(documents);
        const charged = recordOf(documents, COSTS);
        expect(Number(charged.totalR)).toBeLessThanOrEqual(Number(free.totalR));
        expect(charged.counts).toEqual(free.counts);
      }),
    );
  });
});
