import { beforeEach, describe, expect, it } from '@jest/globals';
import { derivedEventId, type EventStore, newId, type View, type ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { describeProgress, startProgress } from './progress.ts';
import { listParked, rebuildView, viewNamed } from './views.ts';

/** Knows how far each stream is; can't take those of the type `Poison`. */
const revisions: View = {
  name: 'revisions',
  version: 1,
  streamPrefix: 'signal-',
  project: (_document, event) => {
    if (event.type === 'Poison') throw new Error('poisoned');
    return { id: event.stream, revision: event.revision };
  },
  fields: () => ({}),
  fieldTypes: {},
  indexes: [],
};

const silent = { update: () => undefined, end: () => undefined };

describe('rebuild', () => {
  let events: EventStore;
  let views: ViewStore;

  beforeEach(async () => {
    events = createMemoryEventStore();
    views = createMemoryViewStore();
    for (let stream = 0; stream < 5; stream += 1) {
      const made = Array.from({ length: 1_000 }, (_, index) => {
        const commandId = newId(Date.now());
        const time = new Date().toISOString();
        const metadata = {
          commandId,
          requestId: 'r',
          dialect: 'anny',
          actor: 'x',
          keyId: null,
          receivedAt: time,
          schemaVersion: 1,
        };
        return {
          id: derivedEventId(commandId, 0),
          type: stream === 4 && index === 3 ? 'Poison' : 'Happened',
          time,
          channelId: null,
          data: {},
          metadata,
        };
      });
      await events.append({ stream: `signal-${stream}`, expected: -1, events: made });
    }
  });

  it('tells view, version, events and time, and what it parked is listed', async () => {
    const rebuilt = await rebuildView(
      revisions,
      { events, views },
      { signal: new AbortController().signal, afresh: false, progress: silent },
    );
    expect(rebuilt).toEqual({ view: 'revisions', version: '1.1', events: 5_000, seconds: expect.any(Number) });
    expect(await listParked([revisions], views)).toEqual({
      parked: [{ view: 'revisions', stream: 'signal-4', position: '4004', reason: 'poisoned' }],
    });
  });

  it('stops when asked and goes on with what is unfinished', async () => {
    const controller = new AbortController();
    const progress = { ...silent, update: () => controller.abort() };
    const stopped = rebuildView(revisions, { events, views }, { signal: controller.signal, afresh: false, progress });
    await expect(stopped).rejects.toMatchObject({ code: 'stopped', message: expect.stringContaining('20%') });
    const rebuilt = await rebuildView(
      revisions,
      { events, views },
      { signal: new AbortController().signal, afresh: false, progress: silent },
    );
    expect(rebuilt).toMatchObject({ version: '1.1', events: 4_000 });
  });

  it('begins again when asked', async () => {
    const controller = new AbortController();
    const progress = { ...silent, update: () => controller.abort() };
    await rebuildView(revisions, { events, views }, { signal: controller.signal, afresh: false, progress }).catch(
      () => undefined,
    );
    const rebuilt = await rebuildView(
      revisions,
      { events, views },
      { signal: new AbortController().signal, afresh: true, progress: silent },
    );
    expect(rebuilt.events).toBe(5_000);
  });

  it('knows its views by name', () => {
    expect(viewNamed('signals').name).toBe('signals');
    expect(() => viewNamed('nothing')).toThrow('there are: signals');
  });
});

describe('progress', () => {
  const at = { done: 600, total: 1_000, events: 1_234, first: 200, seconds: 2 };

  it('tells percent, speed and the time left of this run', () => {
    expect(describeProgress(at)).toBe('60%  1,234 events  617 events/s  ETA 2 s');
    expect(describeProgress({ ...at, total: 0 })).toBe('1,234 events  617 events/s');
  });

  it('draws a bar on a terminal, and takes it away', () => {
    const written: string[] = [];
    const progress = startProgress('rebuild', {
      quiet: true,
      target: { isTTY: true, write: (text) => written.push(text) },
    });
    progress.update(50, 100, 50);
    progress.end();
    expect(written[0]).toContain('rebuild [############............] 50%');
    expect(written.at(-1)).toBe('\r\x1b[2K');
  });

  it('says nothing of short work where there is no terminal', () => {
    const written: string[] = [];
    const progress = startProgress('rebuild', { target: { write: (text) => written.push(text) } });
    progress.update(50, 100, 50);
    progress.end();
    expect(written).toEqual([]);
  });
});
