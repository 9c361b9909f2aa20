import { describeEventStore } from '../../../sourcing/src/testing/event-store-contract.ts';
import { openSqliteEventStore } from './event-store.ts';
import { scratchFile } from '../testing/scratch.ts';

for (const { threads, rounds } of [
  { threads: true, rounds: 1_000 },
  { threads: false, rounds: 100 },
]) {
  const path = scratchFile('events.db');
  const open = () => openSqliteEventStore(path, { threads });
  describeEventStore(
    `SQLite, ${threads ? 'on threads' : 'in place'}`,
    async () => {
      const store = open();
      return {
        store,
        reopen: async () => {
          await store.close();
          return open();
        },
        another: async () => open(),
      };
    },
    { rounds },
  );
}
