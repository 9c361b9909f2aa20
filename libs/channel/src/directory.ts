/** The directory as its events add up: channels and keys. */
import type { DirectoryEvent, KeyIssued, Sha256 } from './events.ts';

export interface Channel {
  readonly channelId: string;
  readonly name: string;
  readonly sandbox: boolean;
}

export type ApiKey = KeyIssued['data'] & { readonly revoked: boolean };

export interface Directory {
  readonly channels: ReadonlyMap<string, Channel>;
  readonly keys: ReadonlyMap<string, ApiKey>;
}

export const emptyDirectory: Directory = { channels: new Map(), keys: new Map() };

export function evolve(directory: Directory, event: DirectoryEvent): Directory {
  switch (event.type) {
    case 'ChannelRegistered':
      return { ...directory, channels: new Map(directory.channels).set(event.data.channelId, event.data) };
    case 'KeyIssued':
      return { ...directory, keys: new Map(directory.keys).set(event.data.keyId, { ...event.data, revoked: false }) };
    case 'KeyRevoked': {
      const key = directory.keys.get(event.data.keyId);
      if (key === undefined) return directory;
      return { ...directory, keys: new Map(directory.keys).set(key.keyId, { ...key, revoked: true }) };
    }
    default:
      throw new Error(`unknown event ${(event satisfies never as { type: string }).type} in the directory`);
  }
}

/** The key with this hash, unless it is revoked. Finding by a hash of 256 random bits tells a guesser nothing. */
export function keysByHash(directory: Directory): ReadonlyMap<Sha256, ApiKey> {
  const found = new Map<Sha256, ApiKey>();
  for (const key of directory.keys.values()) if (!key.revoked) found.set(key.keyHash, key);
  return found;
}
