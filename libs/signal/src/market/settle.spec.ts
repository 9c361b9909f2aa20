/** Results that are told: prediction markets, the operator, a provider's own close. */
import { describe, expect, it } from '@jest/globals';
import type { MarketCommand, ReportClose, ResolveSignal, SettleSignal } from '../commands.ts';
import { decide } from '../decide.ts';
import type { SignalEvent } from '../events.ts';
import type { Evidence } from '../market-events.ts';
import { cancel, create, takeProfit } from '../testing/commands.ts';
import { existing, follow, type Followed, type Happening } from '../testing/follow.ts';
import { fold } from '../testing/history.ts';
import { minute, tick } from '../testing/prices.ts';
import { signal } from '../testing/price-rules.ts';
import { stepsOf } from '../testing/steps.ts';

const addressed = { signalId: 'signal-1', channelId: 'channel-1', now: minute(9) };
const told = (decidedBy: Evidence['decidedBy']): Evidence => ({ decidedBy, source: 'kalshi', hash: 'hash' });

const resolve = (payout: string | null, reason = 'YES'): ResolveSignal => ({
  type: 'ResolveSignal',
  ...addressed,
  payout,
  reason,
  at: minute(9),
  evidence: told('settlement'),
});
const settle = (outcome: SettleSignal['outcome'], price: string | null = null): SettleSignal => ({
  type: 'SettleSignal',
  ...addressed,
  outcome,
  price,
  reason: 'seen on the venue',
  at: minute(9),
  evidence: told('operator'),
});
const report = (price: string): ReportClose => ({
  type: 'ReportClose',
  ...addressed,
  price,
  closedBySignalId: 'closing-1',
  at: minute(9),
  evidence: told('reported'),
});

/** A bet on one side of a market at 0.4. */
const bet = (named: Parameters<typeof create>[0] = {}) =>
  create({
    direction: 'yes',
    instrument: { class: 'prediction', venue: 'kalshi', symbol: 'KX' },
    entry: { max: '0.4' },
    targets: [],
    stop: null,
    ...named,
  });
const placed = [bet(), tick(0, '0.5'), tick(1, '0.4')];

interface Came extends Omit<Followed, 'tracking'> {
  readonly refused?: string;
}

/** After what happened, commands of the market one after another; the last refusal, where there is one. */
function after(given: readonly Happening[], ...commands: readonly MarketCommand[]): Came {
  let came: Came = follow(given);
  for (const command of commands) {
    const decision = decide(command, came.state);
    if ('refused' in decision) {
      came = { ...came, refused: `${decision.refused.code} ${decision.refused.field}` };
      continue;
    }
    const events: readonly SignalEvent[] = [...came.events, ...decision.events];
    came = { events, state: fold(events) };
  }
  return came;
}

interface Told {
  readonly rule: string;
  readonly given: readonly Happening[];
  readonly when: readonly MarketCommand[];
  readonly gives: readonly string[];
  readonly status: string;
  readonly pct?: string | null;
  readonly r?: string | null;
  readonly refused?: string;
}

function rules(title: string, rows: readonly Told[]): void {
  describe(title, () => {
    it.each(rows.map((row) => [row.rule, row] as const))('%s', (_rule, row) => {
      const { events, state, refused } = after(row.given, ...row.when);
      expect(stepsOf(events)).toEqual(row.gives);
      const { status, settled } = existing(state);
      expect({ status, refused }).toEqual({ status: row.status, refused: row.refused });
      if (row.pct !== undefined) expect(settled?.resultPct ?? null).toBe(row.pct);
      if (row.r !== undefined) expect(settled?.resultR ?? null).toBe(row.r);
    });
  });
}

const matched = '1 tick: matched, 100 % at 0.4';

