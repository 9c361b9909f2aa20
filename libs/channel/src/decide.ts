/** What the operator may change in the directory. */
import { type ApiKey, type Channel, type Directory, emptyDirectory, evolve } from './directory.ts';
import { type DirectoryRefusal, type DirectoryRefusalCode, refuse } from './errors.ts';
import type { ChannelRegistered, DirectoryEvent, KeyIssued, StrategyAdded } from './events.ts';

export type RegisterChannel = { readonly type: 'RegisterChannel' } & ChannelRegistered['data'];

export interface RenameChannel {
  readonly type: 'RenameChannel';
  readonly channelId: string;
  readonly name: string;
}

export interface SuspendChannel {
  readonly type: 'SuspendChannel';
  readonly channelId: string;
  readonly reason: string | null;
}

export interface ResumeChannel {
  readonly type: 'ResumeChannel';
  readonly channelId: string;
}

export interface MakeChannelPublic {
  readonly type: 'MakeChannelPublic';
  readonly channelId: string;
}

export type AddStrategy = { readonly type: 'AddStrategy' } & StrategyAdded['data'];

export interface SetStrategyActive {
  readonly type: 'SetStrategyActive';
  readonly channelId: string;
  readonly strategyId: string;
  readonly active: boolean;
}

export type IssueKey = { readonly type: 'IssueKey' } & Omit<KeyIssued['data'], 'replaces'>;

/**
 * A new key beside an old one, which goes on working until `expiresAt`: clients change over without a gap. An end that
 * is now makes the old key useless at once.
 */
export interface RotateKey {
  readonly type: 'RotateKey';
  /** The old key. */
  readonly keyId: string;
  readonly newKeyId: string;
  readonly keyHash: KeyIssued['data']['keyHash'];
  readonly secretHash: KeyIssued['data']['secretHash'];
  readonly expiresAt: string;
  readonly now: string;
}

export interface RevokeKey {
  readonly type: 'RevokeKey';
  readonly keyId: string;
}

export type DirectoryCommand =
  | RegisterChannel
  | RenameChannel
  | SuspendChannel
  | ResumeChannel
  | MakeChannelPublic
  | AddStrategy
  | SetStrategyActive
  | IssueKey
  | RotateKey
  | RevokeKey;

export type DirectoryDecision = { readonly events: readonly DirectoryEvent[] } | { readonly refused: DirectoryRefusal };

const nothing: DirectoryDecision = { events: [] };

const NAME = /^[^\p{Cc}]{1,100}$/u;
const REASON = /^[^\p{Cc}]{1,1000}$/u;
const STRATEGY_ID = /^[\w.-]{1,64}$/;

/**
 * Decides one change. Names of channels are unique, so that an operator who mistypes an id sees it. Asking for what is
 * so already (suspended, public, active, revoked) succeeds and changes nothing.
 */
