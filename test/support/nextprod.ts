/** Channels, strategies and keys of the NextProd dialect for tests, and what every answer of it looks like. */
import { hash, randomBytes } from 'node:crypto';
import type { DirectoryCommand, KeyScope, StrategyExchange } from '#libs/channel';
import { compactId, type EventStore, newId } from '#libs/sourcing';
import { changeDirectory } from '../../apps/cli/src/directory.ts';
import type { Answer, Client } from './client.ts';
import { type AnnyKey, TestDirectory } from './directory.ts';
import { temporaryFolder } from './server.ts';
import { endStoresOf, openEventsOf } from './stores.ts';

/** The published least body. */
export const LEAST = {
  strategy_id: 'your_strategy_id',
  market: 'KXMLBGAME-26APR041905MIANYY-NYY',
  direction: 'YES',
  size: 300,
};

/** What a real channel must send beside it. */
export const PRICED = { ...LEAST, entry_price: 0.45 };

export interface NextprodKey {
  readonly keyId: string;
  readonly key: string;
}

export class NextprodDirectory {
  readonly #events: EventStore;

  private constructor(events: EventStore) {
    this.#events = events;
  }

  static async open(dataDir: string): Promise<NextprodDirectory> {
    return new NextprodDirectory(await openEventsOf(dataDir));
  }

  async change(command: DirectoryCommand): Promise<void> {
    await changeDirectory(this.#events, command);
  }

  async addStrategy(
    channelId: string,
    strategyId: string,
    exchange: StrategyExchange,
    name = strategyId,
  ): Promise<void> {
    await this.change({ type: 'AddStrategy', channelId, strategyId, name, exchange });
  }

  async issueKey(channelId: string | null, scope: KeyScope = 'write'): Promise<NextprodKey> {
    const keyId = compactId(newId(Date.now()));
    const key = `np_live_${randomBytes(32).toString('hex')}`;
    const whose = channelId === null ? ({ role: 'auditor' } as const) : ({ role: 'channel' } as const);
    const hashes = { keyHash: hash('sha256', key), secretHash: null };
    await this.change({
      type: 'IssueKey',
      keyId,
      ...whose,
      channelId,
      dialect: 'nextprod',
      scope,
      label: null,
      ...hashes,
    });
    return { keyId, key };
  }

  close(): Promise<void> {
    return this.#events.close();
  }
}

/** A sandbox, a real and a suspended channel, each with strategies, and keys of every kind. */
export interface NextprodWorld {
  readonly dataDir: string;
  readonly directory: NextprodDirectory;
  readonly channels: { readonly sandbox: string; readonly real: string; readonly other: string };
  readonly keys: Readonly<
    Record<'sandbox' | 'reader' | 'real' | 'other' | 'suspended' | 'revoked' | 'spent' | 'auditor', NextprodKey>
  >;
  /** Of the sandbox channel. */
  readonly anny: AnnyKey;
  readonly remove: () => Promise<void>;
}

export async function createNextprodWorld(): Promise<NextprodWorld> {
  const folder = temporaryFolder();
  const channels = await TestDirectory.open(folder.path);
  const directory = await NextprodDirectory.open(folder.path);
  const sandbox = await channels.addChannel('Your Name', true);
  const real = await channels.addChannel('Real Name');
  const other = await channels.addChannel('Other Name', true);
  const suspended = await channels.addChannel('Suspended Name', true);
  for (const channelId of [sandbox, real, suspended])
    await directory.addStrategy(channelId, 'your_strategy_id', 'kalshi', 'MLB Moneyline Momentum');
  for (const channelId of [sandbox, real]) {
    await directory.addStrategy(channelId, 'anywhere', 'both');
    await directory.addStrategy(channelId, 'asleep', 'kalshi');
    await directory.change({ type: 'SetStrategyActive', channelId, strategyId: 'asleep', active: false });
  }
  await directory.addStrategy(sandbox, 'listed', 'kalshi');
  await directory.addStrategy(other, 'others', 'polymarket');
  const keys = {
    sandbox: await directory.issueKey(sandbox),
    reader: await directory.issueKey(sandbox, 'read'),
    real: await directory.issueKey(real),
    other: await directory.issueKey(other),
    suspended: await directory.issueKey(suspended),
    revoked: await directory.issueKey(sandbox),
    spent: await directory.issueKey(sandbox),
    auditor: await directory.issueKey(null, 'read'),
  };
  await directory.change({ type: 'RevokeKey', keyId: keys.revoked.keyId });
  await directory.change({ type: 'SuspendChannel', channelId: suspended, reason: null });
  const anny = await channels.issueKey(sandbox);
  return {
    dataDir: folder.path,
    directory,
    channels: { sandbox, real, other },
    keys,
    anny,
    remove: async () => {
      await directory.close();
      await channels.close();
      await endStoresOf(folder.path);
      folder.remove();
    },
  };
}

export function bearer({ key }: NextprodKey): { authorization: string } {
  return { authorization: `Bearer ${key}` };
}

export function post(
  client: Pick<Client, 'call'>,
  key: NextprodKey,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return client.call('POST', '/api/v1/signals', { body, headers: { ...bearer(key), ...headers } });
}

export function postBatch(
  client: Pick<Client, 'call'>,
  key: NextprodKey,
  signals: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return client.call('POST', '/api/v1/signals/batch', { body: { signals }, headers: { ...bearer(key), ...headers } });
}

export function get(client: Pick<Client, 'call'>, key: NextprodKey, path: string): Promise<Answer> {
  return client.call('GET', path, { headers: bearer(key) });
}

/** What is left of a key's limit, as an answer told it. */
export function remaining({ headers }: Answer): number {
  return Number(headers['x-ratelimit-remaining']);
}

const ERROR_KEYS = new Set(['code', 'message', 'field', 'signal_id']);

/** Whether a body is an error in the published form. */
export function isError(body: unknown): boolean {
  const error = (body as { error?: Record<string, unknown> } | undefined)?.error;
  return (
    error !== undefined &&
    Object.keys(body as object).join() === 'error' &&
    typeof error['code'] === 'string' &&
    typeof error['message'] === 'string' &&
    Object.entries(error).every(([name, value]) => ERROR_KEYS.has(name) && typeof value === 'string' && value !== '')
  );
}
