import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createHandle, type EventStore, NO_STREAM, OutcomeUnknown } from '#libs/sourcing';
import { accountStream, handledAccount, metadata } from '../../../sourcing/src/testing/account.ts';
import { rejection } from '../../../sourcing/src/testing/event-store-appends.ts';
import { freshName, sampleEvent } from '../../../sourcing/src/testing/sample-events.ts';
import { openSqliteEventStore } from './event-store.ts';

const run = (command: string, ...args: string[]): void => {
  execFileSync(command, args, { stdio: 'pipe' });
};

/** A file system of 2 MB, or why there can't be one here. */
function smallDisk(): { folder: string } | { refused: string } {
  const folder = mkdtempSync(join(tmpdir(), 'signal-ledger-disk-'));
  try {
    run('mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder);
  } catch (error) {
    rmSync(folder, { recursive: true });
    return { refused: (error as Error).message.split('\n').at(-1)?.trim() || 'no mount here' };
  }
  afterAll(() => {
    // Lazily: after a failed test a store may still be open.
    run('umount', '-l', folder);
    rmSync(folder, { recursive: true });
  });
  return { folder };
}

/** Leaves no byte on the disk, until it is emptied again. */
function fill(folder: string): () => void {
  const ballast = join(folder, 'ballast');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, Buffer.alloc(bavail * bsize));
  return () => rmSync(ballast);
}

const disk = smallDisk();
if ('refused' in disk) {
  it.skip(`a full disk (needs the right to mount a small one: ${disk.refused})`, () => undefined);
} else {
  describe.each([
    ['on threads', true],
    ['in place', false],
  ])('an event log on a full disk, %s', (_name, threads) => {
    const path = join(disk.folder, `events-${String(threads)}.db`);
    const open = () => openSqliteEventStore(path, { threads });
    const ids = async (store: EventStore) => (await store.readAll(0n, 10_000)).events.map(({ id }) => id);

    it('does not know the outcome, is not ready, loses nothing, and goes on by itself once there is room', async () => {
      const store = open();
      const acknowledged: string[] = [];
      const append = () => ({
        stream: freshName('d'),
        expected: NO_STREAM,
        events: [sampleEvent({ text: 'x'.repeat(2_000) })],
      });
      const keep = async (one: ReturnType<typeof append>) => {
        await store.append(one);
        acknowledged.push(one.events[0]!.id);
      };
      for (let n = 0; n < 10; n += 1) await keep(append());
      for (let round = 0; round < 3; round += 1) {
        const empty = fill(disk.folder);
        const failed: ReturnType<typeof append>[] = [];
        for (let n = 0; n < 100 && failed.length < 5; n += 1) {
          const one = append();
          await keep(one).catch((error: unknown) => {
            expect(error).toBeInstanceOf(OutcomeUnknown);
            failed.push(one);
          });
        }
        expect(failed).toHaveLength(5);
        expect(await rejection(store.ready())).toEqual(
          expect.objectContaining({ message: expect.stringContaining('the event log takes no writes: ') }),
        );
        expect(await ids(store)).toEqual(acknowledged);

        empty();
        await store.ready();
        await keep(append());
        for (const one of failed) await keep(one);
        expect(await ids(store)).toEqual(acknowledged);
        await store.ready();
      }
      await store.close();
      const again = open();
      expect(await ids(again)).toEqual(acknowledged);
      await again.close();
    });

    it('is ready again after it was asked, without anything being appended', async () => {
      const store = open();
      const empty = fill(disk.folder);
      const failures: unknown[] = [];
      while (failures.length < 2)
        await store
          .append({ stream: freshName('d'), expected: NO_STREAM, events: [sampleEvent({ text: 'x'.repeat(20_000) })] })
          .catch((error: unknown) => failures.push(error));
      expect(await rejection(store.ready())).toBeInstanceOf(Error);
      expect(await rejection(store.ready())).toBeInstanceOf(Error);
      empty();
      await expect(store.ready()).resolves.toBeUndefined();
      await store.close();
    });

    it('makes a command fail as unknown, and succeed under the same key when there is room', async () => {
      const store = open();
      const handle = createHandle(handledAccount, store);
      const name = freshName('d');
      await handle({ type: 'open', account: name }, metadata());
      const key = { channelId: 'channel-1', kind: 'header', key: freshName('key'), fingerprint: 'body' };
      const deposit = { type: 'deposit-in-parts', account: name, parts: Array<number>(300).fill(1) } as const;
      const empty = fill(disk.folder);
      expect(await rejection(handle(deposit, metadata(), key))).toBeInstanceOf(OutcomeUnknown);
      empty();
      expect(await handle(deposit, metadata(), key)).toEqual(
        expect.objectContaining({ done: true, repeated: false, revision: 300 }),
      );
      expect(await store.readStream(accountStream(name))).toHaveLength(301);
      await store.close();
    });
  });
}
