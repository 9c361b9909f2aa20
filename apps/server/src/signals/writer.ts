/** What every dialect's write ends in: the command goes over the bus, and the caller can see what it wrote. */
import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import type { SignalCommand, SignalState } from '#libs/signal';
import type { EventMetadata, Handle, IdempotencyKey } from '#libs/sourcing';
import { HandleSignal, type SignalOutcome } from './handle-signal.ts';
import { SignalReader } from './reader.ts';
import { SIGNAL_HANDLE } from './tokens.ts';

export class SignalWriter {
  readonly #commands: CommandBus;
  readonly #reader: SignalReader;
  readonly #handle: Handle<SignalState, SignalCommand>;

  constructor(
    @Inject(CommandBus) commands: CommandBus,
    @Inject(SignalReader) reader: SignalReader,
    @Inject(SIGNAL_HANDLE) handle: Handle<SignalState, SignalCommand>,
  ) {
    this.#commands = commands;
    this.#reader = reader;
    this.#handle = handle;
  }

  /** The first answer under a key, or null where the key is free. */
  repeat(key: IdempotencyKey): Promise<SignalOutcome | null> {
    return this.#handle.repeat(key);
  }

  /** Carries a command out. The reply gets `X-Position`: that of the last event written. */
  async write(
    reply: FastifyReply,
    command: SignalCommand,
    metadata: EventMetadata,
    key: IdempotencyKey | undefined,
  ): Promise<SignalOutcome> {
    const outcome = await this.#commands.execute(new HandleSignal(command, metadata, key));
    if (outcome.done && outcome.position !== null) {
      this.#reader.wrote(command.channelId, outcome.position);
      void reply.header('x-position', outcome.position.toString());
    }
    return outcome;
  }
}
