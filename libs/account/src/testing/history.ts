/** Histories to test with: what commands lead to, one after another. */
import type { AccountCommand } from '../commands.ts';
import { decide } from '../decide.ts';
import { sum } from '../decimal.ts';
import type { AccountEvent } from '../events.ts';
import { evolve } from '../evolve.ts';
import { initial, type AccountState, type ExistingAccount } from '../state.ts';

/** The state that events add up to. */
export function fold(events: readonly AccountEvent[]): AccountState {
  let state = initial;
  for (const event of events) state = evolve(state, event);
  return state;
}

/** The state of an account that exists. */
function foldExisting(events: readonly AccountEvent[]): ExistingAccount {
  const state = fold(events);
  if (state.status === 'none') throw new Error('no events were given');
  return state;
}

/** The events of commands of which none may be refused. */
export function history(...commands: readonly AccountCommand[]): readonly AccountEvent[] {
  const events: AccountEvent[] = [];
  let state = initial;
  for (const command of commands) {
    const decision = decide(command, state);
    if ('refused' in decision) throw new Error(`${command.type}: ${decision.refused.message}`);
    for (const event of decision.events) state = evolve(state, event);
    events.push(...decision.events);
  }
  return events;
}

/** The account that commands make of which none may be refused. */
export function accountAfter(...commands: readonly AccountCommand[]): ExistingAccount {
  return foldExisting(history(...commands));
}

/** What came of one command. */
export interface Step {
  readonly command: AccountCommand;
  /** Its refusal's code; null where it was taken. */
  readonly refused: string | null;
  readonly events: readonly AccountEvent[];
  readonly before: AccountState;
  readonly after: AccountState;
}

/** What came of sending commands one after another: refused ones leave no trace. */
export function run(commands: readonly AccountCommand[]): readonly Step[] {
  let state = initial;
  return commands.map((command) => {
    const before = state;
    const decision = decide(command, before);
    if ('refused' in decision) {
      return { command, refused: decision.refused.code, events: [], before, after: before };
    }
    for (const event of decision.events) state = evolve(state, event);
    return { command, refused: null, events: decision.events, before, after: state };
  });
}

/** What an account owns at cost: cash and the cost of its holdings. */
export function owned({ cash, holdings }: ExistingAccount): string {
  return sum(cash, ...[...holdings.values()].map(({ cost }) => cost));
}
