import { describe, expect, it } from '@jest/globals';
import {
  type ApiKey,
  type Channel,
  type DirectoryEvent,
  emptyDirectory,
  evolveDirectory,
  foldDirectory,
  keysByHash,
} from './index.ts';

const channel: DirectoryEvent = { type: 'ChannelRegistered', data: { channelId: 'c1', name: 'desk', sandbox: true } };
const key = (keyId: string, replaces?: string): DirectoryEvent => ({
  type: 'KeyIssued',
  data: {
    keyId,
    role: 'channel',
    channelId: 'c1',
    dialect: 'anny',
    scope: 'write',
    label: null,
    keyHash: `hash of ${keyId}`,
    secretHash: `hash of the secret of ${keyId}`,
    ...(replaces !== undefined && { replaces }),
  },
});
const strategy = (strategyId: string): DirectoryEvent => ({
  type: 'StrategyAdded',
  data: { channelId: 'c1', strategyId, name: strategyId, exchange: 'kalshi' },
});

/** A bit of everything. */
const history: readonly DirectoryEvent[] = [
  channel,
  { type: 'ChannelRenamed', data: { channelId: 'c1', name: 'floor' } },
  strategy('s1'),
  key('k1'),
  key('k2', 'k1'),
  { type: 'KeyExpirySet', data: { keyId: 'k1', expiresAt: '2026-11-22T08:00:00.000Z' } },
  { type: 'ChannelSuspended', data: { channelId: 'c1', reason: 'leave' } },
  strategy('s2'),
  { type: 'StrategyDeactivated', data: { channelId: 'c1', strategyId: 's1' } },
  { type: 'ChannelMadePublic', data: { channelId: 'c1' } },
  key('k3'),
  { type: 'KeyRevoked', data: { keyId: 'k3' } },
  { type: 'ChannelResumed', data: { channelId: 'c1' } },
  { type: 'StrategyActivated', data: { channelId: 'c1', strategyId: 's1' } },
  { type: 'StrategyDeactivated', data: { channelId: 'c1', strategyId: 's2' } },
];

/** The channel and the key after the first of the history's events. */
function after(count: number): { channel: Channel; keys: readonly ApiKey[] } {
  const { channels, keys } = foldDirectory(emptyDirectory, history.slice(0, count));
  return { channel: channels.get('c1')!, keys: [...keys.values()] };
}

describe('the directory', () => {
  it('begins empty', () => {
    expect(foldDirectory(emptyDirectory, [])).toEqual({ channels: new Map(), keys: new Map() });
  });

  it('is what its events add up to', () => {
    expect(after(1).channel).toEqual({
      channelId: 'c1',
      name: 'desk',
      sandbox: true,
      suspended: false,
      public: false,
      strategies: new Map(),
    });
    expect(after(7).channel).toMatchObject({ name: 'floor', suspended: true, public: false });
    const { channel: last, keys } = after(history.length);
    expect(last).toMatchObject({ channelId: 'c1', name: 'floor', sandbox: true, suspended: false, public: true });
    expect([...last.strategies.values()]).toEqual([
      { strategyId: 's1', name: 's1', exchange: 'kalshi', active: true },
      { strategyId: 's2', name: 's2', exchange: 'kalshi', active: false },
    ]);
    expect(keys).toEqual([
      { ...key('k1').data, revoked: false, expiresAt: '2026-11-22T08:00:00.000Z' },
      { ...key('k2', 'k1').data, revoked: false, expiresAt: null },
      { ...key('k3').data, revoked: true, expiresAt: null },
    ]);
  });

  it('comes out the same folded at once, one by one, and in two parts', () => {
    const whole = foldDirectory(emptyDirectory, history);
    expect(history.reduce(evolveDirectory, emptyDirectory)).toEqual(whole);
    for (let count = 0; count <= history.length; count += 1) {
      const first = foldDirectory(emptyDirectory, history.slice(0, count));
      expect(foldDirectory(first, history.slice(count))).toEqual(whole);
    }
  });

  it('is never changed by what comes after', () => {
    for (let count = 0; count < history.length; count += 1) {
      const before = foldDirectory(emptyDirectory, history.slice(0, count));
      const copy = structuredClone(before);
      foldDirectory(before, history.slice(count));
      expect(before).toEqual(copy);
    }
  });

  it('finds keys by hash, none that is revoked', () => {
    const found = keysByHash(foldDirectory(emptyDirectory, history));
    expect([...found].map(([hash, { keyId }]) => [hash, keyId])).toEqual([
      ['hash of k1', 'k1'],
      ['hash of k2', 'k2'],
    ]);
  });

  it.each<DirectoryEvent>([
    { type: 'ChannelRenamed', data: { channelId: 'x', name: 'y' } },
    { type: 'ChannelSuspended', data: { channelId: 'x', reason: null } },
    { type: 'ChannelResumed', data: { channelId: 'x' } },
    { type: 'ChannelMadePublic', data: { channelId: 'x' } },
    { type: 'StrategyAdded', data: { channelId: 'x', strategyId: 's', name: 's', exchange: 'both' } },
    { type: 'StrategyActivated', data: { channelId: 'x', strategyId: 's' } },
    { type: 'KeyExpirySet', data: { keyId: 'x', expiresAt: '' } },
    { type: 'KeyRevoked', data: { keyId: 'x' } },
    { type: 'SomethingNewer', data: {} } as unknown as DirectoryEvent,
  ])('takes no $type of what is not there', (event) => {
    expect(() => evolveDirectory(foldDirectory(emptyDirectory, history), event)).toThrow(event.type);
  });
});
