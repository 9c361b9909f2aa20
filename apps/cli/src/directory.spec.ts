/** The commands of the directory as processes, and what they leave in the data folder. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCoordination } from '#libs/stores';
import { type Commands, createCommands } from './testing/commands.ts';

type Printed = Readonly<Record<string, string>>;

describe('channels, strategies and keys', () => {
  let commands: Commands;
  let channel: string;
  /** Every key shown by any command here. */
  const shown: string[] = [];
  const json = (...args: string[]): Promise<Printed> => commands.json(...args) as Promise<Printed>;

  async function keyFrom(...args: string[]): Promise<Printed> {
    const issued = await json('key', ...args);
    for (const name of ['anny_api_key', 'anny_api_secret', 'api_key']) if (name in issued) shown.push(issued[name]!);
    return issued;
  }

  beforeAll(async () => {
    commands = await createCommands();
    channel = (await json('channel', 'add', 'desk'))['channel_id']!;
  });

  afterAll(() => commands.remove());

  it('change a channel and tell its new state', async () => {
    const row = { channel_id: channel, name: 'floor', sandbox: false, suspended: false, public: false };
    expect(await json('channel', 'rename', channel, 'floor')).toEqual(row);
    expect(await json('channel', 'suspend', channel, '--reason', 'leave')).toEqual({ ...row, suspended: true });
    const { stdout } = await commands.run(['channel', 'show', channel]);
    expect(stdout).toMatch(/state: +real, suspended, private\nsuspended: +since .*Z: leave\n/);
    expect(await json('channel', 'resume', channel)).toEqual(row);
    expect(await json('channel', 'public', channel)).toEqual({ ...row, public: true });
  }, 60_000);

  it('add and list strategies', async () => {
    const fade = { strategy_id: 'fade', name: 'Fade', exchange: 'both', active: true };
    const added = await json('strategy', 'add', channel, 'Fade', '--exchange', 'both', '--id', 'fade');
    expect(added).toEqual({ strategy_id: 'fade' });
    const changed = { channel_id: channel, ...fade, active: false };
    expect(await json('strategy', 'deactivate', channel, 'fade')).toEqual(changed);
    expect(await json('strategy', 'activate', channel, 'fade')).toEqual({ ...changed, active: true });
    expect(await json('strategy', 'list', channel)).toEqual({ strategies: [fade] });
    expect(await json('channel', 'show', channel)).toMatchObject({ public: true, strategies: [fade], keys: 0 });
  }, 60_000);

  it('issue and rotate keys of every dialect that nothing in the data folder tells', async () => {
    const rotated = [];
    for (const dialect of ['anny', 'nextprod', 'traderz']) {
      const { key_id } = await keyFrom('issue', channel, '--dialect', dialect, '--label', 'bot');
      const next = await keyFrom('rotate', key_id!, '--overlap', '0s');
      expect(next).toMatchObject({ dialect, replaces: key_id, old_key_expires_at: expect.stringMatching(/Z$/) });
      rotated.push(next);
    }
    const coordination = await openCoordination({ viewStoreUrl: '', dataDir: commands.data }, { threads: false });
    await coordination.touch([{ name: `key:${rotated[0]!['key_id']}`, at: Date.parse('2026-11-21T06:14:59.999Z') }]);
    const { keys } = (await commands.json('key', 'list', channel)) as { keys: Printed[] };
    expect(keys[0]).toMatchObject({ expires_at: rotated[0]!['old_key_expires_at'], last_used_at: null });
    expect(keys[1]).toMatchObject({ expires_at: null, last_used_at: '2026-11-21T06:14:00.000Z' });

    expect(shown).toHaveLength(8);
    // Still open: its write-ahead log is looked at too.
    const files = (await readdir(commands.data)).filter((name) => name.includes('.db'));
    expect(files).toEqual(expect.arrayContaining(['events.db', 'coordination.db', 'coordination.db-wal']));
    let found = false;
    for (const file of files) {
      const bytes = await readFile(join(commands.data, file));
      found ||= bytes.includes(rotated[0]!['key_id']!);
      for (const key of shown)
        expect([file, bytes.includes(key.replace(/^(anny|np_live|tzk)_/, ''))]).toEqual([file, false]);
    }
    expect(found).toBe(true);
    await coordination.close();
  }, 60_000);

  it('show a key once, and say so', async () => {
    const issued = await commands.run(['key', 'issue', channel, '--dialect', 'nextprod']);
    expect(issued).toMatchObject({ code: 0, stderr: '' });
    expect(issued.stdout).toMatch(
      /^key \w{32} \(nextprod, write\)\napi key: np_live_[\w-]{43}\nKeep it now: it is shown this once, and only its hash is stored\.\n$/,
    );
    const keyId = /^key (\w+)/.exec(issued.stdout)![1]!;
    const { stdout } = await commands.run(['key', 'rotate', keyId]);
    expect(stdout).toContain('shown this once');
    expect(stdout).toMatch(new RegExp(`The old key ${keyId} works until .*Z\\.\\n$`));
  }, 60_000);

  it('tell what is wrong: exit code 1 with code and field, 2 for wrong usage', async () => {
    const { key_id } = await keyFrom('issue', channel, '--dialect', 'traderz');
    const failures: [args: string[], code: string, field: string][] = [
      [['channel', 'show', 'x'], 'channel_not_found', 'channel_id'],
      [['channel', 'suspend', channel, '--reason', ''], 'reason_invalid', 'reason'],
      [['strategy', 'add', channel, 'Other', '--exchange', 'both', '--id', 'fade'], 'strategy_exists', 'strategy_id'],
      [['strategy', 'activate', channel, 'x'], 'strategy_not_found', 'strategy_id'],
      [['key', 'issue', channel, '--dialect', 'anny', '--label', ' '], 'label_invalid', 'label'],
      [['key', 'rotate', 'x'], 'key_not_found', 'key_id'],
      [['key', 'rotate', key_id!, '--overlap', '1w'], 'overlap_invalid', 'overlap'],
    ];
    for (const [args, code, field] of failures)
      expect(await commands.failure(...args)).toEqual({ code: 1, error: { code, field, message: expect.any(String) } });
    const usages = [
      ['strategy', 'add', channel, 'Other'],
      ['strategy', 'add', channel, 'Other', '--exchange', 'nyse'],
      ['key', 'issue', channel, '--dialect', 'x'],
    ];
    for (const args of usages)
      expect(await commands.failure(...args)).toMatchObject({ code: 2, error: { code: 'usage' } });
  }, 60_000);
});
