/** What every adapter of `EventStore` must do. One suite, run on each of them. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { testAppends } from './event-store-appends.ts';
import { testContention } from './event-store-contention.ts';
import { testReads } from './event-store-reads.ts';
import { testSubscriptions } from './event-store-subscriptions.ts';
import type { Opened, OpenedEventStore } from './opened-event-store.ts';

export interface EventStoreContract {
  /** Rounds of 50 writers on one revision. */
  readonly rounds?: number;
}

export function describeEventStore(
  name: string,
  open: () => Promise<OpenedEventStore>,
  { rounds = 100 }: EventStoreContract = {},
): void {
  describe(`event store: ${name}`, () => {
    let current: OpenedEventStore;
    beforeAll(async () => {
      current = await open();
    });
    afterAll(async () => {
      await current.store.close();
    });
    const opened: Opened = () => current;
    testAppends(opened);
    testReads(opened, (store) => {
      current = { ...current, store };
    });
    testSubscriptions(opened);
    testContention(opened, rounds);
  });
}
