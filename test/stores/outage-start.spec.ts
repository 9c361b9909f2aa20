/** The real server that starts while a store is away, or on one that turns it away. */
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startChild } from '../crash/server-process.ts';
import { LEAST_V1 } from '../support/anny.ts';
import { type Callers, createCallers } from '../support/callers.ts';
import type { Answer } from '../support/client.ts';
import { startDocumentServer } from '../support/document-server.ts';
import type { EventStoreDouble } from '../support/eventstore-double/double.ts';
import { eventually } from '../support/prices.ts';
import { MAIN, startServer, type TestServer } from '../support/server.ts';
import { noFaultsOfEvents, storesOf } from '../support/stores.ts';

const documents = await startDocumentServer();

let callers: Callers;
let double: EventStoreDouble;
beforeAll(async () => {
  callers = await createCallers('esdb+sqlite');
  double = (await storesOf(callers.dataDir)).double!;
});
afterAll(async () => {
  await callers.remove();
  if (typeof documents !== 'string') await documents.stop();
});

async function whileAway<Result>(work: () => Promise<Result>): Promise<Result> {
  await double.stop();
  try {
    return await work();
  } finally {
    await double.start();
  }
}

interface Process {
  readonly output: () => string;
  readonly errors: () => string;
  readonly terminate: () => void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** The built server in a process of its own, which nobody waits for. */
async function start(environment: Readonly<Record<string, string>> = {}): Promise<Process> {
  const { environment: stores } = await storesOf(callers.dataDir);
  const settings = { DATA_DIR: callers.dataDir, PORT: '0', SIM_PRICES: 'none', ...stores, ...environment };
  const child = startChild(process.execPath, [MAIN], settings);
  let [output, errors] = ['', ''];
  child.stdout!.on('data', (chunk) => (output += String(chunk)));
  child.stderr!.on('data', (chunk) => (errors += String(chunk)));
  return {
    output: () => output,
    errors: () => errors,
    terminate: () => void child.kill('SIGTERM'),
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))),
  };
}

const skipped = noFaultsOfEvents === null ? '' : ` (${noFaultsOfEvents})`;

(noFaultsOfEvents === null ? describe : describe.skip)(`while EventStoreDB is away${skipped}`, () => {
  it('a server starts, answers 503, and takes writes once it is there; the log tells of it once', async () => {
    let server: TestServer | null = null;
    const ready = (): Promise<Answer> => server!.call('GET', '/health/ready');
    const write = (): Promise<Answer> =>
      server!.call('POST', '/v1/signal', { body: LEAST_V1, headers: callers.keys.anny.own.headers });
    const said = (text: string): number => server!.log.filter(({ msg }) => msg === text).length;
    await whileAway(async () => {
      server = await startServer(callers.dataDir);
      const { status, body } = await ready();
      expect({ status, body }).toMatchObject({ status: 503, body: { status: 'not_ready', checks: { views: 'ok' } } });
      expect((await server.call('GET', '/health/live')).status).toBe(200);
      const refused = await write();
      expect({ status: refused.status, type: refused.body.result.type }).toEqual({ status: 503, type: 'CRITICAL' });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      // Longer than some polls of the directory, each of which fails.
      await sleep(1_000);
    });
    await eventually('it to be ready', async () => ((await ready()).status === 200 ? true : null));
    await eventually('a write', async () => ((await write()).status === 200 ? true : null));
    await eventually('a list', async () => {
      const { status, headers } = await server!.call('GET', '/v1/signal', { headers: callers.keys.anny.own.headers });
      return status === 200 && headers['x-stale'] === undefined ? true : null;
    });
    await eventually('the end of it in the log', async () =>
      said('the directory of keys is read again') > 0 ? true : null,
    );
    expect(said('a store is away; the server starts and waits for it')).toBe(1);
    expect(said('the directory of keys could not be read')).toBe(1);
    expect(said('the directory of keys is read again')).toBe(1);
    await server!.stop();
  }, 90_000);

  it('a process of all roles waits for it, and ends at a SIGTERM', async () => {
    await whileAway(async () => {
      const { output, errors, terminate, ended } = await start();
      await eventually('it to listen', () => (output().includes('"msg":"listening"') ? true : null));
      terminate();
      expect({ ...(await ended), errors: errors() }).toEqual({ code: 0, signal: null, errors: '' });
      expect(output()).toContain('"msg":"stopped"');
    });
  }, 90_000);

  it('a process that has not begun to listen ends at a SIGTERM, too', async () => {
    // A server that takes connections and says nothing: the start waits for its first answer.
    const sessions = new Set<ServerHttp2Session>();
    const silent = createHttp2Server();
    silent.on('session', (session) => sessions.add(session));
    const { output, terminate, ended } = await start({ EVENT_STORE_URL: await urlOf(silent) });
    await eventually('it to ask', () => (sessions.size > 0 ? true : null));
    terminate();
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(output()).not.toContain('"msg":"listening"');
    for (const session of sessions) session.destroy();
    silent.close();
  }, 90_000);
});

describe('a store that turns its user away ends the start with one sentence', () => {
  it('EventStoreDB', async () => {
    const refusing = createHttp2Server();
    refusing.on('stream', (stream) =>
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16', 'grpc-message': 'who are you' },
        { endStream: true },
      ),
    );
    const sessions = new Set<ServerHttp2Session>();
    refusing.on('session', (session) => sessions.add(session));
    const url = (await urlOf(refusing)).replace('//', '//admin:pass-word@');
    const { errors, ended } = await start({ EVENT_STORE_URL: url });
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(errors()).toMatch(
      /^the server could not start: the store that EVENT_STORE_URL names turns its user away: .*who are you\n$/,
    );
    expect(errors()).not.toContain('pass-word');
    for (const session of sessions) session.destroy();
    refusing.close();
  }, 90_000);

  it('a URL that can not be one', async () => {
    for (const [environment, told] of [
      [{ EVENT_STORE_URL: 'esdb://admin:pass-word@host:2113?tlss=false' }, 'has no option "tlss"'],
      [{ VIEW_STORE_URL: 'mongodb://user:pass-word@host:nine/db' }, "the URL of the MongoDB server can't be read"],
    ] as const) {
      const { errors, ended } = await start(environment);
      expect(await ended).toEqual({ code: 1, signal: null });
      expect(errors()).toContain(told);
      expect(errors().trim().split('\n')).toHaveLength(1);
      expect(errors()).not.toContain('pass-word');
    }
  }, 90_000);

  if (typeof documents === 'string') {
    it.skip(`MongoDB (${documents})`, () => undefined);
  } else if (documents.outage === undefined) {
    it.skip('MongoDB (whom the one that TEST_MONGODB_URL names turns away is not ours to say)', () => undefined);
  } else {
    it('MongoDB', async () => {
      const { errors, ended } = await start({ VIEW_STORE_URL: documents.url.replace('//', '//user:pass-word@') });
      expect(await ended).toEqual({ code: 1, signal: null });
      expect(errors()).toMatch(
        /^the server could not start: the store that VIEW_STORE_URL names turns its user away: /,
      );
      expect(errors()).not.toContain('pass-word');
    }, 90_000);
  }
});

async function urlOf(server: ReturnType<typeof createHttp2Server>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `esdb://127.0.0.1:${(server.address() as AddressInfo).port}?tls=false`;
}
