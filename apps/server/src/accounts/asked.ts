/** A request of an agent that concerns an order, and what comes of it. */
import type { Refusal } from '#libs/account';
import type { EventMetadata, IdempotencyKey } from '#libs/sourcing';
import type { OrderDocument } from '#libs/views';
import type { Agent } from './agents.ts';

/** Who asks, and when the server received it. */
export interface Asked {
  readonly agent: Agent;
  readonly metadata: EventMetadata;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly key?: IdempotencyKey | undefined;
}

/** What became of it. `no_broker`: live orders go nowhere; `not_sent`: whoever holds the broker did not take it in time. */
export type Placed =
  | { readonly order: OrderDocument; readonly position: bigint | null }
  | { readonly refused: Refusal }
  | { readonly unavailable: 'no_broker' | 'not_sent' };
