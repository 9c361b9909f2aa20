/** The one writer of a process: all appends that wait become one transaction. */
import { workerData } from 'node:worker_threads';
import type { Synchronous } from './database.ts';
import { EventLog } from './event-log.ts';
import type { LogAnswer, LogRequest } from './rows.ts';
import { serve } from './thread-side.ts';

const { path, synchronous } = workerData as { path: string; synchronous: Synchronous };
const log = new EventLog(path, { synchronous });

serve(
  { ready: () => log.ready(), close: () => log.close() },
  {
    append: (calls) => {
      const results = log.append(calls.map(([request]) => request as LogRequest));
      return results.map((result, index): LogAnswer => [result, index === 0 ? log.written : 0]);
    },
  },
);
