/** The keys of a holder, as they stand. */
import type { ApiKey, KeyDialect, KeyScope } from '#libs/channel';
import type { Coordination, EventStore } from '#libs/sourcing';
import { channelIn, readDirectory } from './directory.ts';
import type { KeyHolder } from './key.ts';
import { table } from './output.ts';

const MINUTE_MS = 60_000;

export interface ListedKey {
  readonly key_id: string;
  readonly dialect: KeyDialect;
  readonly scope: KeyScope;
  readonly label: string | null;
  readonly created_at: string;
  readonly revoked: boolean;
  /** When a rotation ends it, or ended it. */
  readonly expires_at: string | null;
  /** To the minute. Servers write it down every few seconds. */
  readonly last_used_at: string | null;
}

/** The keys of a channel, or those of all auditors, oldest first. Without `coordination` none was used yet. */
export async function listKeys(
  events: EventStore,
  holder: KeyHolder,
  coordination: Coordination | null,
): Promise<{ keys: ListedKey[] }> {
  const { directory, issuedAt } = await readDirectory(events);
  const belongs = belongsTo(holder === 'auditor' ? null : channelIn(directory, holder.channelId).channelId);
  const keys = [...directory.keys.values()].filter(belongs);
  const lastUsed = await coordination?.lastUsed(keys.map(({ keyId }) => useName(keyId)));
  return {
    keys: keys.map(({ keyId, dialect, scope, label, revoked, expiresAt }) => ({
      key_id: keyId,
      dialect,
      scope,
      label,
      created_at: issuedAt.get(keyId)!,
      revoked,
      expires_at: expiresAt,
      last_used_at: minuteOf(lastUsed?.get(useName(keyId))),
    })),
  };
}

function belongsTo(channelId: string | null): (key: ApiKey) => boolean {
  return channelId === null ? (key) => key.role === 'auditor' : (key) => key.channelId === channelId;
}

/** Under which servers note the uses of a key. */
function useName(keyId: string): string {
  return `key:${keyId}`;
}

function minuteOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at - (at % MINUTE_MS)).toISOString();
}

/** Whether a key is accepted at a moment. */
export function isValid(
  { revoked, expiresAt }: { readonly revoked: boolean; readonly expiresAt: string | null },
  now: string,
): boolean {
  return !revoked && (expiresAt === null || expiresAt > now);
}

/** The keys as a table; those that will end tell when. */
export function keyTable(keys: readonly ListedKey[], now: string): string {
  const rows = keys.map((key) => [
    key.key_id,
    key.dialect,
    key.scope,
    stateOf(key, now),
    key.created_at,
    key.last_used_at ?? 'never',
    key.label ?? '',
  ]);
  return table(['KEY', 'DIALECT', 'SCOPE', 'STATE', 'CREATED', 'LAST USED', 'LABEL'], rows);
}

function stateOf({ revoked, expires_at: expiresAt }: ListedKey, now: string): string {
  if (revoked) return 'revoked';
  if (!isValid({ revoked, expiresAt }, now)) return 'ended';
  return expiresAt === null ? 'valid' : `until ${expiresAt}`;
}
