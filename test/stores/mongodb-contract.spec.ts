/** The contracts of views and of coordination on a server that speaks the MongoDB protocol, through the real driver. */
import { afterAll, describe, it } from '@jest/globals';
import { describeCoordination } from '../../libs/sourcing/src/testing/coordination-contract.ts';
import { describeViewStore } from '../../libs/sourcing/src/testing/view-store-contract.ts';
import { openMongoCoordination } from '../../libs/stores/src/mongodb/coordination.ts';
import { openMongoViewStore } from '../../libs/stores/src/mongodb/view-store.ts';
import { startDocumentServer } from '../support/document-server.ts';

const server = await startDocumentServer();
if (typeof server === 'string') {
  it.skip(`views and coordination on MongoDB (${server})`, () => undefined);
} else {
  describe('on MongoDB', () => {
    afterAll(server.stop);

    describeViewStore('MongoDB', async () => {
      const views = await openMongoViewStore(server.url);
      return {
        views,
        reopen: async () => {
          await views.close();
          return openMongoViewStore(server.url);
        },
        another: () => openMongoViewStore(server.url),
      };
    });

    describeCoordination('MongoDB', async () => {
      const coordination = await openMongoCoordination(server.url);
      return {
        coordination,
        reopen: async () => {
          await coordination.close();
          return openMongoCoordination(server.url);
        },
        another: () => openMongoCoordination(server.url),
      };
    });
  });
}
