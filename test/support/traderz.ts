/** Desks of the Traderz dialect, and what is sent for them. */
import { randomBytes, hash } from 'node:crypto';
import type { KeyScope } from '#libs/channel';
import { compactId, type EventStore, newId } from '#libs/sourcing';
import { changeDirectory } from '../../apps/cli/src/directory.ts';
import type { Answer, Client } from './client.ts';
import { createWorld, type World } from './server.ts';
import { openEventsOf } from './stores.ts';

/** A key as its holder sends it. */
export type DeskKey = string;

export interface Desks extends World {
  readonly desk: {
    /** Of the channel `alpha`, a sandbox. */
    readonly alpha: DeskKey;
    /** Another key of `alpha`. */
    readonly second: DeskKey;
    readonly reader: DeskKey;
    readonly beta: DeskKey;
    readonly revoked: DeskKey;
    /** Of a channel that is suspended. */
    readonly suspended: DeskKey;
  };
}

/** Makes a data folder with desks and keys in it, before any server runs on it. */
export async function createDesks(): Promise<Desks> {
  const world = await createWorld();
  const events = await openEventsOf(world.dataDir);
  const { alpha, beta } = world.channels;
  const gamma = await world.directory.addChannel('gamma');
  const revoked = await issue(events, alpha);
  const desk = {
    alpha: (await issue(events, alpha)).key,
    second: (await issue(events, alpha)).key,
    reader: (await issue(events, alpha, 'read')).key,
    beta: (await issue(events, beta)).key,
    revoked: revoked.key,
    suspended: (await issue(events, gamma)).key,
  };
  await changeDirectory(events, { type: 'RevokeKey', keyId: revoked.keyId });
  await changeDirectory(events, { type: 'SuspendChannel', channelId: gamma, reason: null });
  await events.close();
  return { ...world, desk };
}

async function issue(events: EventStore, channelId: string, scope: KeyScope = 'write') {
  const key = `tzk_${randomBytes(32).toString('hex')}`;
  const keyId = compactId(newId(Date.now()));
  const held = { role: 'channel', channelId, dialect: 'traderz', scope, label: null } as const;
  await changeDirectory(events, { type: 'IssueKey', keyId, ...held, keyHash: hash('sha256', key), secretHash: null });
  return { keyId, key };
}

export function bearer(key: DeskKey): { authorization: string } {
  return { authorization: `Bearer ${key}` };
}

/** The published quickstart example. */
export const OPEN = {
  source: 'binance',
  type: 'crypto',
  symbol: 'ETH/USDT',
  side: 'open',
  direction: 'long',
  price: 3450.5,
};

/** Sends a signal. */
export function send(client: Client, key: DeskKey, body: unknown = OPEN, headers = {}): Promise<Answer> {
  return client.call('POST', '/v1/signals', { body, headers: { ...bearer(key), ...headers } });
}

/** Sends a signal that must be stored, and tells its id. */
export async function stored(client: Client, key: DeskKey, body: object = OPEN): Promise<string> {
  const answer = await send(client, key, body);
  if (answer.status !== 201) throw new Error(`not stored: ${answer.status} ${answer.text}`);
  return answer.body.id as string;
}

/** One signal as it is shown. */
export function show(client: Client, key: DeskKey, id: string): Promise<Answer> {
  return client.call('GET', `/v1/signals/${id}`, { headers: bearer(key) });
}
