import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { derivedEventId, type EventStore, newId, type NewEvent } from '#libs/sourcing';
import { createMemoryEventStore, openEventStore } from '#libs/stores';
import { exportEvents, exportToFile } from './export.ts';
import { importEvents } from './import.ts';

const silent = { update: () => undefined, end: () => undefined };
const quietly = { signal: new AbortController().signal, progress: silent };

function newEvent(type: string, data: object = {}, requestId = 'r'): NewEvent {
  const commandId = newId(Date.now());
  const time = new Date().toISOString();
  const metadata = {
    commandId,
    requestId,
    dialect: 'anny',
    actor: 'channel:c',
    keyId: null,
    receivedAt: time,
    schemaVersion: 1,
  };
  return { id: derivedEventId(commandId, 0), type, time, channelId: 'c', data, metadata };
}

/** Some streams, interleaved, one of them with several events to an append. */
async function fill(store: EventStore): Promise<void> {
  const names = ['signal-a', 'signal-b', 'directory', 'signal-c'];
  for (let round = 0; round < 40; round += 1) {
    for (const stream of names) {
      const data = {
        targets: { '2': '1.50', '1': '1.20' },
        note: `"\u2028\ud800 ${round}`,
        __proto__: null,
        z: 1,
        a: [],
      };
      // What prices do comes with no request.
      const event = newEvent('Happened', data, stream === 'signal-b' ? '' : 'r');
      await store.append({ stream, expected: round - 1, events: [event] });
    }
  }
  await store.append({
    stream: 'signal-hot',
    expected: -1,
    events: Array.from({ length: 700 }, () => newEvent('Ticked')),
  });
}

async function exported(store: EventStore): Promise<string[]> {
  let text = '';
  await exportEvents(store, async (lines) => void (text += lines), quietly);
  return text.trimEnd().split('\n');
}

async function* chunksOf(lines: readonly string[], size = 1_000): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const importLines = (store: EventStore, lines: readonly string[]) => importEvents(store, chunksOf(lines), quietly);

/** A line with something in its event changed. */
function tampered(line: string, change: object): string {
  return JSON.stringify({ ...(JSON.parse(line) as object), ...change });
}

