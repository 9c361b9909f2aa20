/** Telling an account what prices did to it, until that is durable. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT_SCHEMA_VERSION, type AccountCommand, type AccountState } from '#libs/account';
import { type EventMetadata, type Handle, type Outcome, OutcomeUnknown, StoreUnavailable } from '#libs/sourcing';

const RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

export interface Telling {
  readonly handle: Handle<AccountState, AccountCommand>;
  readonly signal: AbortSignal;
  /** What an account has trouble with, for the log. */
  readonly onTrouble: (what: string, reason: string) => void;
}

/**
 * Carries out a command that is safe to repeat: one that adds nothing once it is done. A store that is away is waited
 * for; what the account refuses is told, and left.
 * @throws what the store throws else, and when the signal has aborted.
 */
export async function tellAccount(
  { handle, signal, onTrouble }: Telling,
  command: AccountCommand,
  commandId: string,
): Promise<Outcome<AccountState, AccountCommand>> {
  for (let wait = RETRY_MS; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
    try {
      const outcome = await handle(command, metadataOf(command, commandId));
      if (!outcome.done) onTrouble(command.accountId, `${command.type}: ${outcome.refusal.message}`);
      return outcome;
    } catch (error) {
      const isAway = error instanceof StoreUnavailable || error instanceof OutcomeUnknown;
      if (signal.aborted || !isAway) throw error;
      onTrouble(command.accountId, error.message);
      await sleep(wait, undefined, { signal });
    }
  }
}

function metadataOf(command: AccountCommand, commandId: string): EventMetadata {
  return {
    commandId,
    requestId: '',
    dialect: 'market',
    actor: 'market',
    keyId: null,
    receivedAt: command.now,
    schemaVersion: ACCOUNT_SCHEMA_VERSION,
  };
}
