import { hash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { DIRECTORY_STREAM } from '#libs/channel';
import { dashedId, type EventStore } from '#libs/sourcing';
import { createMemoryCoordination, createMemoryEventStore } from '#libs/stores';
import { addChannel } from './channel.ts';
import { eventLine } from './event-line.ts';
import { issueKey, revokeKey } from './key.ts';
import { type ListedKey, keyTable, listKeys } from './key-list.ts';

describe('keys', () => {
  let events: EventStore;
  let channelId: string;
  const write = { dialect: 'anny', scope: 'write', label: null } as const;

  beforeEach(async () => {
    events = createMemoryEventStore();
    ({ channel_id: channelId } = await addChannel(events, 'desk', true));
  });

  it('issues a pair and keeps only its hashes', async () => {
    const issued = await issueKey(events, { channelId }, { ...write, label: 'bot' });
    expect(Object.keys(issued)).toEqual(['key_id', 'dialect', 'scope', 'anny_api_key', 'anny_api_secret']);
    expect(issued.anny_api_secret).toMatch(/^[A-Za-z0-9+/]{86}==$/);
    const recorded = (await events.readStream(DIRECTORY_STREAM)).at(-1)!;
    expect(recorded).toMatchObject({
      channelId: null,
      data: { keyHash: hash('sha256', issued.anny_api_key), secretHash: hash('sha256', issued.anny_api_secret) },
      metadata: { dialect: 'cli', actor: 'operator', keyId: null, schemaVersion: 1 },
    });
    const log = (await events.readStream(DIRECTORY_STREAM)).map(eventLine).join('\n');
    expect(log).not.toContain(issued.anny_api_key);
    expect(log).not.toContain(issued.anny_api_secret);
  });

  it.each([
    ['nextprod', /^np_live_[\w-]{43}$/],
    ['traderz', /^tzk_[0-9a-f]{64}$/],
  ] as const)('issues one key for %s, unlike any other, and keeps only its hash', async (dialect, form) => {
    const issued = await issueKey(events, { channelId }, { dialect, scope: 'read', label: null });
    expect(issued).toEqual({
      key_id: expect.any(String),
      dialect,
      scope: 'read',
      api_key: expect.stringMatching(form),
    });
    const other = await issueKey(events, { channelId }, { dialect, scope: 'read', label: null });
    expect(other.api_key).not.toBe(issued.api_key);
    const recorded = (await events.readStream(DIRECTORY_STREAM)).at(-2)!;
    expect(recorded.data).toMatchObject({ dialect, keyHash: hash('sha256', issued.api_key), secretHash: null });
    expect(eventLine(recorded)).not.toContain(issued.api_key);
  });

  it('takes ids in both forms', async () => {
    const { key_id } = await issueKey(events, { channelId: dashedId(channelId) }, write);
    expect((await listKeys(events, { channelId: dashedId(channelId) }, null)).keys).toHaveLength(1);
    expect(await revokeKey(events, dashedId(key_id))).toEqual({ key_id, revoked: true });
  });

  it('refuses unknown channels and keys, wrong labels and an auditor that writes', async () => {
    await expect(issueKey(events, { channelId: 'x' }, write)).rejects.toMatchObject({
      code: 'channel_not_found',
      field: 'channel_id',
    });
    await expect(listKeys(events, { channelId: 'x' }, null)).rejects.toMatchObject({
      code: 'channel_not_found',
      field: 'channel_id',
    });
    await expect(revokeKey(events, 'x')).rejects.toMatchObject({ code: 'key_not_found', field: 'key_id' });
    await expect(issueKey(events, { channelId }, { ...write, label: '' })).rejects.toMatchObject({
      code: 'label_invalid',
      field: 'label',
    });
    await expect(issueKey(events, 'auditor', write)).rejects.toMatchObject({
      code: 'auditor_reads',
      field: 'scope',
    });
  });

  it('lists the keys of one channel, and those of auditors', async () => {
    const { key_id } = await issueKey(events, { channelId }, { dialect: 'anny', scope: 'read', label: 'audit' });
    const auditor = await issueKey(events, 'auditor', { dialect: 'anny', scope: 'read', label: null });
    const { keys } = await listKeys(events, { channelId }, null);
    expect(keys).toEqual([
      {
        key_id,
        dialect: 'anny',
        scope: 'read',
        label: 'audit',
        created_at: expect.stringMatching(/Z$/),
        revoked: false,
        expires_at: null,
        last_used_at: null,
      },
    ]);
    expect((await listKeys(events, 'auditor', null)).keys.map((key) => key.key_id)).toEqual([auditor.key_id]);
  });

  it('revokes once, and says so as often as asked', async () => {
    const { key_id } = await issueKey(events, { channelId }, write);
    expect(await revokeKey(events, key_id)).toEqual({ key_id, revoked: true });
    const head = await events.head();
    expect(await revokeKey(events, key_id)).toEqual({ key_id, revoked: true });
    expect(await events.head()).toBe(head);
    expect((await listKeys(events, { channelId }, null)).keys[0]!.revoked).toBe(true);
  });

  it('tells when a key was last used, to the minute', async () => {
    const coordination = createMemoryCoordination();
    const { key_id } = await issueKey(events, { channelId }, write);
    await issueKey(events, { channelId }, write);
    await coordination.touch([{ name: `key:${key_id}`, at: Date.parse('2026-11-21T06:14:59.999Z') }]);
    const { keys } = await listKeys(events, { channelId }, coordination);
    expect(keys.map((key) => key.last_used_at)).toEqual(['2026-11-21T06:14:00.000Z', null]);
  });

  it('shows a person what state each key is in', () => {
    const key: ListedKey = {
      key_id: 'k',
      dialect: 'anny',
      scope: 'read',
      label: null,
      created_at: 'then',
      revoked: false,
      expires_at: null,
      last_used_at: null,
    };
    const lines = keyTable(
      [
        key,
        { ...key, revoked: true },
        { ...key, expires_at: '2026-11-21T06:00:00.000Z' },
        { ...key, expires_at: '2026-11-21T08:00:00.000Z' },
      ],
      '2026-11-21T06:00:00.000Z',
    ).split('\n');
    expect(lines.map((line) => line.split(/ {2,}/)[3])).toEqual([
      'STATE',
      'valid',
      'revoked',
      'ended',
      'until 2026-11-21T08:00:00.000Z',
    ]);
  });
});
