/**
 * The events of the stream `directory`: who may do what, since when. An auditor reads in it who could do what when.
 *
 * Only hashes of keys are kept. Type strings and property names are storage formats.
 */

/** SHA-256, 64 lower-case hex digits. */
export type Sha256 = string;

/** `channel`: speaks for one channel. `auditor`: reads every channel. */
export type KeyRole = 'channel' | 'auditor';

export type KeyDialect = 'anny' | 'nextprod' | 'traderz';

/** `write` includes `read`. */
export type KeyScope = 'write' | 'read';

export interface ChannelRegistered {
  readonly type: 'ChannelRegistered';
  readonly data: {
    readonly channelId: string;
    readonly name: string;
    /** Sandbox for good: simulated prices may move its signals, and every answer says so. */
    readonly sandbox: boolean;
  };
}

/** The name of a channel changed; its id never does. */
export interface ChannelRenamed {
  readonly type: 'ChannelRenamed';
  readonly data: { readonly channelId: string; readonly name: string };
}

/** Its keys read, and no longer write, until it is resumed. */
export interface ChannelSuspended {
  readonly type: 'ChannelSuspended';
  readonly data: { readonly channelId: string; readonly reason: string | null };
}

export interface ChannelResumed {
  readonly type: 'ChannelResumed';
  readonly data: { readonly channelId: string };
}

/** Its signals may be shown to anyone from now on. There is no way back: what was public stays known. */
export interface ChannelMadePublic {
  readonly type: 'ChannelMadePublic';
  readonly data: { readonly channelId: string };
}

/** Where a strategy's markets are. */
export type StrategyExchange = 'kalshi' | 'polymarket' | 'both';

export interface StrategyAdded {
  readonly type: 'StrategyAdded';
  readonly data: {
    readonly channelId: string;
    /** Unique within the channel: of the operator's choosing, or a UUID. */
    readonly strategyId: string;
    readonly name: string;
    readonly exchange: StrategyExchange;
  };
}

export interface StrategyActivated {
  readonly type: 'StrategyActivated';
  readonly data: { readonly channelId: string; readonly strategyId: string };
}

/** It takes no new signals; those it has go on. */
export interface StrategyDeactivated {
  readonly type: 'StrategyDeactivated';
  readonly data: { readonly channelId: string; readonly strategyId: string };
}

export interface KeyIssued {
  readonly type: 'KeyIssued';
  readonly data: {
    readonly keyId: string;
    readonly role: KeyRole;
    /** Null for an auditor. */
    readonly channelId: string | null;
    readonly dialect: KeyDialect;
    readonly scope: KeyScope;
    readonly label: string | null;
    /** Of the key as sent: what it is found by. */
    readonly keyHash: Sha256;
    /** Of the secret sent beside it, where the dialect has one. */
    readonly secretHash: Sha256 | null;
    /** The key it takes the place of, in a rotation. */
    readonly replaces?: string;
  };
}

/** The key stops working at a moment: the end of a rotation's overlap. */
export interface KeyExpirySet {
  readonly type: 'KeyExpirySet';
  readonly data: { readonly keyId: string; readonly expiresAt: string };
}

export interface KeyRevoked {
  readonly type: 'KeyRevoked';
  readonly data: { readonly keyId: string };
}

export type DirectoryEvent =
  | ChannelRegistered
  | ChannelRenamed
  | ChannelSuspended
  | ChannelResumed
  | ChannelMadePublic
  | StrategyAdded
  | StrategyActivated
  | StrategyDeactivated
  | KeyIssued
  | KeyExpirySet
  | KeyRevoked;

export const DIRECTORY_STREAM = 'directory';

export const DIRECTORY_SCHEMA_VERSION = 1;
