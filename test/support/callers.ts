/** Everyone who may call, in every dialect: what tests across dialects need. */
import { hash, randomBytes } from 'node:crypto';
import type { DirectoryCommand, KeyDialect, KeyScope } from '#libs/channel';
import { compactId, type EventStore, newId } from '#libs/sourcing';
import { changeDirectory } from '../../apps/cli/src/directory.ts';
import { temporaryFolder } from './server.ts';
import { type Combination, endStoresOf, openEventsOf, storesOf } from './stores.ts';

/** The dialects that are served, by the tag of their routes in the API documents. */
export const DIALECTS = { Anny: 'anny', NextProd: 'nextprod', Traderz: 'traderz' } as const satisfies Record<
  string,
  KeyDialect
>;

export type Dialect = (typeof DIALECTS)[keyof typeof DIALECTS];

export type Headers = Readonly<Record<string, string>>;

/** `own` and `reader` hold keys of one channel, `other` and `suspended` of channels of their own. */
export type Who = 'own' | 'reader' | 'other' | 'suspended' | 'revoked' | 'auditor';

export interface IssuedKey {
  readonly keyId: string;
  /** As its holder sends it. */
  readonly headers: Headers;
}

export interface Callers {
  readonly dataDir: string;
  readonly channels: Readonly<Record<'own' | 'other' | 'suspended', string>>;
  readonly keys: Readonly<Record<Dialect, Readonly<Record<Who, IssuedKey>>>>;
  /** Changes the directory as another process would. */
  readonly change: (command: DirectoryCommand) => Promise<void>;
  readonly issue: (dialect: KeyDialect, channelId: string | null, scope?: KeyScope) => Promise<IssuedKey>;
  readonly remove: () => Promise<void>;
}

/** Channels, strategies and keys in a new data folder. All are sandboxes; none is suspended yet. */
export async function createCallers(stores?: Combination): Promise<Callers> {
  const folder = temporaryFolder();
  await storesOf(folder.path, stores);
  const events = await openEventsOf(folder.path);
  const change = async (command: DirectoryCommand): Promise<void> => void (await changeDirectory(events, command));
  const issue: Callers['issue'] = (dialect, channelId, scope) => issueKey(events, dialect, channelId, scope);
  const channels = {
    own: await addChannel(events, 'own'),
    other: await addChannel(events, 'other'),
    suspended: await addChannel(events, 'suspended'),
  };
  const keysOf = async (dialect: Dialect): Promise<Record<Who, IssuedKey>> => ({
    own: await issue(dialect, channels.own),
    reader: await issue(dialect, channels.own, 'read'),
    other: await issue(dialect, channels.other),
    suspended: await issue(dialect, channels.suspended),
    revoked: await issue(dialect, channels.own),
    auditor: await issue(dialect, null, 'read'),
  });
  const keys = { anny: await keysOf('anny'), nextprod: await keysOf('nextprod'), traderz: await keysOf('traderz') };
  for (const { revoked } of Object.values(keys)) await change({ type: 'RevokeKey', keyId: revoked.keyId });
  const remove = async (): Promise<void> => {
    await events.close();
    await endStoresOf(folder.path);
    folder.remove();
  };
  return { dataDir: folder.path, channels, keys, change, issue, remove };
}

/** A sandbox channel with the strategy of the documents. */
async function addChannel(events: EventStore, name: string): Promise<string> {
  const channelId = compactId(newId(Date.now()));
  await changeDirectory(events, { type: 'RegisterChannel', channelId, name, sandbox: true });
  const strategy = { strategyId: 'your_strategy_id', name: 'MLB Moneyline Momentum', exchange: 'kalshi' } as const;
  await changeDirectory(events, { type: 'AddStrategy', channelId, ...strategy });
  return channelId;
}

/** Issues a key of any dialect; without a channel it is an auditor's. */
export async function issueKey(
  events: EventStore,
  dialect: KeyDialect,
  channelId: string | null,
  scope: KeyScope = 'write',
): Promise<IssuedKey> {
  const keyId = compactId(newId(Date.now()));
  const role = channelId === null ? 'auditor' : 'channel';
  const { keyHash, secretHash, headers } = newCredentials(dialect);
  const holder = { keyId, role, channelId, dialect, scope, label: null } as const;
  await changeDirectory(events, { type: 'IssueKey', ...holder, keyHash, secretHash });
  return { keyId, headers };
}

/** A new key with its hashes, in the form of its dialect. */
export function newCredentials(dialect: KeyDialect): { keyHash: string; secretHash: string | null; headers: Headers } {
  const secret = randomBytes(32).toString('hex');
  if (dialect === 'anny') {
    const key = `anny_${randomBytes(32).toString('base64url')}`;
    const headers = { 'anny-api-key': key, 'anny-api-secret': secret };
    return { keyHash: hash('sha256', key), secretHash: hash('sha256', secret), headers };
  }
  const key = `${dialect === 'nextprod' ? 'np_live_' : 'tzk_'}${secret}`;
  return { keyHash: hash('sha256', key), secretHash: null, headers: { authorization: `Bearer ${key}` } };
}
