import { describe, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { DIRECTORY_REFUSALS } from './errors.ts';
import { type DirectoryCommand, type DirectoryEvent, type DirectoryRefusalCode, directoryDecider } from './index.ts';

const NOW = '2026-11-21T08:00:00.000Z';
const LATER = '2026-11-22T08:00:00.000Z';

const channel: DirectoryEvent = {
  type: 'ChannelRegistered',
  data: { channelId: 'c1', name: 'desk', sandbox: false },
};
const desk = {
  keyId: 'k1',
  role: 'channel',
  channelId: 'c1',
  dialect: 'traderz',
  scope: 'write',
  label: 'bot',
  keyHash: '1'.repeat(64),
  secretHash: null,
} as const;
const auditor = { ...desk, role: 'auditor', channelId: null, dialect: 'anny', scope: 'read', label: null } as const;
const issued: DirectoryEvent = { type: 'KeyIssued', data: desk };
const revoked: DirectoryEvent = { type: 'KeyRevoked', data: { keyId: 'k1' } };
const expirySet: DirectoryEvent = { type: 'KeyExpirySet', data: { keyId: 'k1', expiresAt: LATER } };
const replacement: DirectoryEvent = {
  type: 'KeyIssued',
  data: { ...desk, keyId: 'k2', keyHash: '2'.repeat(64), replaces: 'k1' },
};

const issue = { type: 'IssueKey', ...desk } as const;
const revoke = { type: 'RevokeKey', keyId: 'k1' } as const;
const rotate = {
  type: 'RotateKey',
  keyId: 'k1',
  newKeyId: 'k2',
  keyHash: '2'.repeat(64),
  secretHash: null,
  expiresAt: LATER,
  now: NOW,
} as const;

type Accepted = readonly [
  what: string,
  given: readonly DirectoryEvent[],
  when: DirectoryCommand,
  then: readonly DirectoryEvent[],
];

const suspended: DirectoryEvent = { type: 'ChannelSuspended', data: { channelId: 'c1', reason: null } };

describe('keys', () => {
  it.each<Accepted>([
    ['a key of a channel is issued', [channel], issue, [issued]],
    ['a suspended channel gets keys too: they read', [channel, suspended], issue, [issued]],
    ["an auditor's key needs no channel", [], { type: 'IssueKey', ...auditor }, [{ type: 'KeyIssued', data: auditor }]],
    [
      'a channel may have several',
      [channel, issued],
      { ...issue, keyId: 'k3', keyHash: '3'.repeat(64) },
      [{ type: 'KeyIssued', data: { ...desk, keyId: 'k3', keyHash: '3'.repeat(64) } }],
    ],
    [
      'a key is rotated: the new one is what the old one was, which then ends',
      [channel, issued],
      rotate,
      [replacement, expirySet],
    ],
    [
      "an auditor's key is rotated",
      [{ type: 'KeyIssued', data: auditor }],
      { ...rotate, secretHash: 'f'.repeat(64) },
      [
        {
          type: 'KeyIssued',
          data: { ...auditor, keyId: 'k2', keyHash: '2'.repeat(64), secretHash: 'f'.repeat(64), replaces: 'k1' },
        },
        expirySet,
      ],
    ],
    [
      'the new key is rotated in its turn',
      [channel, issued, replacement, expirySet],
      {
        ...rotate,
        keyId: 'k2',
        newKeyId: 'k3',
        keyHash: '3'.repeat(64),
      },
      [
        { type: 'KeyIssued', data: { ...desk, keyId: 'k3', keyHash: '3'.repeat(64), replaces: 'k2' } },
        { type: 'KeyExpirySet', data: { keyId: 'k2', expiresAt: LATER } },
      ],
    ],
    [
      'an end that is now: the old key is useless at once',
      [channel, issued],
      { ...rotate, expiresAt: NOW },
      [replacement, { type: 'KeyExpirySet', data: { keyId: 'k1', expiresAt: NOW } }],
    ],
    ['a key is revoked', [channel, issued], revoke, [revoked]],
    ['twice: nothing changes', [channel, issued, revoked], revoke, []],
    ['one that will end is revoked before', [channel, issued, replacement, expirySet], revoke, [revoked]],
  ])('%s', (_what, events, command, expected) => {
    given(directoryDecider, events)
      .when(command)
      .then(...expected);
  });

  it.each<readonly [DirectoryRefusalCode, string, readonly DirectoryEvent[], DirectoryCommand]>([
    ['channel_not_found', 'no such channel', [], issue],
    ['channel_not_found', 'a channel key without a channel', [channel], { ...issue, channelId: null }],
    ['auditor_reads', 'an auditor that writes', [], { type: 'IssueKey', ...auditor, scope: 'write' }],
    ...['', ' ', ' x', 'a\nb', 'x'.repeat(101)].map(
      (label) => ['label_invalid', JSON.stringify(label), [channel], { ...issue, label }] as const,
    ),
    ['key_exists', 'the id again', [channel, issued], { ...issue, keyHash: '3'.repeat(64) }],
    ['key_exists', 'the key again', [channel, issued], { ...issue, keyId: 'k3' }],
    ['key_exists', 'a revoked key again', [channel, issued, revoked], { ...issue, keyId: 'k3' }],
    ['key_exists', 'rotated to its own id', [channel, issued], { ...rotate, newKeyId: 'k1' }],
    ['key_exists', 'rotated to the same key', [channel, issued], { ...rotate, keyHash: desk.keyHash }],
    ['key_not_found', 'revoked', [channel], revoke],
    ['key_not_found', 'rotated', [channel], rotate],
    ['key_revoked', 'a revoked key', [channel, issued, revoked], rotate],
    ['key_revoked', 'one that has ended', [channel, issued, expirySet], { ...rotate, now: LATER, expiresAt: '2027' }],
    ['key_expiring', 'rotated already', [channel, issued, replacement, expirySet], rotate],
    [
      'expiry_passed',
      'an end that has passed',
      [channel, issued],
      { ...rotate, expiresAt: '2026-11-20T08:00:00.000Z' },
    ],
  ])('refuses %s: %s', (code, _what, events, command) => {
    given(directoryDecider, events)
      .when(command)
      .thenRefused({ code, ...DIRECTORY_REFUSALS[code] });
  });
});
