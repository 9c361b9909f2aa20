import { describeViewStore } from '../../../sourcing/src/testing/view-store-contract.ts';
import { scratchFile } from '../testing/scratch.ts';
import { openSqliteViewStore } from './view-store.ts';

for (const threads of [true, false]) {
  const path = scratchFile('views.db');
  const open = () => openSqliteViewStore(path, { threads });
  describeViewStore(`SQLite, ${threads ? 'on a thread' : 'in place'}`, async () => {
    const views = open();
    return {
      views,
      reopen: async () => {
        await views.close();
        return open();
      },
      another: async () => open(),
    };
  });
}
