/** The command as a process: what it prints where, and how it ends. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compactId, createHandle, derivedEventId, newId } from '#libs/sourcing';
import { openEventStore } from '#libs/stores';
import { open } from '../../../libs/views/src/testing/account-lives.ts';
import { handledAccount } from '../../server/src/accounts/handled-account.ts';
import { type Commands, createCommands } from './testing/commands.ts';

describe('signal-ledger', () => {
  let commands: Commands;
  let folder: string;
  let data: string;
  const run: Commands['run'] = (...args) => commands.run(...args);
  const json: Commands['json'] = (...args) => commands.json(...args);
  const failure: Commands['failure'] = (...args) => commands.failure(...args);

  beforeAll(async () => {
    commands = await createCommands();
    ({ folder, data } = commands);
  });

  afterAll(() => commands.remove());

  it('speaks JSON from the first channel to the doctor', async () => {
    const { channel_id } = (await json('channel', 'add', 'desk', '--sandbox')) as { channel_id: string };
    expect(await json('channel', 'list')).toEqual({
      channels: [{ channel_id, name: 'desk', sandbox: true, suspended: false, public: false }],
    });
    const issued = (await json('key', 'issue', channel_id, '--dialect', 'anny')) as { key_id: string };
    expect(issued).toMatchObject({ dialect: 'anny', scope: 'write' });
    const listed = (await json('key', 'list', channel_id)) as { keys: object[] };
    expect(listed.keys).toEqual([expect.objectContaining({ key_id: issued.key_id, scope: 'write', revoked: false })]);
    expect(await json('key', 'revoke', issued.key_id)).toEqual({ key_id: issued.key_id, revoked: true });
    expect(await json('key', 'issue', '--auditor')).toMatchObject({ scope: 'read', anny_api_key: expect.any(String) });
    expect(await json('rebuild', 'signals')).toMatchObject({ view: 'signals', events: 0 });
    expect(await json('parked', 'list')).toEqual({ parked: [] });
    expect(await json('parked', 'replay', 'signals')).toEqual({ view: 'signals', mended: [], parked: [] });
    const { checks } = (await json('doctor')) as { checks: { name: string; ok: boolean }[] };
    expect(checks.map(({ name }) => name)).toEqual([
      'node',
      'sqlite',
      'data folder',
      'events',
      'clock',
      'view signals',
      'view accounts',
      'view orders',
      'orders',
      'server',
    ]);
    expect(await json('channel', 'publish', channel_id)).toMatchObject({ channel_id, public: true });
    expect(await json('channel', 'public', channel_id)).toMatchObject({ channel_id, public: true });
    const file = join(folder, 'export.jsonl');
    expect(await json('export', file)).toMatchObject({ file, events: 5 });
    expect(await json('import', file)).toEqual({ added: 0, already_there: 5 });
    expect(await json('import', file, '--data-dir', join(folder, 'second'))).toEqual({ added: 5, already_there: 0 });
  }, 60_000);

  it('administers agents, and shows what they hold', async () => {
    const id = `agent_${compactId(newId(Date.now()))}`;
    const events = await openEventStore(`sqlite:${join(data, 'events.db')}`, { threads: false });
    const opened = open({
      accountId: id,
      mode: 'live',
      dailyLossLimit: '500',
      maxPositionSize: '9000',
      sealedSecret: 's',
    });
    await createHandle(handledAccount, events)(opened, {
      commandId: newId(Date.now()),
      requestId: 'r',
      dialect: 'nextexchange',
      actor: `agent:${id}`,
      keyId: null,
      receivedAt: opened.now,
      schemaVersion: 1,
    });
    await events.close();
    expect(await json('agent', 'list')).toEqual({ agents: [{ id, name: 'Alpha', mode: 'live', status: 'pending' }] });
    expect(await json('agent', 'approve', id)).toEqual({ id, status: 'active' });
    expect(await json('agent', 'pause', id, '--reason', 'audit')).toEqual({ id, status: 'paused' });
    expect(await failure('agent', 'resume', id)).toMatchObject({ code: 2, error: { code: 'usage' } });
    expect(await failure('agent', 'resume', id, '--reason', 'two\nlines')).toMatchObject({
      code: 1,
      error: { code: 'reason_invalid', field: 'reason' },
    });
    expect(await json('agent', 'permissions', id, 'read:market')).toEqual({
      id,
      status: 'paused',
      permissions: ['read:market'],
    });
    expect(await failure('agent', 'permissions', id, 'read:none')).toMatchObject({
      code: 1,
      error: { code: 'permissions_invalid', field: 'permissions' },
    });
    expect(await failure('agent', 'reset-breaker', id, '--reason', 'why')).toMatchObject({
      code: 1,
      error: { code: 'not_tripped' },
    });
    expect(await json('account', 'show', id)).toEqual({
      totalValue: 100_000,
      cash: 100_000,
      freeCash: 100_000,
      positions: [],
      realizedPnl: 0,
      fees: 0,
    });
    expect(await json('account', 'orders', id, '--status', 'filled', '--limit', '500')).toEqual({ orders: [] });
    for (const wrong of ['--status=gone', '--limit=501'])
      expect(await failure('account', 'orders', id, wrong)).toMatchObject({ code: 2, error: { code: 'usage' } });
    expect(await json('account', 'equity', id)).toEqual({ id, simulated: false, equity: [] });
    expect(await failure('agent', 'close-all', id, '--reason', 'why')).toMatchObject({
      code: 1,
      error: { code: 'broker_unavailable' },
    });
    expect(await failure('account', 'write-off', id, 'BTC', '--reason', 'why')).toMatchObject({
      code: 1,
      error: { code: 'holding_not_found', field: 'symbol' },
    });
    const { events: told } = (await json('stream', id)) as { events: { type: string }[] };
    expect(told.map(({ type }) => type)).toEqual([
      'AccountOpened',
      'AccountApproved',
      'AccountPaused',
      'PermissionsChanged',
    ]);
    const { stdout } = await run(['stream', id]);
    expect([stdout.includes('"sealedSecret":"…"'), stdout.includes('"sealedSecret":"s"')]).toEqual([true, false]);
    expect(await failure('stream', `agent_${'f'.repeat(32)}`)).toMatchObject({ error: { code: 'account_not_found' } });
  }, 90_000);

  it('tells the events of a signal, its id in either form', async () => {
    const store = await openEventStore(`sqlite:${join(data, 'events.db')}`, { threads: false });
    const id = newId(Date.now());
    const time = new Date().toISOString();
    const metadata = {
      commandId: id,
      requestId: 'r',
      dialect: 'anny',
      actor: 'x',
      keyId: null,
      receivedAt: time,
      schemaVersion: 1,
    };
    const event = { id: derivedEventId(id, 0), type: 'Cancelled', time, channelId: null, data: {}, metadata };
    await store.append({ stream: `signal-${id.replaceAll('-', '')}`, expected: -1, events: [event] });
    await store.close();
    const expected = { events: [{ revision: 0, type: 'Cancelled', time, data: {} }] };
    expect(await json('stream', id)).toEqual(expected);
    expect(await json('stream', id.replaceAll('-', '').toUpperCase())).toEqual(expected);
    expect(await failure('stream', newId(Date.now()))).toMatchObject({
      code: 1,
      error: { code: 'signal_not_found', field: 'signal_id' },
    });
    expect(await failure('stream', 'x')).toMatchObject({ code: 1, error: { code: 'invalid_id' } });
  }, 30_000);

  it('tells failures on stderr, and wrong usage by exit code 2', async () => {
    expect(await failure('channel', 'add', '')).toMatchObject({
      code: 1,
      error: { code: 'channel_name_invalid', field: 'name' },
    });
    expect(await failure('rebuild', 'nothing')).toMatchObject({ code: 1, error: { code: 'view_not_found' } });
    const wrong = await Promise.all(
      [
        [],
        ['nothing'],
        ['channel', 'add'],
        ['key', 'issue'],
        ['tail', '--from', 'x'],
        ['key', 'issue', 'a', '--auditor'],
      ].map((args) => failure(...args)),
    );
    for (const told of wrong) expect(told).toMatchObject({ code: 2, error: { code: 'usage' } });
    const human = await run(['channel', 'add']);
    expect(human).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining("missing required argument 'name'"),
    });
    expect(await failure('export', '--data-dir', join(folder, 'nothing'))).toMatchObject({
      code: 1,
      error: { code: 'no_ledger' },
    });
    expect(existsSync(join(folder, 'nothing'))).toBe(false);
    expect(await run(['channel', 'list'], { PORT: 'x' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('PORT'),
    });
  }, 60_000);

  it('follows the log until it is interrupted', async () => {
    const { child, ended } = commands.start(['tail', '--json']);
    while (!String(await once(child.stdout, 'data')).includes('ChannelRegistered')) continue;
    await json('channel', 'add', 'added while followed');
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { position: string; data: object });
    expect(events[0]).toMatchObject({ position: '1', stream: 'directory', revision: 0 });
    expect(events.at(-1)).toMatchObject({ data: { name: 'added while followed' } });
  }, 30_000);

  it('finds what is wrong and how to mend it', async () => {
    const other = createServer((_request, response) => response.writeHead(404).end());
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const broken = join(folder, 'broken');
    await run(['channel', 'add', 'x', '--data-dir', broken]);
    await rm(broken, { recursive: true });
    await writeFile(broken, 'no folder');
    const { code, stdout } = await run(['doctor', '--json', '--data-dir', broken], {
      PORT: String((other.address() as AddressInfo).port),
    });
    other.close();
    expect(code).toBe(1);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; mend?: string }[] };
    const wrong = checks.filter(({ ok }) => !ok);
    expect(wrong.map(({ name }) => name)).toEqual(['data folder', 'server']);
    for (const { mend } of wrong) expect(mend).toEqual(expect.any(String));
  }, 30_000);
});
