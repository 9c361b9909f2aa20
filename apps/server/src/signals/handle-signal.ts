/** The one command on the bus: whatever a dialect translates to goes through `handle`. */
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Inject } from '@nestjs/common';
import type { SignalCommand, SignalState } from '#libs/signal';
import type { EventMetadata, Handle, IdempotencyKey, Outcome } from '#libs/sourcing';
import { SIGNAL_HANDLE } from './tokens.ts';

export type SignalOutcome = Outcome<SignalState, SignalCommand>;

export class HandleSignal extends Command<SignalOutcome> {
  readonly command: SignalCommand;
  readonly metadata: EventMetadata;
  readonly key: IdempotencyKey | undefined;

  constructor(command: SignalCommand, metadata: EventMetadata, key: IdempotencyKey | undefined) {
    super();
    this.command = command;
    this.metadata = metadata;
    this.key = key;
  }
}

@CommandHandler(HandleSignal)
export class HandleSignalHandler implements ICommandHandler<HandleSignal> {
  readonly #handle: Handle<SignalState, SignalCommand>;

  constructor(@Inject(SIGNAL_HANDLE) handle: Handle<SignalState, SignalCommand>) {
    this.#handle = handle;
  }

  execute({ command, metadata, key }: HandleSignal): Promise<SignalOutcome> {
    return this.#handle(command, metadata, key);
  }
}
