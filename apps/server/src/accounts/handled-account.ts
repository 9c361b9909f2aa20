/** The domain of accounts as the command handler uses it. */
import { accountDecider, type AccountCommand, type AccountEvent, type AccountState, upcast } from '#libs/account';
import type { Handled } from '#libs/sourcing';

/** The stream of an account; its id is that of its agent. */
export function accountStream(accountId: string): string {
  return `account-${accountId}`;
}

export const handledAccount: Handled<AccountState, AccountCommand, AccountEvent> = {
  decider: accountDecider,
  stream: (command) => accountStream(command.accountId),
  creates: (command) => command.type === 'OpenAccount',
  // An agent belongs to no channel.
  channelId: () => null,
  upcast: (recorded) => upcast(recorded.type, recorded.metadata.schemaVersion, recorded.data),
};
