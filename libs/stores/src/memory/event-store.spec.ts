import { describeEventStore } from '../../../sourcing/src/testing/event-store-contract.ts';
import { createMemoryEventStore } from './event-store.ts';

describeEventStore('memory', async () => ({ store: createMemoryEventStore() }));
describeEventStore('memory, one stream at a time', async () => ({ store: createMemoryEventStore({ atomic: false }) }));
