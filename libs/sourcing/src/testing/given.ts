/** The one grammar in which deciders are tested: given events, when a command, then events or a refusal. */
import { expect } from '@jest/globals';
import type { Decider, DomainEvent, Refusal } from '../decider.ts';

/** What a command led to, waiting to be compared. */
export interface Outcome<Event> {
  /** Exactly these events; none of them: it was accepted and nothing had to change. */
  then(...expected: readonly Event[]): void;
  /** A refusal with at least these properties. */
  thenRefused(expected: Partial<Refusal>): void;
}

export function given<State, Command, Event extends DomainEvent>(
  decider: Decider<State, Command, Event>,
  events: readonly Event[],
) {
  return {
    when(command: Command): Outcome<Event> {
      let state = decider.initial;
      for (const event of events) state = decider.evolve(state, event);
      const decision = decider.decide(command, state);
      return {
        // oxlint-disable-next-line unicorn/no-thenable -- read as a sentence; nobody awaits it
        then(...expected) {
          expect(decision).toEqual({ events: expected });
        },
        thenRefused(expected) {
          expect(decision).toEqual({ refused: expect.objectContaining(expected) });
        },
      };
    },
  };
}
