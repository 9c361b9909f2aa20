/** What a desk remembers of an open signal. */
import type { ExistingSignal, Tracking } from '#libs/signal';
import type { RecordedEvent } from '#libs/sourcing';
import { forceOf } from './recorded.ts';
import { evolved } from './states.ts';

/** An open signal at its desk; its state is read when a price touches it. */
export interface Subject {
  readonly channelId: string;
  tracking: Tracking;
  /** The signal's version that `tracking` belongs to. */
  version: number;
  /** Prices before this do not concern it, ms. */
  from: number;
  /** The signal that closes it, at the first price at or after a moment, ms. */
  closed: { readonly by: string; readonly at: number } | null;
  /** While prices are caught up with: the signal as it was then, and what the provider said since. Else null. */
  asOf: AsOf | null;
}

/** A signal as of a moment in the past. */
export interface AsOf {
  readonly state: ExistingSignal;
  /** In order; each is in force from its own moment on. */
  readonly later: readonly RecordedEvent[];
}

/** When the last change came that a price of this time is the first to be judged with; null where none did. */
export function nextChange({ asOf }: Subject, time: number): number | null {
  const change = asOf?.later.findLast((event) => forceOf(event) <= time);
  return change === undefined ? null : forceOf(change);
}

/**
 * The signal as it was at a moment, where it is judged as of the past; null once all that came since is in force. What
 * is in force by then is past from now on.
 */
export function takeAsOf(subject: Subject, time: number): ExistingSignal | null {
  if (subject.asOf === null) return null;
  let { state } = subject.asOf;
  let count = 0;
  for (const event of subject.asOf.later) {
    if (forceOf(event) > time) break;
    state = evolved(state, event) as ExistingSignal;
    count += 1;
  }
  const later = subject.asOf.later.slice(count);
  subject.asOf = later.length === 0 ? null : { state, later };
  return subject.asOf === null ? null : state;
}
