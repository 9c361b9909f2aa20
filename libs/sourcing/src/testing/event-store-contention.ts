/** Contract under contention: many writers, several handles. */
import { describe, expect, it } from '@jest/globals';
import { type EventStore, NO_STREAM, RevisionConflict } from '../ports.ts';
import { collect, writeFrom } from './event-store-subscriptions.ts';
import type { Opened } from './opened-event-store.ts';
import { freshName, sampleEvent } from './sample-events.ts';

const WRITERS = 50;
/** Streams on which rounds run side by side. */
const STREAMS = 10;

/** One round: all writers expect the same revision. Answers the id of the event that went in. */
async function race(stores: readonly EventStore[], stream: string, expected: number): Promise<string> {
  const events = Array.from({ length: WRITERS }, () => sampleEvent());
  const results = await Promise.allSettled(
    events.map((event, n) => stores[n % stores.length]!.append({ stream, expected, events: [event] })),
  );
  const winners = events.filter((_, n) => results[n]!.status === 'fulfilled');
  expect(winners).toHaveLength(1);
  for (const result of results) {
    if (result.status === 'fulfilled') expect(result.value.revision).toBe(expected + 1);
    else
      expect(result.reason).toEqual(
        expect.objectContaining({ name: 'RevisionConflict', expected, actual: expected + 1 }),
      );
  }
  return winners[0]!.id;
}

/** Appends to one stream as often as asked, wherever the stream has got to meanwhile. */
async function insist(store: EventStore, stream: string, times: number): Promise<string[]> {
  const mine: string[] = [];
  let expected = (await store.readStream(stream)).length - 1;
  while (mine.length < times) {
    const event = sampleEvent();
    try {
      expected = (await store.append({ stream, expected, events: [event] })).revision;
      mine.push(event.id);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      expected = error.actual;
    }
  }
  return mine;
}

export function testContention(opened: Opened, rounds: number): void {
  describe('contention', () => {
    it(`lets exactly one of ${WRITERS} writers with the same expected revision win, ${rounds} times`, async () => {
      const { store } = opened();
      await Promise.all(
        Array.from({ length: STREAMS }, async () => {
          const stream = freshName('c');
          const winners: string[] = [];
          for (let round = 0; round < rounds / STREAMS; round += 1)
            winners.push(await race([store], stream, round - 1));
          expect((await store.readStream(stream)).map(({ id }) => id)).toEqual(winners);
        }),
      );
    }, 120_000);

    it('is one log for two handles on the same data', async () => {
      const { store, another } = opened();
      if (another === undefined) return;
      const other = await another();
      try {
        expect(await other.id()).toBe(await store.id());
        const prefix = freshName('c');
        const before = await store.head();
        const stream = freshName(prefix);
        const following = [store, other].map((handle) => collect(handle, before, 2 * (79 + 30), prefix));
        const [apart, left, right] = await Promise.all([
          writeFrom([store, other], prefix, 40),
          insist(store, stream, 30),
          insist(other, stream, 30),
        ]);
        const [here, there] = await Promise.all(following);
        expect(here!.map(({ id }) => id).toSorted()).toEqual([...apart, ...left, ...right].toSorted());
        expect(there).toEqual(here);
        expect(new Set(here!.map(({ position }) => position)).size).toBe(here!.length);
        const events = await other.readStream(stream);
        expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
        expect(events).toHaveLength(60);
        for (let round = 0; round < 20; round += 1) await race([store, other], `${stream}-race`, round - 1);
      } finally {
        await other.close();
      }
    }, 60_000);

    it('answers a repeat also when another handle had appended it', async () => {
      const { store, another } = opened();
      if (another === undefined) return;
      const other = await another();
      try {
        const append = { stream: freshName('c'), expected: NO_STREAM, events: [sampleEvent(), sampleEvent()] };
        const [first, second] = await Promise.all([store.append(append), other.append(append)]);
        expect(second).toEqual(first);
        expect(await store.readStream(append.stream)).toHaveLength(2);
      } finally {
        await other.close();
      }
    });
  });
}
