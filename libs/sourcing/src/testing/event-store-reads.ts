/** Contract of the reads. */
import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../events.ts';
import { type EventStore, NO_STREAM } from '../ports.ts';
import type { Opened } from './opened-event-store.ts';
import { freshName, sampleEvent, sampleEvents } from './sample-events.ts';

/** All events after a position, read in pages until the head is reached. */
async function readToHead(store: EventStore, after: bigint, limit: number, prefix?: string): Promise<RecordedEvent[]> {
  const head = await store.head();
  const events: RecordedEvent[] = [];
  let checkpoint = after;
  while (checkpoint < head) {
    const page = await store.readAll(checkpoint, limit, prefix);
    expect(page.events.length).toBeLessThanOrEqual(limit);
    expect(page.checkpoint).toBeGreaterThan(checkpoint);
    checkpoint = page.checkpoint;
    events.push(...page.events);
  }
  return events;
}

const ids = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

export function testReads(opened: Opened, replace: (store: EventStore) => void): void {
  describe('reading', () => {
    it('reads a stream of more than a thousand events whole, and from a revision on', async () => {
      const { store } = opened();
      const stream = freshName('r');
      const events = sampleEvents(1_205);
      for (let at = 0; at < events.length; at += 241)
        await store.append({ stream, expected: at - 1, events: events.slice(at, at + 241) });
      const all = await store.readStream(stream);
      expect(ids(all)).toEqual(ids(events));
      expect(all.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
      expect(ids(await store.readStream(stream, 1_200))).toEqual(ids(events.slice(1_200)));
      expect(await store.readStream(stream, 1_205)).toEqual([]);
    }, 30_000);

    it('finds nothing in a stream that does not exist', async () => {
      expect(await opened().store.readStream(freshName('r'))).toEqual([]);
    });

    it('reads the whole log in order, page by page, whatever the size of the page', async () => {
      const { store } = opened();
      const before = await store.head();
      const appended: string[] = [];
      for (let n = 0; n < 10; n += 1) {
        const events = sampleEvents(3);
        await store.append({ stream: freshName('r'), expected: NO_STREAM, events });
        appended.push(...ids(events));
      }
      for (const limit of [1, 7, 30, 500]) {
        const found = (await readToHead(store, before, limit)).filter(({ id }) => appended.includes(id));
        expect(ids(found)).toEqual(appended);
      }
    });

    it('keeps to streams of a prefix, and gets past all others', async () => {
      const { store } = opened();
      const before = await store.head();
      const prefix = freshName('wanted');
      const wanted = sampleEvents(3);
      for (const event of wanted) {
        for (let n = 0; n < 3; n += 1)
          await store.append({ stream: freshName('r'), expected: NO_STREAM, events: sampleEvents(20) });
        await store.append({ stream: freshName(prefix), expected: NO_STREAM, events: [event] });
      }
      await store.append({ stream: freshName('r'), expected: NO_STREAM, events: sampleEvents(60) });
      for (const limit of [1, 2, 100]) expect(ids(await readToHead(store, before, limit, prefix))).toEqual(ids(wanted));
      expect(await readToHead(store, before, 10, freshName('none'))).toEqual([]);
    }, 30_000);

    it('does not mistake a longer or a shorter name for the prefix', async () => {
      const { store } = opened();
      const before = await store.head();
      const prefix = `${freshName('p')}-`;
      await store.append({ stream: prefix.slice(0, -1), expected: NO_STREAM, events: [sampleEvent()] });
      await store.append({ stream: `x${prefix}1`, expected: NO_STREAM, events: [sampleEvent()] });
      const mine = sampleEvent();
      await store.append({ stream: `${prefix}1`, expected: NO_STREAM, events: [mine] });
      expect(ids(await readToHead(store, before, 10, prefix))).toEqual([mine.id]);
    });

    it('has nothing after its head, which moves with each append', async () => {
      const { store } = opened();
      const before = await store.head();
      const { position } = await store.append({ stream: freshName('r'), expected: NO_STREAM, events: [sampleEvent()] });
      expect(position).toBeGreaterThan(before);
      const head = await store.head();
      expect(head).toBeGreaterThanOrEqual(position);
      const { events, checkpoint } = await store.readAll(head, 10, freshName('none'));
      expect(events).toEqual([]);
      expect(checkpoint).toBeGreaterThanOrEqual(head);
    });

    it('has an id that stays, like its events, when it is closed and opened again', async () => {
      const { store, reopen } = opened();
      const id = await store.id();
      expect(id).not.toBe('');
      expect(await store.id()).toBe(id);
      if (reopen === undefined) return;
      const stream = freshName('r');
      const events = sampleEvents(2);
      await store.append({ stream, expected: NO_STREAM, events });
      const again = await reopen();
      replace(again);
      expect(await again.id()).toBe(id);
      expect(ids(await again.readStream(stream))).toEqual(ids(events));
    });

    it('says that it takes writes', async () => {
      await expect(opened().store.ready()).resolves.toBeUndefined();
    });
  });
}
