/** The command of accounts on the bus: whatever a dialect translates to goes through `handle`. */
import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { AccountCommand, AccountState } from '#libs/account';
import type { EventMetadata, Handle, IdempotencyKey, Outcome } from '#libs/sourcing';
import { ACCOUNT_HANDLE } from './tokens.ts';

export type AccountOutcome = Outcome<AccountState, AccountCommand>;

export class HandleAccount extends Command<AccountOutcome> {
  readonly command: AccountCommand;
  readonly metadata: EventMetadata;
  readonly key: IdempotencyKey | undefined;

  constructor(command: AccountCommand, metadata: EventMetadata, key: IdempotencyKey | undefined) {
    super();
    this.command = command;
    this.metadata = metadata;
    this.key = key;
  }
}

@CommandHandler(HandleAccount)
export class HandleAccountHandler implements ICommandHandler<HandleAccount> {
  readonly #handle: Handle<AccountState, AccountCommand>;

  constructor(@Inject(ACCOUNT_HANDLE) handle: Handle<AccountState, AccountCommand>) {
    this.#handle = handle;
  }

  execute({ command, metadata, key }: HandleAccount): Promise<AccountOutcome> {
    return this.#handle(command, metadata, key);
  }
}
