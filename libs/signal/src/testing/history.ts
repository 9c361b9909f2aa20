/** Histories to test with: what commands lead to, one after another. */
import type { SignalCommand } from '../commands.ts';
import { decide } from '../decide.ts';
import type { SignalEvent } from '../events.ts';
import { evolve, initial } from '../state.ts';
import type { ExistingSignal, SignalState } from '../state.ts';

/** The state that events add up to. */
export function fold(events: readonly SignalEvent[]): SignalState {
  let state = initial;
  for (const event of events) state = evolve(state, event);
  return state;
}

/** The state of a signal that exists. */
export function foldExisting(events: readonly SignalEvent[]): ExistingSignal {
  const state = fold(events);
  if (state.status === 'none') throw new Error('no events were given');
  return state;
}

/** What came of sending commands one after another: refused ones leave no trace. */
export interface Run {
  readonly events: readonly SignalEvent[];
  /** As it was threaded while the commands came. */
  readonly state: SignalState;
}

export function run(commands: readonly SignalCommand[]): Run {
  let state = initial;
  const events: SignalEvent[] = [];
  for (const command of commands) {
    const decision = decide(command, state);
    if ('refused' in decision) continue;
    for (const event of decision.events) {
      state = evolve(state, event);
      events.push(event);
    }
  }
  return { events, state };
}

/** The events of commands of which none may be refused. */
export function history(...commands: readonly SignalCommand[]): readonly SignalEvent[] {
  const events: SignalEvent[] = [];
  for (const command of commands) {
    const decision = decide(command, fold(events));
    if ('refused' in decision) throw new Error(`${command.type}: ${decision.refused.message}`);
    events.push(...decision.events);
  }
  return events;
}
