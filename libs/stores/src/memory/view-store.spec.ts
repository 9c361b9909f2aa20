import { describeViewStore } from '../../../sourcing/src/testing/view-store-contract.ts';
import { createMemoryViewStore } from './view-store.ts';

describeViewStore('memory', async () => ({ views: createMemoryViewStore() }));
