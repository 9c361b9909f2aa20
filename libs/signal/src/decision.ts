/** What `decide` answers. The same shapes as the kernel's; declared here because a domain imports nothing of the rest. */
import type { SignalEvent } from './events.ts';

export type RefusalKind = 'missing' | 'invalid' | 'conflict' | 'not-found' | 'forbidden' | 'unavailable';

/** An expected "no". Nothing was decided. */
export interface Refusal {
  readonly code: string;
  readonly kind: RefusalKind;
  readonly message: string;
  /** The domain's name of the field at fault, such as `entry.min` or `targets.2`. */
  readonly field?: string;
}

/** Events to append (none: nothing needs to change), or a refusal. */
export type SignalDecision = { readonly events: readonly SignalEvent[] } | { readonly refused: Refusal };

/** What was asked for is there already. */
export const NOTHING_NEW: SignalDecision = Object.freeze({ events: Object.freeze([]) });

/** One event decided. */
export function decided(event: SignalEvent): SignalDecision {
  return { events: [event] };
}
