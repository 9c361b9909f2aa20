import { beforeEach, describe, expect, it } from '@jest/globals';
import { dashedId, type EventStore } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import {
  addChannel,
  listChannels,
  makeChannelPublic,
  renameChannel,
  resumeChannel,
  showChannel,
  suspendChannel,
} from './channel.ts';
import { issueKey, revokeKey, rotateKey } from './key.ts';
import { addStrategy } from './strategy.ts';

describe('channels', () => {
  let events: EventStore;
  let channelId: string;
  const fresh = { sandbox: false, suspended: false, public: false };

  beforeEach(async () => {
    events = createMemoryEventStore();
    ({ channel_id: channelId } = await addChannel(events, 'desk', true));
  });

  it('are listed in the order they came', async () => {
    const { channel_id } = await addChannel(events, 'other', false);
    expect(await listChannels(events)).toEqual({
      channels: [
        { ...fresh, channel_id: channelId, name: 'desk', sandbox: true },
        { ...fresh, channel_id, name: 'other' },
      ],
    });
    expect(channel_id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('have names of their own', async () => {
    await addChannel(events, 'other', false);
    const taken = { code: 'channel_name_taken', field: 'name' };
    await expect(addChannel(events, 'desk', false)).rejects.toMatchObject(taken);
    await expect(renameChannel(events, channelId, 'other')).rejects.toMatchObject(taken);
    await expect(renameChannel(events, channelId, ' desk')).rejects.toMatchObject({
      code: 'channel_name_invalid',
      field: 'name',
    });
  });

  it('are renamed, suspended, resumed and made public, their id in either form', async () => {
    const id = dashedId(channelId);
    const row = { ...fresh, channel_id: channelId, name: 'floor', sandbox: true };
    expect(await renameChannel(events, id, 'floor')).toEqual(row);
    expect(await suspendChannel(events, id, 'on leave')).toEqual({ ...row, suspended: true });
    expect(await resumeChannel(events, id)).toEqual(row);
    expect(await makeChannelPublic(events, id)).toEqual({ ...row, public: true });
    expect(await listChannels(events)).toEqual({ channels: [{ ...row, public: true }] });
  });

  it('take a repeat without another event', async () => {
    const changes = [
      () => renameChannel(events, channelId, 'floor'),
      () => suspendChannel(events, channelId, null),
      () => resumeChannel(events, channelId),
      () => makeChannelPublic(events, channelId),
    ];
    for (const change of changes) {
      const once = await change();
      const head = await events.head();
      expect(await change()).toEqual(once);
      expect(await events.head()).toBe(head);
    }
  });

  it('are shown with suspension, strategies and keys', async () => {
    await addStrategy(events, { channelId, strategyId: 's1', name: 'fade', exchange: 'both' });
    const kept = await issueKey(events, { channelId }, { dialect: 'traderz', scope: 'write', label: null });
    const { key_id } = await issueKey(events, { channelId }, { dialect: 'anny', scope: 'write', label: null });
    await revokeKey(events, key_id);
    await rotateKey(events, kept.key_id, 0);
    await suspendChannel(events, channelId, 'on leave');
    const shown = {
      ...fresh,
      channel_id: channelId,
      name: 'desk',
      sandbox: true,
      created_at: expect.stringMatching(/Z$/),
      strategies: [{ strategy_id: 's1', name: 'fade', exchange: 'both', active: true }],
      keys: 3,
      valid_keys: 1,
    };
    expect(await showChannel(events, dashedId(channelId))).toEqual({
      ...shown,
      suspended: true,
      suspension: { since: expect.stringMatching(/Z$/), reason: 'on leave' },
    });
    await resumeChannel(events, channelId);
    expect(await showChannel(events, channelId)).toEqual({ ...shown, suspension: null });
  });

  it('are refused when they are not there, and so are wrong reasons', async () => {
    const unknown = { code: 'channel_not_found', field: 'channel_id' };
    await expect(renameChannel(events, 'x', 'y')).rejects.toMatchObject(unknown);
    await expect(suspendChannel(events, 'x', null)).rejects.toMatchObject(unknown);
    await expect(resumeChannel(events, 'x')).rejects.toMatchObject(unknown);
    await expect(makeChannelPublic(events, 'x')).rejects.toMatchObject(unknown);
    await expect(showChannel(events, 'x')).rejects.toMatchObject(unknown);
    await expect(suspendChannel(events, channelId, '')).rejects.toMatchObject({
      code: 'reason_invalid',
      field: 'reason',
    });
  });
});
