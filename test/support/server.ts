/** The real server for tests: in this process, or built and in one of its own. */
import 'reflect-metadata';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { createLogger } from '../../apps/server/src/operations/log.ts';
import { createServer } from '../../apps/server/src/server.module.ts';
import { readSettings, type Settings } from '../../apps/server/src/settings.ts';
import { type Client, createClient } from './client.ts';
import { type AnnyKey, TestDirectory } from './directory.ts';
import { type Combination, endStoresOf, storesOf } from './stores.ts';

/** The built server. */
export const MAIN = fileURLToPath(new URL('../../dist/apps/server/src/main.js', import.meta.url));

type Environment = Readonly<Record<string, string>>;

/** Unless a test is about prices, none move its signals. */
const NO_MARKET: Environment = { ROLES: 'api,projector', SIM_PRICES: 'none' };

/** A folder for one test's stores; `remove` it at the end. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'signal-ledger-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }) };
}

export interface TestServer extends Client {
  readonly port: number;
  readonly app: NestFastifyApplication;
  /** What was logged, one object a line. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly stop: () => Promise<void>;
}

/** Those of a server on the stores of a data folder. `environment` is that of a real one. */
export async function settingsOn(dataDir: string, environment: Environment = {}): Promise<Settings> {
  const { environment: stores } = await storesOf(dataDir);
  return readSettings({ DATA_DIR: dataDir, PORT: '0', ...stores, ...environment });
}

/** Starts a server in this process on a free port. */
export async function startServer(dataDir: string, environment: Environment = {}): Promise<TestServer> {
  const settings = await settingsOn(dataDir, { LOG_LEVEL: 'info', ...NO_MARKET, ...environment });
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const log = settings.LOG_LEVEL === 'silent' ? pino({ level: 'silent' }) : createLogger(settings.LOG_LEVEL, { write });
  const server = await createServer(settings, log);
  await server.app.listen({ host: settings.HOST, port: settings.PORT });
  const { port } = server.app.getHttpServer().address() as AddressInfo;
  const client = createClient(port);
  return {
    ...client,
    port,
    app: server.app,
    log: lines,
    stop: async () => {
      client.close();
      await server.stop();
    },
  };
}

export interface ServerProcess extends Client {
  readonly port: number;
  readonly child: ChildProcess;
  /** All of standard output so far. */
  readonly output: () => string;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Sends SIGTERM and waits for the end. */
  readonly stop: () => Promise<void>;
}

/** Starts the built server as a process of its own, and waits until it is ready. */
export async function startProcess(dataDir: string, environment: Environment = {}): Promise<ServerProcess> {
  const { environment: stores } = await storesOf(dataDir);
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: '0', ...stores, ...NO_MARKET, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Whatever becomes of the test, no server is left behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  void ended.then(() => process.off('exit', kill));
  const port = await portOf(
    () => output,
    ended,
    () => errors,
  );
  const client = createClient(port);
  while ((await client.call('GET', '/health/ready')).status !== 200) await sleep(20);
  return {
    ...client,
    port,
    child,
    output: () => output,
    ended,
    stop: async () => {
      client.close();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The port is free until the server takes it, so it is read from the line that says where it listens. */
async function portOf(output: () => string, ended: Promise<unknown>, errors: () => string): Promise<number> {
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    const [, port] = /"url":"http:\/\/[^"]*:(\d+)"/.exec(output()) ?? [];
    if (port !== undefined) return Number(port);
    if (over) throw new Error(`the server ended before it listened: ${errors()}`);
    await sleep(20);
  }
}

/** Two channels and one key of each kind: what most tests need. */
export interface World {
  readonly dataDir: string;
  readonly directory: TestDirectory;
  readonly channels: { readonly alpha: string; readonly beta: string };
  readonly keys: {
    readonly alpha: AnnyKey;
    readonly reader: AnnyKey;
    readonly beta: AnnyKey;
    readonly auditor: AnnyKey;
    readonly revoked: AnnyKey;
  };
  readonly remove: () => Promise<void>;
}

/** Makes a data folder with channels and keys in it, before any server runs on it. `alpha` is a sandbox. */
export async function createWorld(stores?: Combination): Promise<World> {
  const folder = temporaryFolder();
  await storesOf(folder.path, stores);
  const directory = await TestDirectory.open(folder.path);
  const alpha = await directory.addChannel('alpha', true);
  const beta = await directory.addChannel('beta');
  const keys = {
    alpha: await directory.issueKey(alpha),
    reader: await directory.issueKey(alpha, 'read'),
    beta: await directory.issueKey(beta),
    auditor: await directory.issueKey(null),
    revoked: await directory.issueKey(alpha),
  };
  await directory.revokeKey(keys.revoked.keyId);
  return {
    dataDir: folder.path,
    directory,
    channels: { alpha, beta },
    keys,
    remove: async () => {
      await directory.close();
      await endStoresOf(folder.path);
      folder.remove();
    },
  };
}
