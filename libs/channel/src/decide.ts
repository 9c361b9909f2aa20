/** What the operator may change in the directory. */
import { type Directory, emptyDirectory, evolve } from './directory.ts';
import { type DirectoryRefusal, refuse } from './errors.ts';
import type { DirectoryEvent, KeyIssued } from './events.ts';

export interface RegisterChannel {
  readonly type: 'RegisterChannel';
  readonly channelId: string;
  readonly name: string;
  readonly sandbox: boolean;
}

export type IssueKey = { readonly type: 'IssueKey' } & KeyIssued['data'];

export interface RevokeKey {
  readonly type: 'RevokeKey';
  readonly keyId: string;
}

export type DirectoryCommand = RegisterChannel | IssueKey | RevokeKey;

export type DirectoryDecision = { readonly events: readonly DirectoryEvent[] } | { readonly refused: DirectoryRefusal };

const nothing: DirectoryDecision = { events: [] };

const PRINTABLE_NAME = /^[^\p{Cc}]{1,100}$/u;

/**
 * Decides one change. Names of channels are unique, so that an operator who mistypes an id sees it.
 * A key is revoked once; revoking it again changes nothing.
 */
export function decide(command: DirectoryCommand, directory: Directory): DirectoryDecision {
  switch (command.type) {
    case 'RegisterChannel': {
      const { channelId, name, sandbox } = command;
      if (!PRINTABLE_NAME.test(name) || name.trim() !== name) return refuse('channel_name_invalid');
      for (const channel of directory.channels.values()) if (channel.name === name) return refuse('channel_name_taken');
      return { events: [{ type: 'ChannelRegistered', data: { channelId, name, sandbox } }] };
    }
    case 'IssueKey': {
      const { type: _, ...data } = command;
      if (data.role === 'auditor' && data.scope !== 'read') return refuse('auditor_reads');
      if (data.role === 'channel' && !directory.channels.has(data.channelId ?? '')) return refuse('channel_not_found');
      if (data.label !== null && !PRINTABLE_NAME.test(data.label)) return refuse('label_invalid');
      return { events: [{ type: 'KeyIssued', data }] };
    }
    case 'RevokeKey': {
      const key = directory.keys.get(command.keyId);
      if (key === undefined) return refuse('key_not_found');
      return key.revoked ? nothing : { events: [{ type: 'KeyRevoked', data: { keyId: command.keyId } }] };
    }
    default:
      throw new Error(`unknown command ${(command satisfies never as { type: string }).type}`);
  }
}

export const directoryDecider = { initial: emptyDirectory, evolve, decide };
