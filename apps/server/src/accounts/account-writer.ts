/** What every write to an account ends in: the command goes over the bus, and the caller can see what it wrote. */
import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { AccountCommand, AccountState } from '#libs/account';
import { type EventMetadata, type Handle, type IdempotencyKey, OutcomeUnknown, StoreUnavailable } from '#libs/sourcing';
import { type AccountOutcome, HandleAccount } from './handle-account.ts';
import { AccountReader } from './reader.ts';
import { ACCOUNT_HANDLE } from './tokens.ts';

/**
 * What is read, or done, once a write is durable. A store that is away by then must not be told as one that took nothing:
 * whoever hears that sends the order again.
 * @throws OutcomeUnknown where the store is away, else what the work throws.
 */
export async function onceWritten<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    throw new OutcomeUnknown(`after the write: ${error.message}`, { cause: error });
  }
}

export class AccountWriter {
  readonly #commands: CommandBus;
  readonly #reader: AccountReader;
  readonly #handle: Handle<AccountState, AccountCommand>;

  constructor(
    @Inject(CommandBus) commands: CommandBus,
    @Inject(AccountReader) reader: AccountReader,
    @Inject(ACCOUNT_HANDLE) handle: Handle<AccountState, AccountCommand>,
  ) {
    this.#commands = commands;
    this.#reader = reader;
    this.#handle = handle;
  }

  /** The first answer under a key, or null where the key is free. */
  repeat(key: IdempotencyKey): Promise<AccountOutcome | null> {
    return this.#handle.repeat(key);
  }

  /** Carries a command out. Lists read next on this process show it. */
  async write(command: AccountCommand, metadata: EventMetadata, key?: IdempotencyKey): Promise<AccountOutcome> {
    const outcome = await this.#commands.execute(new HandleAccount(command, metadata, key));
    if (outcome.done && outcome.position !== null) this.#reader.wrote(command.accountId, outcome.position);
    return outcome;
  }
}