rules('a market that resolves', [
  {
    rule: 'pays 1 to the side that was taken: a win',
    given: placed,
    when: [resolve('1')],
    gives: [matched, '9 settlement: win by resolved, 100 % at 1'],
    status: 'win',
    pct: '150',
    r: null,
  },
  {
    rule: 'pays nothing to the other side: a loss of all',
    given: placed,
    when: [resolve('0')],
    gives: [matched, '9 settlement: loss by resolved, 100 % at 0'],
    status: 'loss',
    pct: '-100',
  },
  {
    rule: 'a NO is bought at the price of its own side, and wins when that pays',
    given: [bet({ direction: 'no' }), tick(0, '0.5'), tick(1, '0.4')],
    when: [resolve('1', 'NO')],
    gives: [matched, '9 settlement: win by resolved, 100 % at 1'],
    status: 'win',
    pct: '150',
  },
  {
    rule: 'half and half is what half brings: above the entry a win',
    given: placed,
    when: [resolve('0.5')],
    gives: [matched, '9 settlement: win by resolved, 100 % at 0.5'],
    status: 'win',
    pct: '25',
  },
  {
    rule: 'half and half at the entry is a push',
    given: [bet({ entry: { max: '0.5' } }), tick(0, '0.5')],
    when: [resolve('0.5')],
    gives: ['0 tick: matched, 100 % at 0.5', '9 settlement: push by resolved, 100 % at 0.5'],
    status: 'push',
    pct: '0',
  },
  {
    rule: 'a scalar market pays what it says',
    given: placed,
    when: [resolve('0.3415')],
    gives: [matched, '9 settlement: loss by resolved, 100 % at 0.3415'],
    status: 'loss',
    pct: '-14.625',
  },
  {
    rule: 'a void market returns positions at cost: a push',
    given: placed,
    when: [resolve(null, 'void')],
    gives: [matched, '9 settlement: push by void, 100 % at 0.4'],
    status: 'push',
    pct: '0',
  },
  {
    rule: 'what exits had brought before stays',
    given: [
      ...placed,
      takeProfit({ orderType: 'limit', price: '0.6', share: '50', trailing: { trigger: '0.1', limit: '0.1' } }),
      tick(2, '0.6'),
    ],
    when: [resolve('0')],
    gives: [matched, '2 tick: take_profit 1, 50 % at 0.6', '9 settlement: loss by resolved, 50 % at 0'],
    status: 'loss',
    pct: '-25',
  },
  {
    rule: 'one that was never entered has expired',
    given: [bet(), tick(0, '0.5')],
    when: [resolve('1')],
    gives: ['9 settlement: expired'],
    status: 'expired',
    pct: null,
  },
  {
    rule: 'one that was never entered has expired where the market is void, too',
    given: [bet(), tick(0, '0.5')],
    when: [resolve(null)],
    gives: ['9 settlement: expired'],
    status: 'expired',
  },
  {
    rule: 'one that was cancelled stays so',
    given: [bet(), tick(0, '0.5'), cancel()],
    when: [resolve('1')],
    gives: [],
    status: 'cancelled',
  },
  {
    rule: 'told again it adds nothing',
    given: placed,
    when: [resolve('1'), resolve('1.00')],
    gives: [matched, '9 settlement: win by resolved, 100 % at 1'],
    status: 'win',
  },
  {
    rule: 'told otherwise it corrects the result',
    given: placed,
    when: [resolve('1'), resolve('0', 'NO')],
    gives: [
      matched,
      '9 settlement: win by resolved, 100 % at 1',
      '9 settlement: corrected to loss by resolved, 100 % at 0',
    ],
    status: 'loss',
    pct: '-100',
  },
  {
    rule: 'a correction may be corrected',
    given: placed,
    when: [resolve('1'), resolve(null), resolve('1')],
    gives: [
      matched,
      '9 settlement: win by resolved, 100 % at 1',
      '9 settlement: corrected to push by void, 100 % at 0.4',
      '9 settlement: corrected to win by resolved, 100 % at 1',
    ],
    status: 'win',
    pct: '150',
  },
  {
    rule: 'a correction keeps what exits had brought',
    given: [
      ...placed,
      takeProfit({ orderType: 'limit', price: '0.6', share: '50', trailing: { trigger: '0.1', limit: '0.1' } }),
      tick(2, '0.6'),
    ],
    when: [resolve('0'), resolve('1')],
    gives: [
      matched,
      '2 tick: take_profit 1, 50 % at 0.6',
      '9 settlement: loss by resolved, 50 % at 0',
      '9 settlement: corrected to win by resolved, 50 % at 1',
    ],
    status: 'win',
    pct: '100',
  },
  {
    rule: 'says nothing of a position that exits had closed',
    given: [bet({ targets: ['0.6'] }), tick(0, '0.4'), tick(1, '0.6')],
    when: [resolve('0')],
    gives: ['0 tick: matched, 100 % at 0.4', '1 tick: target 1, 100 % at 0.6', '1 tick: win by exits'],
    status: 'win',
    pct: '50',
  },
]);

const open = [signal(), tick(0, '105000'), tick(1, '100000')];
const entered = '1 tick: matched, 100 % at 100000';

