/** Tables of rules, each row tested as it stands (on a long) and mirrored (on a short). */
import { describe, expect, it } from '@jest/globals';
import type { ProviderCommand } from '../commands.ts';
import { decide } from '../decide.ts';
import type { SignalEvent } from '../events.ts';
import type { SignalRefusalCode } from '../errors.ts';
import { SIGNAL_REFUSALS } from '../errors.ts';
import { fold, history } from './history.ts';
import { mirrorCommand, mirrorEvent, sameOnBothSides } from './mirror.ts';

export interface Row {
  readonly rule: string;
  /** Commands before, none of them refused. */
  readonly after?: readonly ProviderCommand[];
  readonly when: ProviderCommand;
  /** The data of the one event it leads to, null for none. Absent: one event, whatever its data. */
  readonly gives?: SignalEvent['data'] | null;
  /** Code and field of the refusal it leads to. */
  readonly refused?: readonly [code: SignalRefusalCode, field: string];
}

export function bothWays(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    describe('long', () => {
      for (const row of rows) it(row.rule, () => check(row.after ?? [], row.when, row, AS_IT_STANDS));
    });
    describe('short, mirrored', () => {
      for (const row of rows) {
        it(row.rule, () => check((row.after ?? []).map(mirrorCommand), mirrorCommand(row.when), row, MIRRORED));
      }
    });
  });
}

/** How expectations written for the long are read. */
interface Look {
  readonly event: (event: SignalEvent) => SignalEvent;
  readonly field: (field: string | undefined) => string | undefined;
}

const AS_IT_STANDS: Look = { event: (event) => event, field: (field) => field };
const MIRRORED: Look = { event: mirrorEvent, field: sameOnBothSides };

function check(after: readonly ProviderCommand[], when: ProviderCommand, row: Row, look: Look): void {
  const decision = decide(when, fold(history(...after)));
  if (row.refused !== undefined) {
    const [code, field] = row.refused;
    expect(decision).toEqual({ refused: expect.objectContaining({ code, kind: SIGNAL_REFUSALS[code].kind }) });
    const blamed = 'refused' in decision ? decision.refused : undefined;
    expect(look.field(blamed?.field)).toBe(look.field(field));
    expect(blamed?.message).not.toMatch(/[{}]|undefined/);
    return;
  }
  if (row.gives === null) {
    expect(decision).toEqual({ events: [] });
    return;
  }
  expect(decision).toEqual({ events: [expect.anything()] });
  if (row.gives === undefined || !('events' in decision)) return;
  const event = decision.events[0]!;
  expect(event).toEqual(look.event({ type: event.type, data: row.gives } as SignalEvent));
}
