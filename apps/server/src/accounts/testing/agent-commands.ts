/** Commands on accounts as requests of their agents bring them, for tests. */
import { ACCOUNT_SCHEMA_VERSION, type AccountCommand } from '#libs/account';
import { createHandle, type EventStore, type IdempotencyKey, newId } from '#libs/sourcing';
import type { AccountOutcome } from '../handle-account.ts';
import { handledAccount } from '../handled-account.ts';

export type Done = Extract<AccountOutcome, { readonly done: true }>;

/** Carries a command out. @throws Error where the account refuses it, with its reason. */
export async function carriedOut(events: EventStore, command: AccountCommand, key?: IdempotencyKey): Promise<Done> {
  const metadata = {
    commandId: newId(Date.now()),
    requestId: 'r',
    dialect: 'nextexchange',
    actor: `agent:${command.accountId}`,
    keyId: null,
    receivedAt: command.now,
    schemaVersion: ACCOUNT_SCHEMA_VERSION,
  };
  const outcome = await createHandle(handledAccount, events)(command, metadata, key);
  if (!outcome.done) throw new Error(`${command.type}: ${outcome.refusal.message}`);
  return outcome;
}
