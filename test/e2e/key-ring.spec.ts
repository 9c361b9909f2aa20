/** The keys in memory: what they cost, what holds while the directory can't be read, and when a rotated key ends. */
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createMemoryCoordination, createMemoryViewStore } from '#libs/stores';
import { compactId, newId } from '#libs/sourcing';
import { changeDirectory } from '../../apps/cli/src/directory.ts';
import { KeyRing } from '../../apps/server/src/http/keys.ts';
import { createServer, type Server } from '../../apps/server/src/server.module.ts';
import { readSettings } from '../../apps/server/src/settings.ts';
import { type Headers, issueKey, newCredentials } from '../support/callers.ts';
import { type Client, createClient } from '../support/client.ts';
import { createWatchedStore, type WatchedStore } from '../support/watched-store.ts';

const LISTS = { anny: '/v1/signal', nextprod: '/api/v1/signals', traderz: '/v1/signals' } as const;
const OPEN = { source: 'binance', type: 'crypto', symbol: 'ETH/USDT', side: 'open' };

/** A channel in memory, and what changes its directory. */
async function newChannel({ elsewhere }: WatchedStore): Promise<string> {
  const channelId = compactId(newId(Date.now()));
  await changeDirectory(elsewhere, { type: 'RegisterChannel', channelId, name: 'desk', sandbox: true });
  return channelId;
}

describe('a key ring', () => {
  let store: WatchedStore;
  let ring: KeyRing;
  let channelId: string;
  const keyIn = ({ authorization }: Headers): string => authorization!.slice('Bearer '.length);
  const finds = (headers: Headers): boolean => ring.find('traderz', keyIn(headers), null) !== null;

  beforeEach(async () => {
    store = createWatchedStore();
    channelId = await newChannel(store);
    ring = new KeyRing(store.events);
  });

  afterEach(() => ring.stop());

  test('a rotated key works until its time is over and not after, the new one at once', async () => {
    const old = await issueKey(store.elsewhere, 'traderz', channelId);
    const { headers, keyHash, secretHash } = newCredentials('traderz');
    const now = Date.now();
    const ends = now + 700;
    await changeDirectory(store.elsewhere, {
      type: 'RotateKey',
      keyId: old.keyId,
      newKeyId: compactId(newId(now)),
      keyHash,
      secretHash,
      expiresAt: new Date(ends).toISOString(),
      now: new Date(now).toISOString(),
    });
    await ring.start(() => undefined);
    expect(finds(headers)).toBe(true);
    let last = 0;
    while (finds(old.headers)) {
      last = Date.now();
      await sleep(1);
    }
    expect(last).toBeGreaterThan(ends - 100);
    expect(last).toBeLessThanOrEqual(ends);
    await sleep(20);
    expect([finds(old.headers), finds(headers)]).toEqual([false, true]);
  });

  test('1,000 look-ups read nothing', async () => {
    const { headers } = await issueKey(store.elsewhere, 'traderz', channelId);
    await ring.start(() => undefined);
    const before = store.reads();
    for (let n = 0; n < 1_000; n += 1) expect(finds(headers)).toBe(true);
    expect(store.reads()).toBe(before);
  });

  test('what it knows grows stale when it cannot read, and it lets nobody in on that', async () => {
    const failures: unknown[] = [];
    await ring.start((error) => failures.push(error));
    expect(ring.stale).toBe(false);
    store.before(() => Promise.reject(new Error('the disk is gone')));
    await sleep(1_100);
    expect(ring.stale).toBe(true);
    expect(failures.length).toBeGreaterThan(1);
    await expect(ring.refresh()).rejects.toMatchObject({ name: 'StoreUnavailable', retryAfter: 1 });
    store.before(null);
    await ring.refresh();
    expect(ring.stale).toBe(false);
  });

  test('a read that began long ago does not make it fresh', async () => {
    const { keyId, headers } = await issueKey(store.elsewhere, 'traderz', channelId);
    await ring.start(() => undefined);
    let release = (): void => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    store.before(() => slow);
    await sleep(1_400);
    await changeDirectory(store.elsewhere, { type: 'RevokeKey', keyId });
    expect([ring.stale, finds(headers)]).toEqual([true, true]);
    const refreshed = ring.refresh();
    store.before(null);
    release();
    await refreshed;
    expect([ring.stale, finds(headers)]).toEqual([false, false]);
  });
});

describe('a server whose directory is watched', () => {
  let store: WatchedStore;
  let server: Server;
  let client: Client;
  let keys: Record<'anny' | 'nextprod' | 'traderz', { keyId: string; headers: Headers }>;

  beforeAll(async () => {
    store = createWatchedStore();
    const channelId = await newChannel(store);
    keys = {
      anny: await issueKey(store.elsewhere, 'anny', channelId),
      nextprod: await issueKey(store.elsewhere, 'nextprod', channelId),
      traderz: await issueKey(store.elsewhere, 'traderz', channelId),
    };
    const settings = readSettings({ PORT: '0', ROLES: 'api', LOG_LEVEL: 'silent' });
    const coordination = createMemoryCoordination();
    const stores = { events: store.events, views: createMemoryViewStore(), coordination };
    server = await createServer(settings, pino({ level: 'silent' }), stores);
    await server.app.listen({ host: settings.HOST, port: 0 });
    client = createClient((server.app.getHttpServer().address() as AddressInfo).port);
  });

  afterAll(async () => {
    client.close();
    await server.stop();
  });

  test('1,000 signals cost no read of it beyond the polls', async () => {
    const { headers } = keys.traderz;
    const before = store.reads();
    const start = performance.now();
    for (let n = 0; n < 20; n += 1) {
      const sent = Array.from({ length: 50 }, () => client.call('POST', '/v1/signals', { headers, body: OPEN }));
      for (const { status } of await Promise.all(sent)) expect(status).toBe(201);
    }
    const polls = Math.ceil((performance.now() - start) / 250) + 1;
    expect(store.reads() - before).toBeLessThanOrEqual(polls);
  });

  test('that cannot be read for a second: it asks for each request, and answers 503 in the form of the dialect', async () => {
    store.before(() => Promise.reject(new Error('the disk is gone')));
    await sleep(1_100);
    const before = store.reads();
    const answers = {
      anny: await client.call('GET', LISTS.anny, { headers: keys.anny.headers }),
      nextprod: await client.call('GET', LISTS.nextprod, { headers: keys.nextprod.headers }),
      traderz: await client.call('GET', LISTS.traderz, { headers: keys.traderz.headers }),
    };
    expect(store.reads() - before).toBeGreaterThanOrEqual(3);
    for (const { status, headers } of Object.values(answers))
      expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(answers.anny.body.result).toEqual({ type: 'CRITICAL' });
    expect(answers.nextprod.body.error.code).toBe('service_unavailable');
    expect(answers.traderz.body.error).toBe('service_unavailable');
    store.before(null);
    expect((await client.call('GET', LISTS.traderz, { headers: keys.traderz.headers })).status).toBe(200);
  });
});
