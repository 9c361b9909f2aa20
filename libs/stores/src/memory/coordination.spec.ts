import { describeCoordination } from '../../../sourcing/src/testing/coordination-contract.ts';
import { createMemoryCoordination } from './coordination.ts';

describeCoordination('memory', async () => ({ coordination: createMemoryCoordination() }));
