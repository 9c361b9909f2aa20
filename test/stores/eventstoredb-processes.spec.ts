/** Processes that use an EventStoreDB: nothing it does to them ends them, and nothing keeps them from ending. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

const moduleAt = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Runs a program in a process of its own, with what opens stores and doubles at hand. Answers the JSON it printed. */
async function elsewhere(program: string): Promise<unknown> {
  const module = `
    const { openEventStoreDb } = await import(${moduleAt('../../libs/stores/src/eventstoredb/event-store.ts')});
    const { startEventStoreDouble } = await import(${moduleAt('../support/eventstore-double/double.ts')});
    const { randomUUID } = await import('node:crypto');
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const event = (data = {}) => ({ id: randomUUID(), type: 'T', time: '', channelId: null, data, metadata: {} });
    const unheard = [];
    for (const kind of ['unhandledRejection', 'uncaughtException']) process.on(kind, () => unheard.push(kind));
    ${program}`;
  const { stdout } = await run(process.execPath, ['--conditions=mono-source', '--input-type=module', '-e', module], {
    timeout: 60_000,
  });
  return JSON.parse(stdout);
}

/** A hundred large appends are under way to a server that dies; a few to another are answered only after that. */
const ONE_OF_TWO_DIES = (append: string, open: string): string => `
  const [dying, other] = [await startEventStoreDouble(), await startEventStoreDouble()];
  const open = async (url) => { ${open} };
  const append = ${append};
  const [left, right] = [await open(dying.url), await open(other.url)];
  await append(left, 'first', {});
  await append(right, 'first', {});
  dying.fail(() => ({ answeredAfter: 1_000_000 }));
  other.fail(() => ({ answeredAfter: 1_000 }));
  const text = 'x'.repeat(500_000);
  const named = (results) => results.map((result) => (result.status === 'fulfilled' ? 'done' : result.reason.name));
  const told = (results) => [...new Set(named(results))].toSorted();
  const all = (store, name, data, count) =>
    Promise.allSettled(Array.from({ length: count }, (_, n) => append(store, name + n, data)));
  const ends = Promise.all([all(left, 'l', { text }, 100), all(right, 'r', {}, 10)]);
  while (dying.appends() < 10 || other.appends() < 10) await sleep(10);
  await dying.close();
  const [lost, kept] = await Promise.race([ends, sleep(15_000).then(() => [[], []])]);
  // Late answers and unheard rejections need some turns to come up.
  await sleep(500);
  console.log(JSON.stringify({ lost: told(lost), kept: told(kept), unheard: [...new Set(unheard)] }));
  process.exit(0);`;

describe('a process with stores on two servers', () => {
  it('goes on when one of them dies under a load: its appends end one way or another, those to the other are answered', async () => {
    const result = (await elsewhere(
      ONE_OF_TWO_DIES(
        `(store, stream, data) => store.append({ stream, expected: -1, events: [event(data)] })`,
        'return openEventStoreDb(url);',
      ),
    )) as { lost: string[]; kept: string[]; unheard: string[] };
    expect(result.kept).toEqual(['done']);
    expect(result.unheard).toEqual([]);
    // Those on their way are unknown, those that waited were never sent.
    expect(result.lost).toEqual(['OutcomeUnknown', 'StoreUnavailable']);
  }, 90_000);

  it("would not with the client's own command for appends: the day this fails, that command may be used", async () => {
    const result = (await elsewhere(
      ONE_OF_TWO_DIES(
        `(client, stream, data) =>
          client.appendToStream(stream, { ...event(data), contentType: 'application/json' }, { expectedRevision: 'no_stream' })`,
        `const { EventStoreDBClient } = (await import('@eventstore/db-client')).default;
         return EventStoreDBClient.connectionString(url);`,
      ),
    )) as { lost: string[]; kept: string[]; unheard: string[] };
    expect(result.kept).toContain('Error');
    expect(result.unheard).not.toEqual([]);
  }, 90_000);
});

describe('a process with a closed store', () => {
  it('ends by itself', async () => {
    const revision = await elsewhere(`
      const double = await startEventStoreDouble();
      const store = await openEventStoreDb(double.url);
      const { revision } = await store.append({ stream: 's', expected: -1, events: [event()] });
      for await (const _page of store.subscribe(0n, { signal: new AbortController().signal })) break;
      await store.close();
      await double.close();
      console.log(revision);`);
    expect(revision).toBe(0);
  }, 90_000);
});
