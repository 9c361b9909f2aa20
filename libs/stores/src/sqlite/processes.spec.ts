import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { type EventStore, NO_STREAM, RevisionConflict } from '#libs/sourcing';
import { collect } from '../../../sourcing/src/testing/event-store-subscriptions.ts';
import { sampleEvent } from '../../../sourcing/src/testing/sample-events.ts';
import { openSqliteEventStore } from './event-store.ts';
import { scratchFile } from '../testing/scratch.ts';

const run = promisify(execFile);

/** Runs a program in a process of its own; `openSqliteEventStore` and `path` are there. Answers what it printed. */
async function elsewhere(path: string, program: string): Promise<string> {
  const module = `const { openSqliteEventStore } = await import(${JSON.stringify(new URL('./event-store.ts', import.meta.url).href)});
    const path = ${JSON.stringify(path)};\n${program}`;
  const { stdout } = await run(process.execPath, ['--conditions=mono-source', '--input-type=module', '-e', module], {
    timeout: 30_000,
  });
  return stdout;
}

const insist = async (store: EventStore, stream: string, times: number): Promise<void> => {
  let expected = NO_STREAM;
  for (let done = 0; done < times;) {
    try {
      expected = (await store.append({ stream, expected, events: [sampleEvent({ by: 'here' })] })).revision;
      done += 1;
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      expected = error.actual;
    }
  }
};

describe('two processes', () => {
  const path = scratchFile('events.db');
  const other = scratchFile('other.db');

  it('write one log: positions unique, revisions without gaps, and each is told what the other appends', async () => {
    const store = openSqliteEventStore(path);
    const following = collect(store, 0n, 600, 'shared');
    const program = `
      const store = openSqliteEventStore(path);
      const { randomUUID } = await import('node:crypto');
      let expected = -1;
      for (let done = 0; done < 300; ) {
        const event = { id: randomUUID(), type: 'T', time: '', channelId: null, data: { by: 'there' }, metadata: {} };
        try { expected = (await store.append({ stream: 'shared', expected, events: [event] })).revision; done += 1; }
        catch (error) { if (error.name !== 'RevisionConflict') throw error; expected = error.actual; }
      }
      await store.close();`;
    await Promise.all([elsewhere(path, program), insist(store, 'shared', 300)]);
    const told = await following;
    const events = await store.readStream('shared');
    expect(events.map(({ revision }) => revision)).toEqual(Array.from({ length: 600 }, (_, n) => n));
    expect(told).toEqual(events);
    expect(new Set(events.map(({ position }) => position)).size).toBe(600);
    for (const by of ['here', 'there'])
      expect(events.filter(({ data }) => (data as { by: string }).by === by)).toHaveLength(300);
    await store.close();
  }, 60_000);

  it('end by themselves with an open log that nobody asks anything', async () => {
    const printed = await elsewhere(
      other,
      `
      const store = openSqliteEventStore(path);
      await store.append({ stream: 's', expected: -1, events: [{ id: 'i', type: 'T', time: '', channelId: null, data: {}, metadata: {} }] });
      console.log((await store.readStream('s')).length);`,
    );
    expect(printed).toBe('1\n');
  }, 30_000);
});
