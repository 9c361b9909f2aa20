/** Events that mean nothing, for tests of stores. */
import { randomUUID } from 'node:crypto';
import type { NewEvent } from '../events.ts';

/** A name nobody has used: stores of several tests, and of several runs, may share their data. */
export function freshName(prefix: string): string {
  return `${prefix}-${randomUUID().replaceAll('-', '')}`;
}

export function sampleEvent(data: object = {}, id: string = randomUUID()): NewEvent {
  return {
    id,
    type: 'SampleHappened',
    time: '2026-11-21T08:00:00.000Z',
    channelId: 'channel-1',
    data,
    metadata: {
      commandId: randomUUID(),
      requestId: randomUUID(),
      dialect: 'anny',
      actor: 'channel:channel-1',
      keyId: null,
      receivedAt: '2026-11-21T08:00:00.000Z',
      schemaVersion: 1,
    },
  };
}

/** So many events, each told from the others by `n`. */
export function sampleEvents(count: number, from = 0): NewEvent[] {
  return Array.from({ length: count }, (_, index) => sampleEvent({ n: from + index }));
}
