/** Contract of `append` and `appendAll`. */
import { describe, expect, it } from '@jest/globals';
import { NO_STREAM, RevisionConflict } from '../ports.ts';
import type { Opened } from './opened-event-store.ts';
import { freshName, sampleEvent, sampleEvents } from './sample-events.ts';

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`resolved with ${String(value)}, a rejection was expected`);
    },
    (error: unknown) => error,
  );
}

const conflict = (stream: string, expected: number, actual: number): unknown =>
  expect.objectContaining({ name: 'RevisionConflict', stream, expected, actual });

export function testAppends(opened: Opened): void {
  describe('append', () => {
    it('gives an event back as it was appended, with its stream, revision and position', async () => {
      const { store } = opened();
      const stream = freshName('a');
      const event = { ...sampleEvent({ price: '0.10', nested: { list: [1, null, 'x'] } }), channelId: null };
      const { revision, position } = await store.append({ stream, expected: NO_STREAM, events: [event] });
      expect(revision).toBe(0);
      expect(await store.readStream(stream)).toEqual([{ ...event, stream, revision: 0, position }]);
    });

    it('keeps text of every script, and large data, to the last character', async () => {
      const { store } = opened();
      const stream = freshName('a');
      const data = { text: 'Übergröße 信号 🚀 عربى \u2028 "quoted" \\ \u0001', large: 'é'.repeat(200_000) };
      await store.append({ stream, expected: NO_STREAM, events: [sampleEvent(data)] });
      expect((await store.readStream(stream))[0]?.data).toEqual(data);
    });

    it('appends several events as one, with revisions that follow each other and positions that grow', async () => {
      const { store } = opened();
      const stream = freshName('a');
      const first = await store.append({ stream, expected: NO_STREAM, events: sampleEvents(3) });
      const second = await store.append({ stream, expected: 2, events: sampleEvents(2, 3) });
      const events = await store.readStream(stream);
      expect(events.map(({ revision, data }) => [revision, data])).toEqual([0, 1, 2, 3, 4].map((n) => [n, { n }]));
      expect(first).toEqual({ revision: 2, position: events[2]!.position });
      expect(second).toEqual({ revision: 4, position: events[4]!.position });
      for (let n = 1; n < events.length; n += 1) expect(events[n]!.position).toBeGreaterThan(events[n - 1]!.position);
    });

    it('refuses another revision than the stream is at, tells which it is, and writes nothing', async () => {
      const { store } = opened();
      const stream = freshName('a');
      expect(await rejection(store.append({ stream, expected: 0, events: [sampleEvent()] }))).toEqual(
        conflict(stream, 0, -1),
      );
      await store.append({ stream, expected: NO_STREAM, events: sampleEvents(2) });
      expect(await rejection(store.append({ stream, expected: NO_STREAM, events: [sampleEvent()] }))).toEqual(
        conflict(stream, NO_STREAM, 1),
      );
      expect(await rejection(store.append({ stream, expected: 0, events: sampleEvents(3) }))).toEqual(
        conflict(stream, 0, 1),
      );
      expect(await rejection(store.append({ stream, expected: 7, events: sampleEvents(3) }))).toEqual(
        conflict(stream, 7, 1),
      );
      expect(await store.readStream(stream)).toHaveLength(2);
    });

    it('answers a repeat of the same events at the same revision as the first time, also after later events', async () => {
      const { store } = opened();
      const stream = freshName('a');
      const append = { stream, expected: NO_STREAM, events: sampleEvents(3) };
      const first = await store.append(append);
      expect(await store.append(append)).toEqual(first);
      const later = { stream, expected: 2, events: sampleEvents(2, 3) };
      const second = await store.append(later);
      expect(await store.append(append)).toEqual(first);
      expect(await store.append(later)).toEqual(second);
      expect(await store.readStream(stream)).toHaveLength(5);
    });

    it('answers a repeat of the beginning of a batch with where that beginning ends', async () => {
      const { store } = opened();
      const stream = freshName('a');
      const events = sampleEvents(3);
      await store.append({ stream, expected: NO_STREAM, events });
      const repeated = await store.append({ stream, expected: NO_STREAM, events: events.slice(0, 2) });
      expect(repeated.revision).toBe(1);
      expect(await store.readStream(stream)).toHaveLength(3);
    });

    it('does not take the same events in another order, nor old ones with a new one, for a repeat', async () => {
      const { store } = opened();
      const stream = freshName('a');
      const [one, two] = sampleEvents(2) as [ReturnType<typeof sampleEvent>, ReturnType<typeof sampleEvent>];
      await store.append({ stream, expected: NO_STREAM, events: [one, two] });
      const wrong = [
        [two, one],
        [one, two, sampleEvent()],
        [one, sampleEvent()],
        [sampleEvent(), two],
      ];
      for (const events of wrong) {
        expect(await rejection(store.append({ stream, expected: NO_STREAM, events }))).toBeInstanceOf(RevisionConflict);
      }
      expect((await store.readStream(stream)).map(({ id }) => id)).toEqual([one.id, two.id]);
    });
  });

  describe('appendAll, where there is one', () => {
    it('appends to several streams or, when one of them is elsewhere, to none', async () => {
      const { store } = opened();
      if (store.appendAll === undefined) return;
      const [left, right] = [freshName('a'), freshName('a')];
      const both = [left, right].map((stream) => ({ stream, expected: NO_STREAM, events: sampleEvents(2) }));
      const appended = await store.appendAll(both);
      expect(appended.map(({ revision }) => revision)).toEqual([1, 1]);
      expect(appended[1]!.position).toBe((await store.readStream(right))[1]!.position);

      const fresh = freshName('a');
      const half = [
        { stream: fresh, expected: NO_STREAM, events: [sampleEvent()] },
        { stream: right, expected: 0, events: [sampleEvent()] },
      ];
      expect(await rejection(store.appendAll(half))).toEqual(conflict(right, 0, 1));
      expect(await rejection(store.appendAll(half.toReversed()))).toEqual(conflict(right, 0, 1));
      expect(await store.readStream(fresh)).toEqual([]);
      expect(await store.readStream(right)).toHaveLength(2);
    });

    it('answers a repeat as the first time', async () => {
      const { store } = opened();
      if (store.appendAll === undefined) return;
      const both = [freshName('a'), freshName('a')].map((stream) => ({
        stream,
        expected: NO_STREAM,
        events: sampleEvents(2),
      }));
      expect(await store.appendAll(both)).toEqual(await store.appendAll(both));
    });

    it('names the first of several streams that are elsewhere', async () => {
      const { store } = opened();
      if (store.appendAll === undefined) return;
      const [left, right] = [freshName('a'), freshName('a')];
      const appends = [left, right].map((stream) => ({ stream, expected: 4, events: [sampleEvent()] }));
      expect(await rejection(store.appendAll(appends))).toEqual(conflict(left, 4, -1));
    });
  });
}
