/** Commands on accounts in the name of the operator. */
import { randomUUID } from 'node:crypto';
import { ACCOUNT_SCHEMA_VERSION, type AccountCommand, type ExistingAccount, type Refusal } from '#libs/account';
import { createHandle, type EventStore, newId } from '#libs/sourcing';
import { handledAccount } from '../../server/src/accounts/handled-account.ts';
import { refusalError } from './output.ts';

/** What came of a command. An account that takes one of the operator is there. */
export interface Told {
  readonly state: ExistingAccount;
  /** Of its last event. */
  readonly revision: number;
  /** Null where the command added nothing. */
  readonly position: bigint | null;
}

/** Carries a command out, or tells why the account refuses it. */
export async function askAccount(
  events: EventStore,
  command: AccountCommand,
): Promise<Told | { readonly refused: Refusal }> {
  const outcome = await createHandle(handledAccount, events)(command, {
    commandId: newId(Date.parse(command.now)),
    requestId: `cli-${randomUUID()}`,
    dialect: 'cli',
    actor: 'operator',
    keyId: null,
    receivedAt: command.now,
    schemaVersion: ACCOUNT_SCHEMA_VERSION,
  });
  if (!outcome.done) return { refused: outcome.refusal };
  const { state, revision, position } = outcome;
  return { state: state as ExistingAccount, revision, position };
}

/** Carries a command out. @throws CommandError where the account refuses it */
export async function tellAccount(events: EventStore, command: AccountCommand): Promise<Told> {
  const told = await askAccount(events, command);
  if ('refused' in told) throw refusalError(told.refused);
  return told;
}
