/** A clock that goes backwards: the times of a stream never do. */
import { expect, test } from '@jest/globals';
import { createHandle, type Decider, type EventMetadata, newId } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';

type Count = { readonly type: 'Counted'; readonly data: { readonly by: number } };

const counter: Decider<number, number, Count> = {
  initial: 0,
  evolve: (sum, event) => sum + event.data.by,
  decide: (by) => ({ events: [{ type: 'Counted', data: { by } }] }),
};

const NOON = Date.parse('2026-03-01T12:00:00.000Z');

function metadataAt(moment: number): EventMetadata {
  const receivedAt = new Date(moment).toISOString();
  return {
    commandId: newId(moment),
    requestId: 'test',
    dialect: 'anny',
    actor: 'operator',
    keyId: null,
    receivedAt,
    schemaVersion: 1,
  };
}

test.each([10_000, 0])('the clock goes back an hour and comes again, with %i states remembered', async (cacheSize) => {
  const store = createMemoryEventStore();
  const handle = createHandle(
    {
      decider: counter,
      stream: () => 'counter',
      creates: () => false,
      channelId: () => null,
      upcast: (event) => event as unknown as Count,
    },
    store,
    { cacheSize },
  );
  for (const seconds of [0, -3_600, -1, 1, 1, -3_600, 2]) await handle(1, metadataAt(NOON + seconds * 1_000));
  const events = await store.readStream('counter');
  expect(events.map(({ time }) => time)).toEqual([
    '2026-03-01T12:00:00.000Z',
    '2026-03-01T12:00:00.000Z',
    '2026-03-01T12:00:00.000Z',
    '2026-03-01T12:00:01.000Z',
    '2026-03-01T12:00:01.000Z',
    '2026-03-01T12:00:01.000Z',
    '2026-03-01T12:00:02.000Z',
  ]);
  // When it was heard stays as it was.
  expect(events.map(({ metadata }) => metadata.receivedAt)[1]).toBe('2026-03-01T11:00:00.000Z');
  expect(events.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
