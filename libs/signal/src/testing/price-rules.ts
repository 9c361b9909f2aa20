/** Tables of rules about prices, each row tested as it stands (on a long) and on mirrored prices (on a short). */
import { describe, expect, it } from '@jest/globals';
import type { CreateSignal } from '../commands.ts';
import type { ExistingSignal } from '../state.ts';
import { create } from './commands.ts';
import { existing, follow, type Happening, isPrice } from './follow.ts';
import { mirrorCommand } from './mirror.ts';
import { mirrorPoint } from './prices.ts';
import { AS_IT_STANDS, MIRRORED, type Reading, stepsOf } from './steps.ts';

export interface PriceRow {
  readonly rule: string;
  /** Commands and prices in order of time, no command refused. */
  readonly given: readonly Happening[];
  /** Every step they lead to. */
  readonly gives: readonly string[];
  readonly status?: ExistingSignal['status'];
  /** Profit over the risk at the match: the same for the mirror image, but for what is bought at several prices. */
  readonly r?: string | null;
  /** Of the long alone, as the next two: a short that is bought at several prices has another average. */
  readonly longR?: string | null;
  readonly pct?: string;
  readonly entryPrice?: string;
}

/** A long at 100000, targets 110000 and 120000, stop 90000, unless told otherwise: 1 R is 10000. */
export function signal(named: Partial<Omit<CreateSignal, 'type'>> = {}): CreateSignal {
  return create({ entry: { max: '100000' }, targets: ['110000', '120000'], stop: '90000', ...named });
}

export function priceRules(title: string, rows: readonly PriceRow[]): void {
  describe(title, () => {
    describe('long', () => {
      for (const row of rows) it(row.rule, () => check(row.given, row, AS_IT_STANDS));
    });
    describe('short, mirrored', () => {
      for (const row of rows) it(row.rule, () => check(row.given.map(mirrored), row, MIRRORED));
    });
  });
}

export function mirrored(one: Happening): Happening {
  return isPrice(one) ? mirrorPoint(one) : mirrorCommand(one);
}

function check(given: readonly Happening[], row: PriceRow, reading: Reading): void {
  const { events, state } = follow(given);
  expect(stepsOf(events, reading)).toEqual(row.gives);
  const { status, settled } = existing(state);
  if (row.status !== undefined) expect(status).toBe(row.status);
  if (row.r !== undefined) expect(settled?.resultR).toBe(row.r);
  if (reading === MIRRORED) return;
  if (row.longR !== undefined) expect(settled?.resultR).toBe(row.longR);
  if (row.pct !== undefined) expect(settled?.resultPct).toBe(row.pct);
  if (row.entryPrice !== undefined) expect(settled?.entryPrice).toBe(row.entryPrice);
}
