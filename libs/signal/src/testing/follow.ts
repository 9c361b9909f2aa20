/** A signal followed through commands and prices, each price judged as the server does. */
import type { ProviderCommand } from '../commands.ts';
import { decide } from '../decide.ts';
import type { SignalEvent } from '../events.ts';
import { observe } from '../market/observe.ts';
import { type PricePoint, type Source, type Tracking, UNTRACKED } from '../market/price-point.ts';
import { type ExistingSignal, evolve, initial, type SignalState } from '../state.ts';

export const SOURCE: Source = { source: 'replay', hash: 'hash' };

/** Something that happens to a signal: a command of its provider, or a price. */
export type Happening = ProviderCommand | PricePoint;

export function isPrice(happening: Happening): happening is PricePoint {
  return 'kind' in happening;
}

/** Where a signal stands. */
export interface Followed {
  readonly events: readonly SignalEvent[];
  readonly state: SignalState;
  readonly tracking: Tracking;
  /** The last price; null before the first. */
  readonly last?: string | null;
}

export const NOTHING_YET: Followed = { events: [], state: initial, tracking: UNTRACKED, last: null };

/** Judges one price; `closedBy` closes the signal at it. */
export function judged(before: Followed, point: PricePoint, closedBy: string | null = null): Followed {
  const state = existing(before.state);
  const { events, state: after, tracking } = observe(state, before.tracking, point, SOURCE, closedBy);
  const last = point.kind === 'tick' ? point.price : point.close;
  return { events: [...before.events, ...events], state: after, tracking, last };
}

/** Carries out one command; a refused one leaves no trace, or throws where `refused` says so. */
export function called(
  before: Followed,
  command: ProviderCommand,
  refused: 'throws' | 'ignored' = 'ignored',
): Followed {
  const decision = decide(command, before.state);
  if ('refused' in decision) {
    if (refused === 'throws') throw new Error(`${command.type}: ${decision.refused.message}`);
    return before;
  }
  let { state } = before;
  for (const event of decision.events) state = evolve(state, event);
  const tracking = { ...before.tracking, last: before.last ?? null };
  return { ...before, state, tracking, events: [...before.events, ...decision.events] };
}

export function follow(happenings: readonly Happening[], refused: 'throws' | 'ignored' = 'throws'): Followed {
  let followed = NOTHING_YET;
  for (const one of happenings) followed = isPrice(one) ? judged(followed, one) : called(followed, one, refused);
  return followed;
}

export function existing(state: SignalState): ExistingSignal {
  if (state.status === 'none') throw new Error('the signal was not created');
  return state;
}
