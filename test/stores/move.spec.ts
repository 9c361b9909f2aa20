/** A ledger begun on the embedded stores moves to the production stores and back, by the commands export and import. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '#libs/sourcing';
import { openViewStore } from '#libs/stores';
import { accountsView, ordersView, signalsView } from '#libs/views';
import { type Commands, createCommands } from '../../apps/cli/src/testing/commands.ts';
import { bodiesOf, dialectRoutes, namesSignal, pathWith, readDocument } from '../support/api-document.ts';
import { type Callers, createCallers, type Dialect } from '../support/callers.ts';
import type { Client } from '../support/client.ts';
import { register, registerLive, LIMIT_BUY, LIVE, send, sendSigned, type TestAgent } from '../support/nextexchange.ts';
import { eventually, ramp, writeTicks } from '../support/prices.ts';
import { startServer, temporaryFolder } from '../support/server.ts';
import { idIn } from '../support/signals.ts';
import { type Combination, endStoresOf, noOutageOfViews, openEventsOf, storesOf } from '../support/stores.ts';

const missing = await noOutageOfViews();
const PRODUCTION: Combination =
  missing === null || process.env['TEST_MONGODB_URL'] !== undefined ? 'esdb+mongodb' : 'esdb+sqlite';

const LISTS: readonly (readonly [Dialect, string])[] = [
  ['anny', '/v1/signal?limit=500'],
  ['anny', '/v1/signal?limit=500&dialect=all'],
  ['nextprod', '/api/v1/signals?limit=100'],
  ['traderz', '/v1/signals?limit=100'],
];

const VIEWS = [signalsView, accountsView, ordersView];

/** The secret of a live agent is sealed with it: whoever moves takes it along. */
const SECRETS = { SECRETS_KEY: 'ab'.repeat(32) };

/** What only prices, an engine and live agents write. */
const MOVED = [
  'AccountApproved',
  'DayStarted',
  'OrderModified',
  'OrderCancelled',
  'OrderFilled',
  'SignalMatched',
  'AccountPaused',
];

/** All that can be seen of a ledger. */
interface Seen {
  /** Without their positions, which are the store's own. */
  readonly events: readonly Omit<RecordedEvent, 'position'>[];
  /** As every caller is shown them. */
  readonly lists: readonly unknown[];
  /** Of each view, in the order of their creation, without the place in the log that says so. */
  readonly documents: readonly (readonly object[])[];
}

