/** Appending the events of an export: same ids, times, revisions and order. What is there already is checked, not added. */
import { type EventStore, type RecordedEvent } from '#libs/sourcing';
import { badLine, type ExportHeader, parseEvent, parseHeader } from './event-line.ts';
import { ImportAppender } from './import-appender.ts';
import { ImportCheck } from './import-check.ts';
import { CommandError, Stopped } from './output.ts';
import type { Progress } from './progress.ts';

/** A line longer than this is no event of ours. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

export interface Imported {
  /** Events that this import appended. */
  readonly added: number;
  /** Events that stood in the store before. */
  readonly already_there: number;
}

/**
 * Imports an export, read in chunks. What was appended before an error or a stop stays: it is the beginning of the
 * same log, and running the import again goes on from it.
 */
export async function importEvents(
  events: EventStore,
  chunks: AsyncIterable<Buffer>,
  { signal, progress }: { signal: AbortSignal; progress: Progress },
): Promise<Imported> {
  const check = new ImportCheck(events);
  const appender = new ImportAppender(events);
  let header: ExportHeader | null = null;
  let before: RecordedEvent | null = null;
  let there = 0;
  let lineNumber = 0;
  for await (const line of linesOf(chunks)) {
    lineNumber += 1;
    if (header === null) {
      header = parseHeader(line);
      continue;
    }
    if (signal.aborted) break;
    const event = parseEvent(line, lineNumber);
    if (before !== null && event.position <= before.position)
      throw badLine(lineNumber, 'its position is not after that of the line before');
    if (event.position > BigInt(header.head))
      throw badLine(lineNumber, 'its position is beyond the head that the header tells');
    before = event;
    if (appender.idle && (await check.stands(event))) there += 1;
    else await appender.add(event);
    progress.update(Number(event.position), Number(header.head), there + appender.added);
  }
  await appender.flush();
  if (signal.aborted)
    throw new Stopped(
      `stopped: ${appender.added} events added, ${there} were there; the same command goes on from here`,
    );
  if (header === null) throw new CommandError('not_an_export', 'the file is empty');
  if (String(before?.position ?? 0n) !== header.head) {
    throw new CommandError(
      'export_incomplete',
      `the file ends after position ${before?.position ?? 0n}, before ${header.head}: it was cut short. ${appender.added} events were added`,
    );
  }
  return { added: appender.added, already_there: there };
}

/** Splits at line feeds only: JSON may hold other characters that some readers take for line ends. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let held: Buffer[] = [];
  let heldBytes = 0;
  let lineNumber = 0;
  const take = (end: Buffer): string => {
    lineNumber += 1;
    const bytes = held.length === 0 ? end : Buffer.concat([...held, end]);
    held = [];
    heldBytes = 0;
    try {
      return decoder.decode(bytes);
    } catch {
      throw badLine(lineNumber, 'it is not UTF-8 text');
    }
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      yield take(chunk.subarray(from, end));
      from = end + 1;
    }
    held.push(chunk.subarray(from));
    heldBytes += chunk.length - from;
    if (heldBytes > MAX_LINE_BYTES) throw badLine(lineNumber + 1, 'it is too long for an event');
  }
  if (heldBytes > 0) yield take(Buffer.alloc(0));
}
