/** Writing all events as lines. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import { type EventStore, LOG_START } from '#libs/sourcing';
import { eventLine, type ExportHeader } from './event-line.ts';
import { Stopped } from './output.ts';
import type { Progress } from './progress.ts';

const PAGE = 1_000;

export interface Exported {
  readonly store_id: string;
  readonly head: string;
  readonly events: number;
}

export interface ExportOptions {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Writes every event up to the head of this moment. `write` takes a chunk of whole lines. */
export async function exportEvents(
  events: EventStore,
  write: (lines: string) => Promise<void>,
  { signal, progress }: ExportOptions,
): Promise<Exported> {
  const storeId = await events.id();
  const head = await events.head();
  const header: ExportHeader = { signal_ledger_export: 1, store_id: storeId, head: String(head) };
  await write(`${JSON.stringify(header)}\n`);
  let count = 0;
  for (let after = LOG_START; after < head;) {
    if (signal.aborted) throw new Stopped(`stopped after ${count} events: this export is not complete`);
    const page = await events.readAll(after, PAGE);
    if (page.checkpoint === after) throw new Error(`the log ends at position ${after}, before its head ${head}`);
    const upToHead = page.events.filter((event) => event.position <= head);
    await write(upToHead.map((event) => `${eventLine(event)}\n`).join(''));
    count += upToHead.length;
    after = page.checkpoint;
    progress.update(Number(after), Number(head), count);
  }
  return { store_id: storeId, head: String(head), events: count };
}

/** Into a file, which appears under its name only when it is whole and on the disk. Readable by its owner only. */
export async function exportToFile(events: EventStore, path: string, options: ExportOptions): Promise<Exported> {
  const unfinished = `${path}.${randomUUID()}.unfinished`;
  const file = await open(unfinished, 'wx', 0o600);
  try {
    const exported = await exportEvents(events, (lines) => file.appendFile(lines), options);
    await file.sync();
    await file.close();
    await rename(unfinished, path);
    return exported;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** To stdout, no faster than it is read. */
export function exportToStdout(events: EventStore, options: ExportOptions): Promise<Exported> {
  const write = async (lines: string): Promise<void> => {
    if (!process.stdout.write(lines))
      await once(process.stdout, 'drain', { signal: options.signal }).catch(() => undefined);
  };
  return exportEvents(events, write, options);
}