rules('an operator who settles by hand', [
  {
    rule: 'names a result and the price it follows from',
    given: open,
    when: [settle('win', '104000')],
    gives: [entered, '9 operator: win by operator, 100 % at 104000'],
    status: 'win',
    pct: '4',
    r: '0.4',
  },
  {
    rule: 'may know the result alone: then there are no figures',
    given: open,
    when: [settle('loss')],
    gives: [entered, '9 operator: loss by operator'],
    status: 'loss',
    pct: null,
    r: null,
  },
  {
    rule: 'is refused where the price says otherwise',
    given: open,
    when: [settle('win', '99000')],
    gives: [entered],
    status: 'matched',
    refused: 'outcome_differs outcome',
  },
  {
    rule: 'may void it: a push at cost',
    given: open,
    when: [settle('void')],
    gives: [entered, '9 operator: push by void, 100 % at 100000'],
    status: 'push',
    pct: '0',
  },
  {
    rule: 'of a short the other way round',
    given: [signal({ direction: 'short', targets: [], stop: '110000' }), tick(0, '95000'), tick(1, '100000')],
    when: [settle('win', '96000')],
    gives: [entered, '9 operator: win by operator, 100 % at 96000'],
    status: 'win',
    pct: '4',
  },
  {
    rule: 'takes one that was not matched as entered at its own price',
    given: [signal(), tick(0, '105000')],
    when: [settle('win', '110000')],
    gives: ['9 operator: matched, 100 % at 100000', '9 operator: win by operator, 100 % at 110000'],
    status: 'win',
    r: '1',
  },
  {
    rule: 'cannot settle one that was not matched and named no price',
    given: [signal({ entry: null })],
    when: [settle('win', '110000')],
    gives: [],
    status: 'registered',
    refused: 'entry_price_missing entry',
  },
  {
    rule: 'may let an unmatched one expire',
    given: [signal(), tick(0, '105000')],
    when: [settle('expired')],
    gives: ['9 operator: expired'],
    status: 'expired',
  },
  {
    rule: 'cannot let a matched one expire',
    given: open,
    when: [settle('expired')],
    gives: [entered],
    status: 'matched',
    refused: 'not_unmatched outcome',
  },
  {
    rule: 'cannot settle one that was cancelled before its match',
    given: [signal(), tick(0, '105000'), cancel()],
    when: [settle('win')],
    gives: [],
    status: 'cancelled',
    refused: 'signal_ended signalId',
  },
  {
    rule: 'said twice it adds nothing',
    given: open,
    when: [settle('win', '104000'), settle('win', '104000')],
    gives: [entered, '9 operator: win by operator, 100 % at 104000'],
    status: 'win',
  },
  {
    rule: 'said otherwise it corrects',
    given: open,
    when: [settle('win', '104000'), settle('loss', '97000')],
    gives: [
      entered,
      '9 operator: win by operator, 100 % at 104000',
      '9 operator: corrected to loss by operator, 100 % at 97000',
    ],
    status: 'loss',
    pct: '-3',
  },
  {
    rule: 'corrects what a market had resolved',
    given: placed,
    when: [resolve('1'), settle('void')],
    gives: [
      matched,
      '9 settlement: win by resolved, 100 % at 1',
      '9 operator: corrected to push by void, 100 % at 0.4',
    ],
    status: 'push',
    pct: '0',
  },
]);

rules('a close that only its provider tells of', [
  {
    rule: 'is entered and left at the prices given, and marked so',
    given: [signal()],
    when: [report('103000')],
    gives: ['9 reported: matched, 100 % at 100000', '9 reported: win by closed, 100 % at 103000'],
    status: 'win',
    pct: '3',
    r: '0.3',
  },
  {
    rule: 'of a short the other way round',
    given: [signal({ direction: 'short', targets: [], stop: '110000' })],
    when: [report('103000')],
    gives: ['9 reported: matched, 100 % at 100000', '9 reported: loss by closed, 100 % at 103000'],
    status: 'loss',
    pct: '-3',
  },
  {
    rule: 'of a signal that was matched leaves its entry as it is',
    given: open,
    when: [report('103000')],
    gives: [entered, '9 reported: win by closed, 100 % at 103000'],
    status: 'win',
  },
  {
    rule: 'without an entry price nothing can be said',
    given: [signal({ entry: null })],
    when: [report('103000')],
    gives: [],
    status: 'registered',
    refused: 'entry_price_missing entry',
  },
  {
    rule: 'of a signal that has ended adds nothing',
    given: [signal(), cancel()],
    when: [report('103000')],
    gives: [],
    status: 'cancelled',
  },
  {
    rule: 'told again it adds nothing',
    given: [signal()],
    when: [report('103000'), report('104000')],
    gives: ['9 reported: matched, 100 % at 100000', '9 reported: win by closed, 100 % at 103000'],
    status: 'win',
  },
]);

it('tells the reason, the evidence and the closing signal', () => {
  expect(after(placed, resolve('1')).events.at(-1)!.data).toMatchObject({
    reason: 'YES',
    evidence: { decidedBy: 'settlement', source: 'kalshi', hash: 'hash' },
    entryPrice: '0.4',
  });
  expect(after(open, settle('void')).events.at(-1)!.data).toMatchObject({ reason: 'seen on the venue' });
  expect(after([signal()], report('103000')).events.at(-1)!.data).toMatchObject({ closedBySignalId: 'closing-1' });
});
