/** The `Coordination` port on a SQLite file. */
import { type Coordination, refuseLongText, refuseRollingRule, type RollingState } from '#libs/sourcing';
import { CoordinationDatabase, type TakeResult } from './coordination-database.ts';
import { Thread } from './thread.ts';

/** Opens the file, making it where it is not there. `threads: false` runs every call where it is made. */
export function openSqliteCoordination(path: string, { threads = true }: { threads?: boolean } = {}): Coordination {
  const here = new CoordinationDatabase(path);
  if (!threads) {
    return {
      take: async (...take) => here.take([take])[0]!,
      peek: async (name, rule, now) => here.peek(name, rule, now),
      takeRolling: async (name, rule, now) => {
        refuseRollingRule(name, rule);
        return here.takeRolling([[name, rule, now]])[0]!;
      },
      touch: async (uses) => here.touch(uses),
      lastUsed: async (names) => new Map(here.lastUsed(names)),
      keep: async (name, text) => {
        refuseLongText(name, text);
        here.keep(name, text);
      },
      kept: async (name) => here.kept(name),
      forget: async (name) => here.forget(name),
      lease: async (...lease) => here.lease(...lease),
      release: async (name, holder) => here.release(name, holder),
      ready: async () => here.ready(),
      close: async () => here.close(),
    };
  }
  here.close();
  const thread = new Thread('./coordination.thread', { path });
  return {
    take: (...take) => thread.call<TakeResult>('take', ...take),
    peek: (name, rule, now) => thread.call('peek', name, rule, now),
    takeRolling: async (name, rule, now) => {
      refuseRollingRule(name, rule);
      return thread.call<RollingState>('takeRolling', name, rule, now);
    },
    touch: (uses) => thread.call('touch', uses),
    lastUsed: async (names) => new Map(await thread.call<[string, number][]>('lastUsed', names)),
    keep: async (name, text) => {
      refuseLongText(name, text);
      await thread.call('keep', name, text);
    },
    kept: (name) => thread.call('kept', name),
    forget: (name) => thread.call('forget', name),
    lease: (...lease) => thread.call('lease', ...lease),
    release: (name, holder) => thread.call('release', name, holder),
    ready: () => thread.call('ready'),
    close: () => thread.close(),
  };
}
