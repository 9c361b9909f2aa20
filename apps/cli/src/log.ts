/** `stream`, `tail`: looking at events as they stand in the log. */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { type EventStore, LOG_START, parseId, type RecordedEvent } from '#libs/sourcing';
import { ACCOUNT_STREAM_PREFIX, SIGNAL_STREAM_PREFIX } from '#libs/views';
import { agentIdOf } from './agent.ts';
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

/** Every event of a signal, or of an agent's account, in order. The id may be written in either form. */
async function readStreamOf(events: EventStore, text: string): Promise<{ events: ListedEvent[] }> {
  const recorded = await events.readStream(streamOf(text));
  if (recorded.length === 0) {
    if (isAgent(text)) throw new CommandError('account_not_found', 'there is no agent with this id', 'id');
    throw new CommandError('signal_not_found', 'there is no signal with this id', 'signal_id');
  }
  return { events: recorded.map(({ revision, type, time, data }) => ({ revision, type, time, data })) };
}

function streamOf(text: string): string {
  if (isAgent(text)) return ACCOUNT_STREAM_PREFIX + agentIdOf(text);
  const id = parseId(text);
  if (id !== null) return SIGNAL_STREAM_PREFIX + id;
  const form = 'a signal id has 32 hex digits, with or without dashes; that of an agent begins with agent_';
  throw new CommandError('invalid_id', form, 'signal_id');
}

function isAgent(text: string): boolean {
  return text.startsWith('agent_');
}

/** For people: a secret that is sealed tells them nothing. */
function shownData(data: object): string {
  return JSON.stringify(data, (name, value: unknown) => (name === 'sealedSecret' && value !== null ? '…' : value));
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
    .description("every event of a signal, or of an agent's account")
    .argument('<id>', '32 hex digits, with or without dashes; those of an agent begin with agent_')
    .action(async (id: string, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const stream = await withLedger(settings, ({ events }) => readStreamOf(events, id), { existing: true });
      printResult(json, stream, (value) =>
        table(
          ['REVISION', 'TIME', 'TYPE', 'DATA'],
          value.events.map((event) => [String(event.revision), event.time, event.type, shownData(event.data)]),
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
  return printable(`${position}  ${time}  ${stream}#${revision}  ${type}  ${shownData(data)}`);
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
