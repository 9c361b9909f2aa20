/** Contract of `subscribe`. */
import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '../events.ts';
import { type EventStore, NO_STREAM } from '../ports.ts';
import type { Opened } from './opened-event-store.ts';
import { freshName, sampleEvent, sampleEvents } from './sample-events.ts';

/** Follows the log until so many events have come, or until it has been quiet about them for too long. */
export async function collect(
  store: EventStore,
  after: bigint,
  wanted: number,
  prefix: string,
  limit = 500,
): Promise<RecordedEvent[]> {
  const stop = new AbortController();
  const patience = setTimeout(() => stop.abort(), 20_000);
  const events: RecordedEvent[] = [];
  let checkpoint = after;
  for await (const page of store.subscribe(after, { prefix, limit, signal: stop.signal })) {
    expect(page.events.length).toBeLessThanOrEqual(limit);
    expect(page.checkpoint).toBeGreaterThanOrEqual(checkpoint);
    checkpoint = page.checkpoint;
    events.push(...page.events);
    if (events.length >= wanted) stop.abort();
  }
  clearTimeout(patience);
  return events;
}

/** Some writers at once, each with streams of its own. */
export async function writeFrom(stores: readonly EventStore[], prefix: string, appends: number): Promise<string[]> {
  const written = await Promise.all(
    stores.map(async (store) => {
      const mine: string[] = [];
      for (let n = 0; n < appends; n += 1) {
        const events = sampleEvents(1 + (n % 3));
        await store.append({ stream: freshName(prefix), expected: NO_STREAM, events });
        for (const { id } of events) mine.push(id);
        if (n % 10 === 0) await sleep(1);
      }
      return mine;
    }),
  );
  return written.flat();
}

export function testSubscriptions(opened: Opened): void {
  describe('subscribe', () => {
    it('tells what is there and then what comes, in order, with no gap and no repeat, while others write', async () => {
      const { store } = opened();
      const prefix = freshName('s');
      const before = await store.head();
      const early = await writeFrom([store, store], prefix, 30);
      const total = early.length + 8 * 79;
      const following = [1, 20, 500].map((limit) => collect(store, before, total, prefix, limit));
      const late = await writeFrom(Array<EventStore>(8).fill(store), prefix, 40);
      expect(early.length + late.length).toBe(total);
      const [first, ...others] = await Promise.all(following);
      expect(first!.map(({ id }) => id).toSorted()).toEqual([...early, ...late].toSorted());
      for (let n = 1; n < total; n += 1) expect(first![n]!.position).toBeGreaterThan(first![n - 1]!.position);
      for (const other of others) expect(other).toEqual(first);
    }, 30_000);

    it('goes on after the position it is given', async () => {
      const { store } = opened();
      const prefix = freshName('s');
      const before = await store.head();
      await writeFrom([store], prefix, 20);
      const all = await collect(store, before, 39, prefix);
      const rest = await collect(store, all[14]!.position, 24, prefix);
      expect(rest).toEqual(all.slice(15));
    }, 30_000);

    it('moves its checkpoint past events it was not asked for', async () => {
      const { store } = opened();
      const stop = new AbortController();
      const before = await store.head();
      const { position } = await store.append({
        stream: freshName('other'),
        expected: NO_STREAM,
        events: sampleEvents(50),
      });
      const patience = setTimeout(() => stop.abort(), 20_000);
      let checkpoint = before;
      for await (const page of store.subscribe(before, { prefix: freshName('mine'), signal: stop.signal })) {
        expect(page.events).toEqual([]);
        checkpoint = page.checkpoint;
        if (checkpoint >= position) stop.abort();
      }
      clearTimeout(patience);
      expect(checkpoint).toBeGreaterThanOrEqual(position);
    }, 30_000);

    it('ends when its signal aborts: while it waits, while its reader is busy, and before it began', async () => {
      const { store } = opened();
      const prefix = freshName('s');
      const before = await store.head();
      await store.append({ stream: freshName(prefix), expected: NO_STREAM, events: [sampleEvent()] });

      const waiting = new AbortController();
      let seen = 0;
      for await (const page of store.subscribe(before, { prefix, signal: waiting.signal })) {
        seen += page.events.length;
        setTimeout(() => waiting.abort(), 50);
      }
      expect(seen).toBe(1);

      const busy = new AbortController();
      let batches = 0;
      for await (const page of store.subscribe(before, { prefix, signal: busy.signal, limit: 1 })) {
        batches += page.events.length;
        busy.abort();
        await store.append({ stream: freshName(prefix), expected: NO_STREAM, events: [sampleEvent()] });
      }
      expect(batches).toBe(1);

      for await (const page of store.subscribe(before, { prefix, signal: AbortSignal.abort() }))
        throw new Error(`a page of ${page.events.length}`);
    }, 30_000);
  });
}
