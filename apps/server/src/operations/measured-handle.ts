/** A command handler whose commands are counted. */
import {
  type EventMetadata,
  type Handle,
  type IdempotencyKey,
  type Outcome,
  OutcomeUnknown,
  StoreUnavailable,
} from '#libs/sourcing';

/** What became of commands, and how many are on their way. */
export class CommandMeter {
  /** In work or waiting for their turn. */
  inFlight = 0;
  done = 0;
  /** Under an idempotency key that had been used: the first answer was given again. */
  repeated = 0;
  /** The domain said no, or the idempotency key stood for another request. */
  refused = 0;
  /** Certainly nothing was written: the store is away, the stream too busy, or too many commands wait. */
  unavailable = 0;
  unknown = 0;
  /** A bug, or an idempotency key that could not be kept. */
  failed = 0;

  endedWith(outcome: Outcome<unknown, unknown>): void {
    if (!outcome.done) this.refused += 1;
    else if (outcome.repeated) this.repeated += 1;
    else this.done += 1;
  }

  failedWith(error: unknown): void {
    if (error instanceof StoreUnavailable) this.unavailable += 1;
    else if (error instanceof OutcomeUnknown) this.unknown += 1;
    else this.failed += 1;
  }
}

/** The same handler. A look-up of a key's first answer (`repeat`) is no command and counts nothing. */
export function measuredHandle<State, Command>(
  handle: Handle<State, Command>,
  meter: CommandMeter,
): Handle<State, Command> {
  const measured = async (
    command: Command,
    metadata: EventMetadata,
    key?: IdempotencyKey,
  ): Promise<Outcome<State, Command>> => {
    meter.inFlight += 1;
    try {
      const outcome = await handle(command, metadata, key);
      meter.endedWith(outcome);
      return outcome;
    } catch (error) {
      meter.failedWith(error);
      throw error;
    } finally {
      meter.inFlight -= 1;
    }
  };
  return Object.assign(measured, { repeat: handle.repeat });
}
