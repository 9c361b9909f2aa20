/** A ledger begun on the embedded stores moves to the production stores and back, by the commands export and import. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '#libs/sourcing';
import { openViewStore } from '#libs/stores';
import { type SignalDocument, signalsView } from '#libs/views';
import { type Commands, createCommands } from '../../apps/cli/src/testing/commands.ts';
import { bodiesOf, dialectRoutes, namesSignal, pathWith, readDocument } from '../support/api-document.ts';
import { type Callers, createCallers, type Dialect } from '../support/callers.ts';
import type { Client } from '../support/client.ts';
import { eventually } from '../support/prices.ts';
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

/** All that can be seen of a ledger. */
interface Seen {
  /** Without their positions, which are the store's own. */
  readonly events: readonly Omit<RecordedEvent, 'position'>[];
  /** As every caller is shown them. */
  readonly lists: readonly unknown[];
  /** In the order of their creation, without the place in the log that says so. */
  readonly documents: readonly Omit<SignalDocument, 'created'>[];
}

describe(`a ledger that moves between sqlite+sqlite and ${PRODUCTION}`, () => {
  let callers: Callers;
  let commands: Commands;
  const folders: { path: string; remove: () => void }[] = [];

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

  async function see(dataDir: string): Promise<Seen> {
    const server = await startServer(dataDir);
    try {
      await eventually('the views to catch up', async () => {
        const { lag } = (await server.call('GET', '/health/ready')).body;
        return lag.signals.events === 0 ? true : null;
      });
      const lists = await Promise.all(
        LISTS.map(async ([dialect, path]) => {
          const { status, body } = await server.call('GET', path, { headers: callers.keys[dialect].own.headers });
          expect({ path, status }).toEqual({ path, status: 200 });
          return body as unknown;
        }),
      );
      return { events: await eventsOf(dataDir), lists, documents: await documentsOf(dataDir) };
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
    const { version } = (await views.live(signalsView.name))!;
    const documents: SignalDocument[] = [];
    for await (const { json } of views.all({ view: signalsView.name, version }))
      documents.push(JSON.parse(json) as SignalDocument);
    await views.close();
    return documents
      .toSorted((one, other) => (BigInt(one.created) < BigInt(other.created) ? -1 : 1))
      .map(({ created: _, ...document }) => document);
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
    const before = await see(callers.dataDir);
    expect(before.events.length).toBeGreaterThan(80);
    expect(before.documents.length).toBeGreaterThan(20);

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
