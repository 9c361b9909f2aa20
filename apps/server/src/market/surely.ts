/** Trying again what failed because something was away. */
import { setTimeout as sleep } from 'node:timers/promises';
import { VenueUnavailable } from '#libs/market';
import { messageOf, OutcomeUnknown, StoreUnavailable } from '#libs/sourcing';

/** The first wait; it doubles. */
const RETRY_MS = 200;

export interface SurelyOptions {
  readonly signal: AbortSignal;
  readonly onTrouble: (reason: string) => void;
  /** Milliseconds. */
  readonly longestWaitMs: number;
}

/**
 * Until venue and store can be asked, or the role ends: what is away delays, and no price is skipped. For what may be
 * done twice: an append whose outcome is unknown is found again by the ids of its events.
 * @throws what the task throws for another reason, or when the signal has aborted.
 */
export async function surely<Result>(
  task: () => Promise<Result>,
  { signal, onTrouble, longestWaitMs }: SurelyOptions,
): Promise<Result> {
  for (let wait = RETRY_MS; ; wait = Math.min(wait * 2, longestWaitMs)) {
    try {
      return await task();
    } catch (error) {
      if (signal.aborted || !isAway(error)) throw error;
      onTrouble(messageOf(error));
      await sleep(wait, undefined, { signal });
    }
  }
}

function isAway(error: unknown): boolean {
  return error instanceof VenueUnavailable || error instanceof StoreUnavailable || error instanceof OutcomeUnknown;
}
