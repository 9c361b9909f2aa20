/** The `Coordination` port on a SQLite file. */
import type { Coordination } from '#libs/sourcing';
import { CoordinationDatabase, type TakeResult } from './coordination-database.ts';
import { Thread } from './thread.ts';

/** Opens the file, making it where it is not there. `threads: false` runs every call where it is made. */
export function openSqliteCoordination(path: string, { threads = true }: { threads?: boolean } = {}): Coordination {
  const here = new CoordinationDatabase(path);
  if (!threads) {
    return {
      take: async (...take) => here.take([take])[0]!,
      peek: async (name, rule, now) => here.peek(name, rule, now),
      touch: async (uses) => here.touch(uses),
      lastUsed: async (names) => new Map(here.lastUsed(names)),
      ready: async () => here.ready(),
      close: async () => here.close(),
    };
  }
  here.close();
  const thread = new Thread('./coordination.thread', { path });
  return {
    take: (...take) => thread.call<TakeResult>('take', ...take),
    peek: (name, rule, now) => thread.call('peek', name, rule, now),
    touch: (uses) => thread.call('touch', uses),
    lastUsed: async (names) => new Map(await thread.call<[string, number][]>('lastUsed', names)),
    ready: () => thread.call('ready'),
    close: () => thread.close(),
  };
}