describe(`a ledger that moves between sqlite+sqlite and ${PRODUCTION}`, () => {
  let callers: Callers;
  let commands: Commands;
  const folders: { path: string; remove: () => void }[] = [];
  let sandbox: TestAgent;
  let live: TestAgent;

  beforeAll(async () => {
    callers = await createCallers('sqlite+sqlite');
    commands = await createCommands();
  });

  afterAll(async () => {
    for (const { path, remove } of folders) {
      await endStoresOf(path);
      remove();
    }
    await commands.remove();
    await callers.remove();
  }, 60_000);

  async function folderOn(stores: Combination): Promise<string> {
    const folder = temporaryFolder();
    folders.push(folder);
    await storesOf(folder.path, stores);
    return folder.path;
  }

  /** Every example of every write in the API documents: accepted, refused, and repeated under a key. */
  async function fill(server: Client): Promise<void> {
    const routes = dialectRoutes(await readDocument(server));
    const create = routes.find(({ name }) => name === 'POST /v2/signal')!;
    for (const route of routes.filter(({ operation }) => operation.requestBody !== undefined)) {
      const { headers } = callers.keys[route.dialect].own;
      const made = namesSignal(route.path)
        ? idIn(await server.call('POST', create.path, { headers, body: bodiesOf(create, '')[0]![1] }))
        : '';
      for (const [index, [, body]] of bodiesOf(route, made).entries()) {
        const key = { 'idempotency-key': `${route.name} ${index}`.replaceAll(' ', '-') };
        for (const sent of [headers, { ...headers, ...key }, { ...headers, ...key }])
          await server.call(route.method, pathWith(route, made), { headers: sent, body });
      }
    }
  }

  /** What prices do to signals and orders, and what agents and their operator do. */
  async function trade(): Promise<void> {
    const prices = join(callers.dataDir, 'prices');
    mkdirSync(prices);
    writeTicks(prices, 500, { 'BTC/USDT': [...ramp(1_000, 800, 2), ...ramp(802, 998, 2)] });
    const market = { ROLES: 'api,projector,market', SIM_PRICES: prices, SIM_SPEED: '100', LIVE_BROKER: 'paper' };
    const server = await startServer(callers.dataDir, { ...market, ...SECRETS });
    const { headers } = callers.keys.anny.own;
    const entry = { entry_price_min: '850', entry_price_max: '950', exit_price_1: '5000', stop_loss: '10' };
    const signal = { coin: 'BTC', trade_market: 'USDT', exchange: 'BINANCE', invest: 10, type: 'long', ...entry };
    expect((await server.call('POST', '/v2/signal', { headers, body: signal })).status).toBe(200);
    sandbox = await register(server);
    live = await registerLive(server, callers.dataDir, { ...LIVE, dailyLossLimit: 50_000 });
    const resting = { ...LIMIT_BUY, price: 820 };
    await eventually('prices', async () => {
      const { status } = await send(server, sandbox, 'POST', '/orders', { body: resting });
      return status === 201 ? true : null;
    });
    expect((await sendSigned(server, live, 'POST', '/orders', resting)).status).toBe(201);
    for (const price of [1, 2]) {
      const { status, body } = await send(server, sandbox, 'POST', '/orders', { body: { ...LIMIT_BUY, price } });
      expect(status).toBe(201);
      const path = `/orders/${body.order.orderId}`;
      const change = price === 1 ? (['DELETE', {}] as const) : (['PATCH', { body: { price: 3 } }] as const);
      expect((await send(server, sandbox, change[0], path, change[1])).status).toBe(200);
    }
    expect((await send(server, sandbox, 'POST', '/pause', { body: { reason: 'enough' } })).status).toBe(200);
    await eventually('all that prices do', async () => {
      const types = new Set((await eventsOf(callers.dataDir)).map(({ type }) => type));
      return MOVED.every((type) => types.has(type)) ? true : null;
    });
    await server.stop();
  }

  async function see(dataDir: string): Promise<Seen> {
    const server = await startServer(dataDir, SECRETS);
    try {
      await eventually('the views to catch up', async () => {
        const { lag } = (await server.call('GET', '/health/ready')).body;
        return VIEWS.every(({ name }) => lag[name].events === 0) ? true : null;
      });
      const lists = await Promise.all(
        LISTS.map(async ([dialect, path]) => {
          const { status, body } = await server.call('GET', path, { headers: callers.keys[dialect].own.headers });
          expect({ path, status }).toEqual({ path, status: 200 });
          return body as unknown;
        }),
      );
      const orders = [
        await send(server, sandbox, 'GET', '/orders?limit=100'),
        await sendSigned(server, live, 'GET', '/orders?limit=100'),
      ];
      expect(orders.map(({ status, body }) => [status, body.data?.length])).toEqual([
        [200, 3],
        [200, 1],
      ]);
      return {
        events: await eventsOf(dataDir),
        lists: [...lists, ...orders.map(({ body }) => body as unknown)],
        documents: await documentsOf(dataDir),
      };
    } finally {
      await server.stop();
    }
  }

  async function eventsOf(dataDir: string): Promise<Seen['events']> {
    const events = await openEventsOf(dataDir);
    const { events: all } = await events.readAll(0n, 100_000);
    await events.close();
    return all.map(({ position: _, ...event }) => event);
  }

  async function documentsOf(dataDir: string): Promise<Seen['documents']> {
    const views = await openViewStore((await storesOf(dataDir)).environment.VIEW_STORE_URL, { threads: false });
    const all: object[][] = [];
    for (const { name } of VIEWS) {
      const { version } = (await views.live(name))!;
      // Beside orders stands how far an account's are folded, which was not created anywhere.
      const documents: { id: string; created?: string }[] = [];
      for await (const { json } of views.all({ view: name, version }))
        documents.push(JSON.parse(json) as { id: string; created?: string });
      const order = ({ id, created = '' }: { id: string; created?: string }): string => created.padStart(20, '0') + id;
      const ordered = documents.toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
      all.push(ordered.map(({ created: _, ...document }) => document));
    }
    await views.close();
    return all;
  }

  async function move(from: string, to: string): Promise<string> {
    const file = join(commands.folder, `${folders.length}.ndjson`);
    const run = async (dataDir: string, ...args: string[]): Promise<unknown> => {
      const { environment } = await storesOf(dataDir);
      const { code, stdout, stderr } = await commands.run([...args, '--json'], { DATA_DIR: dataDir, ...environment });
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
      return JSON.parse(stdout);
    };
    const exported = (await run(from, 'export', file)) as { events: number };
    expect(await run(to, 'import', file)).toEqual({ added: exported.events, already_there: 0 });
    expect(await run(to, 'import', file)).toEqual({ added: 0, already_there: exported.events });
    return file;
  }

  it('keeps ids, times, revisions, order, metadata, and what every caller is shown; and back again', async () => {
    const server = await startServer(callers.dataDir);
    await fill(server);
    await server.stop();
    await trade();
    const before = await see(callers.dataDir);
    expect(before.events.length).toBeGreaterThan(80);
    // Two accounts, and their four orders beside how far those are folded.
    expect(before.documents.map(({ length }) => length)).toEqual([expect.any(Number), 2, 6]);
    expect(before.documents[0]!.length).toBeGreaterThan(20);

    const production = await folderOn(PRODUCTION);
    const away = await move(callers.dataDir, production);
    expect(await see(production)).toEqual(before);

    const home = await folderOn('sqlite+sqlite');
    const back = await move(production, home);
    expect(await see(home)).toEqual(before);
    // Line by line the same but for each store's own numbers.
    const lines = async (path: string): Promise<string[]> =>
      (await readFile(path, 'utf8'))
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => JSON.stringify({ ...(JSON.parse(line) as object), position: null }));
    expect(await lines(back)).toEqual(await lines(away));
  }, 180_000);

  it('goes on where it was: a key of before still tells its first answer', async () => {
    const production = folders[0]!.path;
    const headers = { ...callers.keys.anny.own.headers, 'idempotency-key': 'POST-/v2/signal-0' };
    const [on, at] = await Promise.all([startServer(production), startServer(callers.dataDir)]);
    const body = bodiesOf(
      dialectRoutes(await readDocument(on)).find(({ name }) => name === 'POST /v2/signal')!,
      '',
    )[0]![1];
    const [there, here] = [
      await on.call('POST', '/v2/signal', { headers, body }),
      await at.call('POST', '/v2/signal', { headers, body }),
    ];
    expect(here.status).toBe(200);
    expect({ status: there.status, body: there.body }).toEqual({ status: here.status, body: here.body });
    await Promise.all([on.stop(), at.stop()]);
  }, 60_000);
});
