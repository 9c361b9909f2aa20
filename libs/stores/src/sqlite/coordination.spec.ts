import { describeCoordination } from '../../../sourcing/src/testing/coordination-contract.ts';
import { scratchFile } from '../testing/scratch.ts';
import { openSqliteCoordination } from './coordination.ts';

for (const threads of [true, false]) {
  const path = scratchFile('coordination.db');
  const open = () => openSqliteCoordination(path, { threads });
  describeCoordination(`SQLite, ${threads ? 'on a thread' : 'in place'}`, async () => {
    const coordination = open();
    return {
      coordination,
      reopen: async () => {
        await coordination.close();
        return open();
      },
      another: async () => open(),
    };
  });
}