describe('export and import', () => {
  let folder: string;
  let source: EventStore;
  let lines: string[];
  let stores = 0;
  const opened: EventStore[] = [];

  async function emptyStore(): Promise<EventStore> {
    stores += 1;
    const store = await openEventStore(`sqlite:${join(folder, `${stores}.db`)}`, { threads: false });
    opened.push(store);
    return store;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'signal-ledger-transfer-'));
    source = await emptyStore();
    await fill(source);
    lines = await exported(source);
  });

  afterAll(async () => {
    for (const store of opened) await store.close();
    await rm(folder, { recursive: true });
  });

  it('begin with a header and tell every event in order', async () => {
    expect(JSON.parse(lines[0]!)).toEqual({ signal_ledger_export: 1, store_id: await source.id(), head: '860' });
    expect(lines).toHaveLength(861);
    expect(lines.slice(1).map((line) => (JSON.parse(line) as { position: string }).position)).toEqual(
      Array.from({ length: 860 }, (_, index) => String(index + 1)),
    );
  });

  it('give a second store the same log, byte for byte', async () => {
    const target = await emptyStore();
    expect(await importLines(target, lines)).toEqual({ added: 860, already_there: 0 });
    expect((await exported(target)).slice(1)).toEqual(lines.slice(1));
    expect(await target.id()).not.toBe(await source.id());
  });

  it.each([true, false])('work on stores that take %s for appends to several streams', async (atomic) => {
    const target = createMemoryEventStore({ atomic });
    expect(await importLines(target, lines)).toEqual({ added: 860, already_there: 0 });
    expect((await exported(target)).slice(1)).toEqual(lines.slice(1));
  });

  it('add nothing a second time, nor to the store they came from', async () => {
    const target = await emptyStore();
    await importLines(target, lines);
    expect(await importLines(target, lines)).toEqual({ added: 0, already_there: 860 });
    expect(await importLines(source, lines)).toEqual({ added: 0, already_there: 860 });
    expect(await target.head()).toBe(860n);
  });

  it.each([1, 77, 500, 501, 859])('go on where an import was cut after %d events', async (cut) => {
    const target = await emptyStore();
    await expect(importLines(target, lines.slice(0, cut + 1))).rejects.toMatchObject({ code: 'export_incomplete' });
    expect(await target.head()).toBe(BigInt(cut));
    expect(await importLines(target, lines)).toEqual({ added: 860 - cut, already_there: cut });
    expect((await exported(target)).slice(1)).toEqual(lines.slice(1));
  });

  it('add nothing to a store that has gone on since', async () => {
    const target = await emptyStore();
    await importLines(target, lines);
    await target.append({ stream: 'signal-new', expected: -1, events: [newEvent('Happened')] });
    expect(await importLines(target, lines)).toEqual({ added: 0, already_there: 860 });
  });

  it('take up what is new in a later export of the same ledger', async () => {
    const [first, target] = [await emptyStore(), await emptyStore()];
    await importLines(first, lines);
    await importLines(target, lines);
    await first.append({ stream: 'signal-a', expected: 39, events: [newEvent('Happened'), newEvent('Happened')] });
    expect(await importLines(target, await exported(first))).toEqual({ added: 2, already_there: 860 });
  });

  it.each([
    ['data', { data: { other: 1 } }],
    ['an id', { id: '11111111-1111-4111-8111-111111111111' }],
    ['a time', { time: '2020-01-01T00:00:00.000Z' }],
    ['a channel', { channelId: 'other' }],
    ['a type', { type: 'Other' }],
  ])('name stream and revision where %s differs from what is there', async (_what, change) => {
    const other = lines.with(6, tampered(lines[6]!, change));
    await expect(importLines(source, other)).rejects.toMatchObject({
      code: 'event_differs',
      message: expect.stringContaining('signal-b revision 1'),
    });
    expect(await source.head()).toBe(860n);
  });

  it.each([
    ['not JSON', '{"id":', 'it is not JSON'],
    ['a time without milliseconds', { time: '2026-01-01T00:00:00Z' }, 'time'],
    ['a revision that is none', { revision: -1 }, 'revision'],
    ['an id that is none', { id: 'x' }, 'id'],
    ['data that is no object', { data: [] }, 'data'],
    ['metadata without a command', { metadata: {} }, 'metadata.commandId'],
    ['a field of its own', { extra: 1 }, 'extra'],
    ['a position twice', { position: '4' }, 'position'],
    ['a position beyond the head', { position: '9999' }, 'head'],
  ])('refuse %s and name the line', async (_what, change, told) => {
    const line = typeof change === 'string' ? change : tampered(lines[5]!, change);
    const refused = importLines(await emptyStore(), lines.with(5, line));
    await expect(refused).rejects.toMatchObject({
      code: 'bad_line',
      message: expect.stringMatching(`^line 6: .*${told}`),
    });
  });

  it('refuse a log with a hole, and one in another order', async () => {
    await expect(importLines(await emptyStore(), lines.toSpliced(6, 1))).rejects.toMatchObject({
      code: 'events_missing',
      message: expect.stringContaining('signal-b revision 2'),
    });
    const target = await emptyStore();
    const b = JSON.parse(lines[2]!) as NewEvent;
    await target.append({ stream: 'signal-b', expected: -1, events: [b] });
    await expect(importLines(target, lines)).rejects.toMatchObject({ code: 'order_differs' });
  });

  it.each([[[]], [['{}']], [['{"signal_ledger_export":2,"store_id":"x","head":"0"}']]])(
    'refuse what is no export: %j',
    async (text) => {
      await expect(importLines(await emptyStore(), text)).rejects.toMatchObject({ code: 'not_an_export' });
    },
  );

  it('stop after a whole event, and go on when run again', async () => {
    const target = await emptyStore();
    const controller = new AbortController();
    let seen = 0;
    const progress = {
      ...silent,
      update: () => {
        seen += 1;
        if (seen === 123) controller.abort();
      },
    };
    await expect(importEvents(target, chunksOf(lines), { signal: controller.signal, progress })).rejects.toMatchObject({
      code: 'stopped',
    });
    expect(await target.head()).toBe(123n);
    expect(await importLines(target, lines)).toEqual({ added: 737, already_there: 123 });
  });

  it('carry an empty ledger', async () => {
    const [empty, target] = [await emptyStore(), await emptyStore()];
    expect(await importLines(target, await exported(empty))).toEqual({ added: 0, already_there: 0 });
  });

  it('make a file that is whole or not there', async () => {
    const path = join(folder, 'whole', 'export.jsonl');
    await expect(exportToFile(source, path, quietly)).rejects.toThrow('ENOENT');
    const file = join(folder, 'export.jsonl');
    await exportToFile(source, file, quietly);
    expect(await readFile(file, 'utf8')).toBe(`${lines.join('\n')}\n`);

    const stopped = AbortSignal.abort();
    await writeFile(file, 'as it was');
    await expect(exportToFile(source, file, { ...quietly, signal: stopped })).rejects.toMatchObject({
      code: 'stopped',
    });
    expect(await readFile(file, 'utf8')).toBe('as it was');
    expect((await readdir(folder)).filter((name) => name.includes('unfinished'))).toEqual([]);
  });
});
