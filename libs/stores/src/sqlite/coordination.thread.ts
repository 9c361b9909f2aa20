/** Counting off the event loop; all that wait are counted in one transaction. */
import { workerData } from 'node:worker_threads';
import { CoordinationDatabase, type Take } from './coordination-database.ts';
import type { RollingTake } from './rolling.ts';
import { serve } from './thread-side.ts';

const database = new CoordinationDatabase((workerData as { path: string }).path);

serve(
  {
    peek: (...args: Parameters<CoordinationDatabase['peek']>) => database.peek(...args),
    touch: (...args: Parameters<CoordinationDatabase['touch']>) => database.touch(...args),
    lastUsed: (names: readonly string[]) => database.lastUsed(names),
    keep: (name: string, text: string) => database.keep(name, text),
    kept: (name: string) => database.kept(name),
    forget: (name: string) => database.forget(name),
    lease: (...args: Parameters<CoordinationDatabase['lease']>) => database.lease(...args),
    release: (name: string, holder: string) => database.release(name, holder),
    ready: () => database.ready(),
    close: () => database.close(),
  },
  {
    take: (calls) => database.take(calls as unknown as readonly Take[]),
    takeRolling: (calls) => database.takeRolling(calls as unknown as readonly RollingTake[]),
  },
);
