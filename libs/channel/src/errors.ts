/** Every "no" of the directory. */
export const DIRECTORY_REFUSALS = {
  channel_not_found: { kind: 'not-found', field: 'channelId', message: 'there is no channel with this id' },
  channel_exists: { kind: 'conflict', field: 'channelId', message: 'a channel has this id already' },
  channel_name_invalid: {
    kind: 'invalid',
    field: 'name',
    message: 'a channel name has 1 to 100 characters, none of them a control character, and no space at its ends',
  },
  channel_name_taken: { kind: 'conflict', field: 'name', message: 'another channel has this name' },
  reason_invalid: {
    kind: 'invalid',
    field: 'reason',
    message: 'a reason has 1 to 1000 characters, none of them a control character',
  },
  strategy_not_found: { kind: 'not-found', field: 'strategyId', message: 'the channel has no strategy with this id' },
  strategy_exists: {
    kind: 'conflict',
    field: 'strategyId',
    message: 'the channel has a strategy with this id already',
  },
  strategy_id_invalid: {
    kind: 'invalid',
    field: 'strategyId',
    message: 'a strategy id has 1 to 64 letters, digits, dots, dashes or underscores',
  },
  strategy_name_invalid: {
    kind: 'invalid',
    field: 'name',
    message: 'a strategy name has 1 to 100 characters, none of them a control character, and no space at its ends',
  },
  key_not_found: { kind: 'not-found', field: 'keyId', message: 'there is no key with this id' },
  key_exists: { kind: 'conflict', field: 'keyId', message: 'this key was issued already' },
  key_revoked: { kind: 'conflict', field: 'keyId', message: 'the key is revoked; issue a new one' },
  key_expiring: {
    kind: 'conflict',
    field: 'keyId',
    message: 'the key was rotated already; rotate the one that took its place',
  },
  expiry_passed: { kind: 'invalid', field: 'expiresAt', message: 'a key can not end at a moment that has passed' },
  label_invalid: {
    kind: 'invalid',
    field: 'label',
    message: 'a label has 1 to 100 characters, none of them a control character, and no space at its ends',
  },
  auditor_reads: { kind: 'invalid', field: 'scope', message: "an auditor's key reads; it has no other scope" },
} as const;

export type DirectoryRefusalCode = keyof typeof DIRECTORY_REFUSALS;

export interface DirectoryRefusal {
  readonly code: DirectoryRefusalCode;
  readonly kind: (typeof DIRECTORY_REFUSALS)[DirectoryRefusalCode]['kind'];
  readonly field: string;
  readonly message: string;
}

export function refuse(code: DirectoryRefusalCode): { readonly refused: DirectoryRefusal } {
  return { refused: { code, ...DIRECTORY_REFUSALS[code] } };
}
