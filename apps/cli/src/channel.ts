/** The channels, as the command line registers, changes and shows them. */
import type { Channel, DirectoryCommand } from '#libs/channel';
import { compactId, type EventStore, newId } from '#libs/sourcing';
import { canonicalId, changeDirectory, channelIn, readDirectory } from './directory.ts';
import { isValid } from './key-list.ts';
import { type ListedStrategy, listedStrategy } from './strategy.ts';

export interface ListedChannel {
  readonly channel_id: string;
  readonly name: string;
  readonly sandbox: boolean;
  readonly suspended: boolean;
  readonly public: boolean;
}

export interface ShownChannel extends ListedChannel {
  readonly created_at: string;
  readonly suspension: { readonly since: string; readonly reason: string | null } | null;
  readonly strategies: readonly ListedStrategy[];
  /** All that were ever issued. */
  readonly keys: number;
  /** Those neither revoked nor ended. */
  readonly valid_keys: number;
}

/** Registers a channel under a new id. */
export async function addChannel(events: EventStore, name: string, sandbox: boolean): Promise<{ channel_id: string }> {
  const channelId = compactId(newId(Date.now()));
  await changeDirectory(events, { type: 'RegisterChannel', channelId, name, sandbox });
  return { channel_id: channelId };
}

/** All channels, oldest first. */
export async function listChannels(events: EventStore): Promise<{ channels: ListedChannel[] }> {
  const { directory } = await readDirectory(events);
  return { channels: [...directory.channels.values()].map(listedChannel) };
}

/** A channel with its strategies and how many keys it has. */
export async function showChannel(events: EventStore, channelId: string): Promise<ShownChannel> {
  const { directory, registeredAt, suspensions } = await readDirectory(events);
  const channel = channelIn(directory, channelId);
  const keys = [...directory.keys.values()].filter((key) => key.channelId === channel.channelId);
  const now = new Date().toISOString();
  return {
    ...listedChannel(channel),
    created_at: registeredAt.get(channel.channelId)!,
    suspension: suspensions.get(channel.channelId) ?? null,
    strategies: [...channel.strategies.values()].map(listedStrategy),
    keys: keys.length,
    valid_keys: keys.filter((key) => isValid(key, now)).length,
  };
}

export function renameChannel(events: EventStore, channelId: string, name: string): Promise<ListedChannel> {
  return changeChannel(events, { type: 'RenameChannel', channelId, name });
}

/** Its keys read on, and no longer write. A repeat adds nothing, and changes no reason. */
export function suspendChannel(events: EventStore, channelId: string, reason: string | null): Promise<ListedChannel> {
  return changeChannel(events, { type: 'SuspendChannel', channelId, reason });
}

export function resumeChannel(events: EventStore, channelId: string): Promise<ListedChannel> {
  return changeChannel(events, { type: 'ResumeChannel', channelId });
}

/** There is no way back: what was public stays known. */
export function makeChannelPublic(events: EventStore, channelId: string): Promise<ListedChannel> {
  return changeChannel(events, { type: 'MakeChannelPublic', channelId });
}

type ChannelChange = Extract<
  DirectoryCommand,
  { type: 'RenameChannel' | 'SuspendChannel' | 'ResumeChannel' | 'MakeChannelPublic' }
>;

/** The channel as it is after the change. */
async function changeChannel(events: EventStore, change: ChannelChange): Promise<ListedChannel> {
  const channelId = canonicalId(change.channelId);
  return listedChannel(channelIn(await changeDirectory(events, { ...change, channelId }), channelId));
}

function listedChannel({ channelId, name, sandbox, suspended, public: isPublic }: Channel): ListedChannel {
  return { channel_id: channelId, name, sandbox, suspended, public: isPublic };
}
