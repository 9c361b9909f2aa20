/** The contract of event stores on EventStoreDB: on a double of its server always, on a real one where a URL is given. */
import { afterAll, beforeAll, it } from '@jest/globals';
import type { EventStore } from '#libs/sourcing';
import { openEventStoreDb } from '../../libs/stores/src/eventstoredb/event-store.ts';
import { describeEventStore } from '../../libs/sourcing/src/testing/event-store-contract.ts';
import type { OpenedEventStore } from '../../libs/sourcing/src/testing/opened-event-store.ts';
import { type EventStoreDouble, startEventStoreDouble } from '../support/eventstore-double/double.ts';
import { GIVEN_EVENT_STORE, withLedger } from '../support/stores.ts';

async function opened(url: string): Promise<OpenedEventStore> {
  const store = await openEventStoreDb(url);
  return {
    store,
    reopen: async (): Promise<EventStore> => {
      await store.close();
      return openEventStoreDb(url);
    },
    another: () => openEventStoreDb(url),
  };
}

let double: EventStoreDouble;
beforeAll(async () => {
  double = await startEventStoreDouble();
  double.log.appendOwn(100);
});
afterAll(() => double.close());

describeEventStore('EventStoreDB, a double of its server', () => opened(double.url));
describeEventStore('EventStoreDB, one of the ledgers of a double', () => opened(withLedger(double.url)));

const given = GIVEN_EVENT_STORE;
if (given === null)
  it.skip('event store: EventStoreDB, a real server (TEST_EVENTSTORE_URL is not set)', () => undefined);
else {
  describeEventStore('EventStoreDB, a real server', () => opened(given));
  describeEventStore('EventStoreDB, one of the ledgers of a real server', () => opened(withLedger(given)));
}
