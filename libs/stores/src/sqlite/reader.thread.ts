/** Reads of the event log beside the writer, off the event loop. */
import { workerData } from 'node:worker_threads';
import { EventLog } from './event-log.ts';
import { serve } from './thread-side.ts';

const log = new EventLog((workerData as { path: string }).path);

serve({
  id: () => log.id(),
  head: () => log.head(),
  changes: () => log.changes(),
  readStream: (stream: string, from: number, limit: number) => log.readStream(stream, from, limit),
  readAll: (after: number, limit: number, prefix: string) => log.readAll(after, limit, prefix),
  close: () => log.close(),
});
