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
  };
}

export interface KeyRevoked {
  readonly type: 'KeyRevoked';
  readonly data: { readonly keyId: string };
}

export type DirectoryEvent = ChannelRegistered | KeyIssued | KeyRevoked;

export const DIRECTORY_STREAM = 'directory';

export const DIRECTORY_SCHEMA_VERSION = 1;
