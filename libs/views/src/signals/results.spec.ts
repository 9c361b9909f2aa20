import { describe, expect, it } from '@jest/globals';
import { dca } from '../../../signal/src/testing/commands.ts';
import { at100, day, EVIDENCE, lived, tick } from '../testing/lives.ts';
import { entryPriceOf, isSimulated, openShareOf, resultMoney } from './results.ts';

const settled = lived(
  {},
  at100({ size: { kind: 'usd', value: '300' } }),
  tick(2, '100'),
  tick(3, '110'),
  tick(4, '120'),
);

describe('the result in money', () => {
  it('is what was put in times the percentage', () => {
    expect(settled.settlement!.resultPct).toBe('15');
    expect(resultMoney(settled, settled.settlement!)).toBe('45');
  });

  it('counts what a DCA added', () => {
    // 300 at 100 and 600 at 90; 900 dollars of 9.66666666 pieces, all left at 80.
    const averaged = lived(
      {},
      at100({ size: { kind: 'usd', value: '300' }, stop: '80' }),
      dca('90', '2', { now: day(1) }),
      tick(2, '100'),
      tick(3, '90'),
      tick(4, '80'),
    );
    expect(averaged.fills.map(({ kind, price, share }) => [kind, price, share])).toEqual([
      ['entry', '100', '100'],
      ['dca', '90', '200'],
    ]);
    const money = (300 / 100 + 600 / 90) * 80 - 900;
    expect(Number(resultMoney(averaged, averaged.settlement!))).toBeCloseTo(money, 5);
  });

  it('is not told where the size is no money, or no result is told', () => {
    const percent = lived({}, at100(), tick(2, '100'), tick(3, '110'), tick(4, '120'));
    expect(resultMoney(percent, percent.settlement!)).toBeNull();
    expect(resultMoney(settled, { resultPct: null })).toBeNull();
  });

  it('has at most 8 decimals', () => {
    expect(resultMoney({ ...settled, size: { kind: 'usd', value: '0.01' } }, { resultPct: '-0.00005' })).toBe(
      '-0.00000001',
    );
  });
});

describe('a position', () => {
  it('has an average entry from the match on, and an open share until it is settled', () => {
    const registered = lived({}, at100());
    const open = lived({}, at100({ targets: ['110', '120', '130'] }), tick(2, '100'), tick(3, '110'));
    expect([entryPriceOf(registered), openShareOf(registered)]).toEqual([null, null]);
    expect([entryPriceOf(open), openShareOf(open)]).toEqual(['100', '66.66666667']);
    expect([entryPriceOf(settled), openShareOf(settled)]).toEqual(['100', '0']);
  });
});

describe('a simulated signal', () => {
  it('is one of a sandbox channel, or one that an invented price moved', () => {
    expect(isSimulated(settled)).toBe(false);
    expect(isSimulated({ ...settled, sandbox: true })).toBe(true);
    const [fill] = settled.fills;
    const invented = { ...fill!, evidence: { ...EVIDENCE, source: 'simulated', late: false } };
    expect(isSimulated({ ...settled, fills: [invented] })).toBe(true);
    const { settlement } = settled;
    expect(isSimulated({ ...settled, settlement: { ...settlement!, evidence: invented.evidence } })).toBe(true);
  });
});
