import { beforeEach, describe, expect, it } from '@jest/globals';
import type { KeyDialect } from '#libs/channel';
import { dashedId, type EventStore } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { type Caller, KeyRing } from '../../server/src/http/keys.ts';
import { addChannel } from './channel.ts';
import { parseDuration } from './duration.ts';
import { type IssuedKey, issueKey, revokeKey, rotateKey } from './key.ts';
import { listKeys } from './key-list.ts';

const HOUR = 3_600_000;

describe('rotation', () => {
  let events: EventStore;
  let channelId: string;
  const issue = (dialect: KeyDialect): Promise<IssuedKey> =>
    issueKey(events, { channelId }, { dialect, scope: 'read', label: 'bot' });

  beforeEach(async () => {
    events = createMemoryEventStore();
    ({ channel_id: channelId } = await addChannel(events, 'desk', true));
  });

  /** Who a server takes the holder of a key for. */
  async function caller(issued: IssuedKey): Promise<Caller | null> {
    const keys = new KeyRing(events);
    await keys.refresh();
    return 'api_key' in issued
      ? keys.find(issued.dialect, issued.api_key, null)
      : keys.find(issued.dialect, issued.anny_api_key, issued.anny_api_secret);
  }

  it.each(['anny', 'nextprod', 'traderz'] as const)('%s: both keys work, then only the new one', async (dialect) => {
    const first = await issue(dialect);
    const second = await rotateKey(events, dashedId(first.key_id), HOUR);
    expect(Object.keys(second)).toEqual([...Object.keys(first), 'replaces', 'old_key_expires_at']);
    expect(second).toMatchObject({ dialect, scope: 'read', replaces: first.key_id });
    expect(Date.parse(second.old_key_expires_at) - Date.now()).toBeGreaterThan(HOUR - 60_000);
    expect(await caller(first)).toMatchObject({ keyId: first.key_id, channelId });
    expect(await caller(second)).toMatchObject({ keyId: second.key_id, channelId, scope: 'read' });

    const third = await rotateKey(events, second.key_id, 0);
    expect(await caller(second)).toBeNull();
    expect(await caller(third)).toMatchObject({ keyId: third.key_id, channelId });
  });

  it('keeps holder and label, and the list tells when the old key ends', async () => {
    const first = await issue('traderz');
    const second = await rotateKey(events, first.key_id, HOUR);
    const { keys } = await listKeys(events, { channelId }, null);
    expect(keys).toMatchObject([
      { key_id: first.key_id, expires_at: second.old_key_expires_at, revoked: false },
      { key_id: second.key_id, expires_at: null, revoked: false, label: 'bot' },
    ]);
  });

  it("rotates an auditor's key", async () => {
    const first = await issueKey(events, 'auditor', { dialect: 'anny', scope: 'read', label: null });
    const second = await rotateKey(events, first.key_id, 0);
    expect(await caller(first)).toBeNull();
    expect(await caller(second)).toMatchObject({ role: 'auditor', channelId: null });
  });

  it('ends an old key before its time by a revocation', async () => {
    const first = await issue('nextprod');
    const second = await rotateKey(events, first.key_id, HOUR);
    await revokeKey(events, first.key_id);
    expect(await caller(first)).toBeNull();
    expect(await caller(second)).not.toBeNull();
  });

  it('refuses keys that are unknown, revoked, ended or rotated already, and adds nothing', async () => {
    const [revoked, ended, rotated] = [await issue('anny'), await issue('anny'), await issue('anny')];
    await revokeKey(events, revoked.key_id);
    await rotateKey(events, ended.key_id, 0);
    await rotateKey(events, rotated.key_id, HOUR);
    const head = await events.head();
    const refused = (keyId: string) => expect(rotateKey(events, keyId, HOUR)).rejects;
    await refused('x').toMatchObject({ code: 'key_not_found', field: 'key_id' });
    await refused(revoked.key_id).toMatchObject({ code: 'key_revoked', field: 'key_id' });
    await refused(ended.key_id).toMatchObject({ code: 'key_revoked', field: 'key_id' });
    await refused(rotated.key_id).toMatchObject({ code: 'key_expiring', field: 'key_id' });
    expect(await events.head()).toBe(head);
  });
});

describe('durations', () => {
  it.each([
    ['0s', 0],
    ['45s', 45_000],
    ['30m', 1_800_000],
    ['24h', 24 * HOUR],
    ['7d', 168 * HOUR],
    ['365d', 8_760 * HOUR],
  ])('%s', (text, milliseconds) => {
    expect(parseDuration(text, 'overlap')).toBe(milliseconds);
  });

  it.each(['', '5', 'h', '-1h', '1.5h', '1 h', '1w', '366d', '9999999999s', ' 1h', '1h\n'])('not %j', (text) => {
    expect(() => parseDuration(text, 'overlap')).toThrow(
      expect.objectContaining({ code: 'overlap_invalid', field: 'overlap' }),
    );
  });
});