export function decide(command: DirectoryCommand, directory: Directory): DirectoryDecision {
  switch (command.type) {
    case 'RegisterChannel': {
      const { channelId, name, sandbox } = command;
      if (directory.channels.has(channelId)) return refuse('channel_exists');
      return nameRefusal(name, directory) ?? one({ type: 'ChannelRegistered', data: { channelId, name, sandbox } });
    }
    case 'RenameChannel': {
      const { channelId, name } = command;
      return withChannel(directory, channelId, (channel) => {
        if (channel.name === name) return nothing;
        return nameRefusal(name, directory) ?? one({ type: 'ChannelRenamed', data: { channelId, name } });
      });
    }
    case 'SuspendChannel': {
      const { channelId, reason } = command;
      return withChannel(directory, channelId, ({ suspended }) => {
        if (reason !== null && !REASON.test(reason)) return refuse('reason_invalid');
        return suspended ? nothing : one({ type: 'ChannelSuspended', data: { channelId, reason } });
      });
    }
    case 'ResumeChannel': {
      const { channelId } = command;
      return withChannel(directory, channelId, ({ suspended }) =>
        suspended ? one({ type: 'ChannelResumed', data: { channelId } }) : nothing,
      );
    }
    case 'MakeChannelPublic': {
      const { channelId } = command;
      return withChannel(directory, channelId, (channel) =>
        channel.public ? nothing : one({ type: 'ChannelMadePublic', data: { channelId } }),
      );
    }
    case 'AddStrategy': {
      const { channelId, strategyId, name, exchange } = command;
      return withChannel(directory, channelId, ({ strategies }) => {
        if (!STRATEGY_ID.test(strategyId)) return refuse('strategy_id_invalid');
        if (!isName(name)) return refuse('strategy_name_invalid');
        if (strategies.has(strategyId)) return refuse('strategy_exists');
        return one({ type: 'StrategyAdded', data: { channelId, strategyId, name, exchange } });
      });
    }
    case 'SetStrategyActive': {
      const { channelId, strategyId, active } = command;
      return withChannel(directory, channelId, ({ strategies }) => {
        const strategy = strategies.get(strategyId);
        if (strategy === undefined) return refuse('strategy_not_found');
        if (strategy.active === active) return nothing;
        return one({ type: active ? 'StrategyActivated' : 'StrategyDeactivated', data: { channelId, strategyId } });
      });
    }
    case 'IssueKey': {
      const { type: _, ...data } = command;
      if (data.role === 'auditor' && data.scope !== 'read') return refuse('auditor_reads');
      if (data.role === 'channel' && !directory.channels.has(data.channelId ?? '')) return refuse('channel_not_found');
      if (data.label !== null && !isName(data.label)) return refuse('label_invalid');
      if (isKnown(directory, data.keyId, data.keyHash)) return refuse('key_exists');
      return one({ type: 'KeyIssued', data });
    }
    case 'RotateKey':
      return rotate(command, directory);
    case 'RevokeKey': {
      const { keyId } = command;
      return withKey(directory, keyId, ({ revoked }) =>
        revoked ? nothing : one({ type: 'KeyRevoked', data: { keyId } }),
      );
    }
    default:
      throw new Error(`unknown command ${(command satisfies never as { type: string }).type}`);
  }
}

/** The new key is what the old one was: same holder, dialect, scope and label. */
function rotate(command: RotateKey, directory: Directory): DirectoryDecision {
  const { keyId, newKeyId, keyHash, secretHash, expiresAt, now } = command;
  return withKey(directory, keyId, ({ role, channelId, dialect, scope, label, revoked, expiresAt: ends }) => {
    if (revoked || (ends !== null && ends <= now)) return refuse('key_revoked');
    if (ends !== null) return refuse('key_expiring');
    if (expiresAt < now) return refuse('expiry_passed');
    if (isKnown(directory, newKeyId, keyHash)) return refuse('key_exists');
    return {
      events: [
        {
          type: 'KeyIssued',
          data: { keyId: newKeyId, role, channelId, dialect, scope, label, keyHash, secretHash, replaces: keyId },
        },
        { type: 'KeyExpirySet', data: { keyId, expiresAt } },
      ],
    };
  });
}

function one(event: DirectoryEvent): DirectoryDecision {
  return { events: [event] };
}

function withChannel(
  directory: Directory,
  channelId: string,
  then: (channel: Channel) => DirectoryDecision,
): DirectoryDecision {
  const channel = directory.channels.get(channelId);
  return channel === undefined ? refuse('channel_not_found') : then(channel);
}

function withKey(directory: Directory, keyId: string, then: (key: ApiKey) => DirectoryDecision): DirectoryDecision {
  const key = directory.keys.get(keyId);
  return key === undefined ? refuse('key_not_found') : then(key);
}

function nameRefusal(name: string, directory: Directory): { readonly refused: DirectoryRefusal } | null {
  const code: DirectoryRefusalCode | null = !isName(name)
    ? 'channel_name_invalid'
    : [...directory.channels.values()].some((channel) => channel.name === name)
      ? 'channel_name_taken'
      : null;
  return code === null ? null : refuse(code);
}

function isName(text: string): boolean {
  return NAME.test(text) && text.trim() === text;
}

function isKnown(directory: Directory, keyId: string, keyHash: string): boolean {
  return directory.keys.has(keyId) || [...directory.keys.values()].some((key) => key.keyHash === keyHash);
}

export const directoryDecider = { initial: emptyDirectory, evolve, decide };
