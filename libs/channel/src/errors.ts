/** Every "no" of the directory. */
export const DIRECTORY_REFUSALS = {
  channel_not_found: { kind: 'not-found', field: 'channelId', message: 'there is no channel with this id' },
  channel_name_invalid: {
    kind: 'invalid',
    field: 'name',
    message: 'a channel name has 1 to 100 characters, none of them a control character',
  },
  channel_name_taken: { kind: 'conflict', field: 'name', message: 'another channel has this name' },
  key_not_found: { kind: 'not-found', field: 'keyId', message: 'there is no key with this id' },
  label_invalid: {
    kind: 'invalid',
    field: 'label',
    message: 'a label has 1 to 100 characters, none of them a control character',
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
