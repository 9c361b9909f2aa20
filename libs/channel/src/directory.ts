/** The directory as its events add up: channels, their strategies, and keys. */
import type { DirectoryEvent, KeyIssued, Sha256, StrategyExchange } from './events.ts';

export interface Channel {
  readonly channelId: string;
  readonly name: string;
  readonly sandbox: boolean;
  readonly suspended: boolean;
  readonly public: boolean;
  /** By id, in the order in which they were added. */
  readonly strategies: ReadonlyMap<string, Strategy>;
}

export interface Strategy {
  readonly strategyId: string;
  readonly name: string;
  readonly exchange: StrategyExchange;
  readonly active: boolean;
}

export type ApiKey = KeyIssued['data'] & {
  readonly revoked: boolean;
  /** When it stops working; null while nobody said so. */
  readonly expiresAt: string | null;
};

export interface Directory {
  readonly channels: ReadonlyMap<string, Channel>;
  readonly keys: ReadonlyMap<string, ApiKey>;
}

export const emptyDirectory: Directory = { channels: new Map(), keys: new Map() };

export function evolve(directory: Directory, event: DirectoryEvent): Directory {
  return foldDirectory(directory, [event]);
}

/** The directory after more events. The maps are copied once for all of them: a start reads thousands. */
export function foldDirectory(directory: Directory, events: readonly DirectoryEvent[]): Directory {
  const channels = new Map(directory.channels);
  const keys = new Map(directory.keys);
  for (const event of events) apply(channels, keys, event);
  return { channels, keys };
}

function apply(channels: Map<string, Channel>, keys: Map<string, ApiKey>, event: DirectoryEvent): void {
  const channel = (change: Partial<Channel>): void => {
    const id = (event.data as { channelId: string }).channelId;
    const before = channels.get(id);
    if (before === undefined) throw new Error(`${event.type} of a channel that was never registered`);
    channels.set(id, { ...before, ...change });
  };
  const strategy = (change: Strategy | { active: boolean }, strategyId: string, channelId: string): void => {
    const strategies = new Map(channels.get(channelId)?.strategies);
    strategies.set(strategyId, { ...(strategies.get(strategyId) as Strategy), ...change });
    channel({ strategies });
  };
  const key = (keyId: string, change: Partial<ApiKey>): void => {
    const before = keys.get(keyId);
    if (before === undefined) throw new Error(`${event.type} of a key that was never issued`);
    keys.set(keyId, { ...before, ...change });
  };
  switch (event.type) {
    case 'ChannelRegistered': {
      const { channelId, name, sandbox } = event.data;
      channels.set(channelId, { channelId, name, sandbox, suspended: false, public: false, strategies: new Map() });
      return;
    }
    case 'ChannelRenamed':
      return channel({ name: event.data.name });
    case 'ChannelSuspended':
      return channel({ suspended: true });
    case 'ChannelResumed':
      return channel({ suspended: false });
    case 'ChannelMadePublic':
      return channel({ public: true });
    case 'StrategyAdded': {
      const { channelId, strategyId, name, exchange } = event.data;
      return strategy({ strategyId, name, exchange, active: true }, strategyId, channelId);
    }
    case 'StrategyActivated':
      return strategy({ active: true }, event.data.strategyId, event.data.channelId);
    case 'StrategyDeactivated':
      return strategy({ active: false }, event.data.strategyId, event.data.channelId);
    case 'KeyIssued':
      keys.set(event.data.keyId, { ...event.data, revoked: false, expiresAt: null });
      return;
    case 'KeyExpirySet':
      return key(event.data.keyId, { expiresAt: event.data.expiresAt });
    case 'KeyRevoked':
      return key(event.data.keyId, { revoked: true });
    default:
      throw new Error(`unknown event ${(event satisfies never as { type: string }).type} in the directory`);
  }
}

/** The keys that are not revoked, by hash. Finding by a hash of 256 random bits tells a guesser nothing. */
export function keysByHash(directory: Directory): ReadonlyMap<Sha256, ApiKey> {
  const found = new Map<Sha256, ApiKey>();
  for (const key of directory.keys.values()) if (!key.revoked) found.set(key.keyHash, key);
  return found;
}
