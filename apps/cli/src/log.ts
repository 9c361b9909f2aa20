/** `stream`, `tail`: looking at events as they stand in the log. */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { type EventStore, LOG_START, parseId, type RecordedEvent } from '#libs/sourcing';
import { SIGNAL_STREAM_PREFIX } from '#libs/views';
import { eventLine } from './event-line.ts';
import { CommandError, printable, printResult, table } from './output.ts';
import { untilInterrupted } from './progress.ts';
import { globalOptions, withLedger } from './wiring.ts';

interface ListedEvent {
  readonly revision: number;
  readonly type: string;
  readonly time: string;
  readonly data: object;
}

/** Every event of a signal, in order. The id may be written in either form. */
async function readSignalStream(events: EventStore, signalId: string): Promise<{ events: ListedEvent[] }> {
  const id = parseId(signalId);
  if (id === null)
    throw new CommandError('invalid_id', 'a signal id has 32 hex digits, with or without dashes', 'signal_id');
  const recorded = await events.readStream(SIGNAL_STREAM_PREFIX + id);
  if (recorded.length === 0) throw new CommandError('signal_not_found', 'there is no signal with this id', 'signal_id');
  return { events: recorded.map(({ revision, type, time, data }) => ({ revision, type, time, data })) };
}

/** Hands over each event after a position, for good, one after the other, until the signal aborts. */
async function followLog(
  events: EventStore,
  after: bigint,
  signal: AbortSignal,
  show: (event: RecordedEvent) => Promise<void>,
): Promise<void> {
  for await (const page of events.subscribe(after, { signal })) {
    // The store may answer without a turn of the event loop: Ctrl-C needs one.
    await nextTurn();
    for (const event of page.events) {
      if (signal.aborted) return;
      await show(event);
    }
  }
}

export function logCommands(program: Command): void {
  program
    .command('stream')
    .description('every event of a signal')
    .argument('<signal_id>', '32 hex digits, with or without dashes')
    .action(async (signalId: string, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const stream = await withLedger(settings, ({ events }) => readSignalStream(events, signalId), { existing: true });
      printResult(json, stream, (value) =>
        table(
          ['REVISION', 'TIME', 'TYPE', 'DATA'],
          value.events.map((event) => [String(event.revision), event.time, event.type, JSON.stringify(event.data)]),
        ),
      );
    });

  program
    .command('tail')
    .description(
      'follow the whole log until Ctrl-C. With --json one JSON object a line: the exception among the commands',
    )
    .option(
      '--from <position>',
      'only what comes after this position; "end": only what comes from now on',
      parsePosition,
      LOG_START,
    )
    .action(async ({ from }: { from: bigint | 'end' }, command: Command) => {
      const { settings, json } = globalOptions(command);
      const { signal, release } = untilInterrupted();
      try {
        await withLedger(settings, async ({ events }) => {
          const after = from === 'end' ? await events.head() : from;
          await followLog(events, after, signal, (event) =>
            writeLine(json ? eventLine(event) : humanLine(event), signal),
          );
        });
      } finally {
        release();
      }
    });
}

function humanLine({ position, time, stream, revision, type, data }: RecordedEvent): string {
  return printable(`${position}  ${time}  ${stream}#${revision}  ${type}  ${JSON.stringify(data)}`);
}

/** Waits while the reader at the other end of stdout is slower than the log. */
async function writeLine(line: string, signal: AbortSignal): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain', { signal }).catch(() => undefined);
}

function parsePosition(text: string): bigint | 'end' {
  if (text === 'end') return text;
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('A position is a whole number, as told by tail --json.');
  return BigInt(text);
}
