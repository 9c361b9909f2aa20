/** Random signals for records: of every status and kind, settled anywhere around their entry. */
import fc from 'fast-check';
import { cancel, create } from '../../../signal/src/testing/commands.ts';
import type { SignalDocument } from '../signals/document.ts';
import { at100, day, EVIDENCE, type Happening, lived, tick } from './lives.ts';

const ENDS = ['registered', 'matched', 'settled', 'unpriced', 'corrected', 'cancelled', 'expired', 'reported'] as const;

interface Draft {
  readonly end: (typeof ENDS)[number];
  readonly price: number;
  readonly stop: string | null;
  readonly settledOn: number;
  readonly sandbox: boolean;
  readonly closing: boolean;
  readonly month: string;
  readonly symbol: string;
  readonly dialect: 'anny' | 'traderz';
  readonly strategyId: string | null;
}

const drafts: fc.Arbitrary<Draft> = fc.record({
  end: fc.constantFrom(...ENDS),
  price: fc.integer({ min: 85, max: 115 }),
  stop: fc.constantFrom(null, '80', '70.3'),
  settledOn: fc.integer({ min: 3, max: 8 }),
  sandbox: fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0),
  closing: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn === 0),
  month: fc.constantFrom('2026-03', '2026-04', '2026-05'),
  symbol: fc.constantFrom('BTC/USDT', 'ETH/USDT'),
  dialect: fc.constantFrom('anny', 'traderz'),
  strategyId: fc.constantFrom(null, 'one', 'two'),
});

/** Signals with ids of their own. */
export const signals: fc.Arbitrary<readonly SignalDocument[]> = fc
  .array(drafts, { maxLength: 25 })
  .map((all) => all.map(documentOfDraft));

function documentOfDraft(draft: Draft, index: number): SignalDocument {
  const { closing, dialect, month, sandbox, stop, strategyId, symbol } = draft;
  const origin = { id: `signal${index}`, created: index * 10 + 1, createdAt: `${month}-01T12:00:00.000Z` };
  const opened = at100({
    dialect,
    sandbox,
    stop,
    targets: [],
    instrument: { class: 'crypto', venue: 'BINANCE', symbol },
    expiresAt: day(20),
    ...(strategyId !== null && { strategyId }),
  });
  if (closing) return lived(origin, create({ ...opened, side: 'close', stop: null }));
  return lived(origin, opened, ...after(draft));
}

function after({ end, price, settledOn, dialect }: Draft): readonly Happening[] {
  const signal = { signalId: '019d5a3c6b7470008000000000000001', channelId: 'channel-1' };
  const byHand = { ...signal, now: day(settledOn), at: day(settledOn), reason: 'r', evidence: EVIDENCE } as const;
  const result = price > 100 ? 'win' : price < 100 ? 'loss' : 'push';
  const settled = [tick(2, '100'), cancel({ dialect }), tick(settledOn, String(price))];
  switch (end) {
    case 'registered':
      return [];
    case 'matched':
      return [tick(2, '100')];
    case 'settled':
      return settled;
    case 'unpriced':
      return [tick(2, '100'), { type: 'SettleSignal', ...byHand, outcome: result, price: null }];
    case 'corrected':
      return [...settled, { type: 'SettleSignal', ...byHand, outcome: 'win', price: '118' }];
    case 'cancelled':
      return [cancel({ dialect })];
    case 'expired':
      return [tick(21, '99')];
    case 'reported':
      return [
        {
          type: 'ReportClose',
          ...byHand,
          price: String(price),
          closedBySignalId: 'c',
          evidence: { decidedBy: 'reported', source: 'provider', hash: 'h' },
        },
      ];
    default:
      throw new Error(`unknown end ${String(end satisfies never)}`);
  }
}
