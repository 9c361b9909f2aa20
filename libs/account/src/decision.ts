/** What `decide` answers. The same shapes as the kernel's; declared here because a domain imports nothing of the rest. */
import type { AccountEvent } from './events.ts';

export type RefusalKind = 'missing' | 'invalid' | 'conflict' | 'not-found' | 'forbidden' | 'unavailable';

/** An expected "no". Nothing was decided. */
export interface Refusal {
  readonly code: string;
  readonly kind: RefusalKind;
  readonly message: string;
  /** The domain's name of the field at fault, such as `quantity`. */
  readonly field?: string;
}

/** Events to append (none: nothing needs to change), or a refusal. */
export type AccountDecision = { readonly events: readonly AccountEvent[] } | { readonly refused: Refusal };

/** What was asked for is there already. */
export const NOTHING_NEW: AccountDecision = Object.freeze({ events: Object.freeze([]) });

/** These events decided, in their order. */
export function decided(...events: readonly AccountEvent[]): AccountDecision {
  return { events };
}
