import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { figure, told } from '../figures.ts';
import { signals } from '../testing/arbitrary.ts';
import { at100, lived } from '../testing/lives.ts';
import { createGroupedRecorder, GROUPINGS, type GroupedRecord, type Grouping, MAX_GROUPS } from './groups.ts';
import { inOneGo, recordOf } from './recorder.ts';
import type { SignalDocument } from '../signals/document.ts';

function grouped(documents: readonly SignalDocument[], by: Grouping | null): GroupedRecord {
  const recorder = createGroupedRecorder(by);
  for (const document of documents) recorder.add(document);
  return inOneGo(recorder.steps());
}

describe('groups', () => {
  it.each(GROUPINGS)('by %s: the whole is the sum of its parts', (by) => {
    fc.assert(
      fc.property(signals, (documents) => {
        const { whole, groups } = grouped(documents, by);
        expect(whole).toEqual(recordOf(documents));
        const total = groups.reduce((sum, { record }) => sum.plus(record.totalR), figure(0));
        expect(told(total)).toBe(whole.totalR);
        for (const status of ['win', 'registered', 'expired'] as const)
          expect(groups.reduce((sum, { record }) => sum + record.counts[status], 0)).toBe(whole.counts[status]);
        expect(groups.reduce((sum, { record }) => sum + record.signals, 0)).toBe(documents.length);
      }),
    );
  });

  it('are named by what they hold, in order', () => {
    const base = lived({}, at100());
    const of = (changes: Partial<SignalDocument>): SignalDocument => ({ ...base, ...changes });
    const documents = [
      of({ strategyId: 'b', createdAt: '2026-05-31T23:59:59.999Z', dialect: 'traderz' }),
      of({ strategyId: null, createdAt: '2026-06-01T00:00:00.000Z' }),
      of({ strategyId: 'a', createdAt: '2026-05-01T00:00:00.000Z' }),
    ];
    const keys = (by: Grouping | null) => grouped(documents, by).groups.map(({ key }) => key);
    expect(keys('strategy')).toEqual([null, 'a', 'b']);
    expect(keys('month')).toEqual(['2026-05', '2026-06']);
    expect(keys('dialect')).toEqual(['anny', 'traderz']);
    expect(keys('instrument')).toEqual(['BINANCE:BTC/USDT']);
    expect(keys(null)).toEqual([]);
  });

  it('beyond the most of them share one', () => {
    const base = lived({}, at100());
    const documents = Array.from({ length: MAX_GROUPS + 3 }, (_, index) => ({ ...base, strategyId: `s${index}` }));
    const { whole, groups } = grouped(documents, 'strategy');
    expect(groups).toHaveLength(MAX_GROUPS + 1);
    expect(groups.filter(({ rest }) => rest)).toMatchObject([{ key: null, record: { signals: 3 } }]);
    expect(whole.signals).toBe(MAX_GROUPS + 3);
  });
});
