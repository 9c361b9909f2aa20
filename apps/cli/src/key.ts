/** Issuing, rotating and revoking API keys. */
import { type KeyDialect, type KeyScope, refuse } from '#libs/channel';
import { compactId, type EventStore, newId } from '#libs/sourcing';
import { newCredentials, type ShownKey } from './credentials.ts';
import { canonicalId, changeDirectory, readDirectory } from './directory.ts';
import { refusalError } from './output.ts';

/** Whom a key is for: a channel by its id, or an auditor. */
export type KeyHolder = { readonly channelId: string } | 'auditor';

export interface KeyRequest<Dialect extends KeyDialect = KeyDialect> {
  readonly dialect: Dialect;
  readonly scope: KeyScope;
  readonly label: string | null;
}

/** A key just issued: the only time that it is shown. */
export type IssuedKey<Dialect extends KeyDialect = KeyDialect> = {
  readonly key_id: string;
  readonly dialect: Dialect;
  readonly scope: KeyScope;
} & ShownKey[Dialect];

/** Issues a key; the ledger keeps only its hashes. */
export async function issueKey<Dialect extends KeyDialect>(
  events: EventStore,
  holder: KeyHolder,
  { dialect, scope, label }: KeyRequest<Dialect>,
): Promise<IssuedKey<Dialect>> {
  const { shown, keyHash, secretHash } = newCredentials(dialect);
  const keyId = compactId(newId(Date.now()));
  const whose =
    holder === 'auditor'
      ? ({ role: 'auditor', channelId: null } as const)
      : ({ role: 'channel', channelId: canonicalId(holder.channelId) } as const);
  await changeDirectory(events, { type: 'IssueKey', keyId, ...whose, dialect, scope, label, keyHash, secretHash });
  return { key_id: keyId, dialect, scope, ...shown };
}

export type RotatedKey = IssuedKey & { readonly replaces: string; readonly old_key_expires_at: string };

/**
 * Issues a key that is what an old one was: same holder, dialect, scope and label. The old one works on for
 * `overlapMs`, so that its holder changes over without a gap.
 */
export async function rotateKey(events: EventStore, oldKeyId: string, overlapMs: number): Promise<RotatedKey> {
  const keyId = canonicalId(oldKeyId);
  const { directory } = await readDirectory(events);
  const old = directory.keys.get(keyId);
  if (old === undefined) throw refusalError(refuse('key_not_found').refused);
  const { dialect, scope } = old;
  const { shown, keyHash, secretHash } = newCredentials(dialect);
  const at = Date.now();
  const newKeyId = compactId(newId(at));
  const expiresAt = new Date(at + overlapMs).toISOString();
  const now = new Date(at).toISOString();
  await changeDirectory(events, { type: 'RotateKey', keyId, newKeyId, keyHash, secretHash, expiresAt, now });
  return { key_id: newKeyId, dialect, scope, ...shown, replaces: keyId, old_key_expires_at: expiresAt };
}

/** Revokes a key; servers stop accepting it within a second. A repeat adds nothing. */
export async function revokeKey(events: EventStore, keyId: string): Promise<{ key_id: string; revoked: true }> {
  const id = canonicalId(keyId);
  await changeDirectory(events, { type: 'RevokeKey', keyId: id });
  return { key_id: id, revoked: true };
}
