/** The built server as a child process that can be killed, traced, limited and started again on the same folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '../support/client.ts';
import { type Folder, guard, temporaryFolder } from './guard.ts';

const MAIN = fileURLToPath(new URL('../../dist/apps/server/src/main.js', import.meta.url));

const READY_TIMEOUT_MS = 60_000;

export interface Launch {
  readonly dataDir: string;
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the command line begins with: a tracer, a limiter. */
  readonly prefix?: readonly string[];
  /** What Node is given instead of the built server. */
  readonly script?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Running extends Client {
  readonly port: number;
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Null while it runs. */
  readonly end: () => Ended | null;
  /** Standard output and standard error so far. */
  readonly output: () => string;
  /** `SIGKILL`, to the whole group: a tracer and what it traces. */
  readonly kill: () => Promise<Ended>;
  /** `SIGTERM`, and waits for the end. */
  readonly stop: () => Promise<Ended>;
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

/** Starts any command in a group of its own, which does not outlive this process. */
export function startChild(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) child.once('close', guard(`group:${child.pid}`).release);
  return child;
}

/** Removed by the guard. */
let compiled: Folder | null = null;

/** Starts the server; it is not ready yet. */
export function launch({ dataDir, port, environment = {}, prefix = [], script = [MAIN] }: Launch): Running {
  const [command, ...args] = [...prefix, process.execPath, ...script] as [string, ...string[]];
  const child = startChild(command, args, {
    DATA_DIR: dataDir,
    PORT: String(port),
    LOG_LEVEL: 'warn',
    STOP_TIMEOUT_MS: '20000',
    // Prices have crash tests of their own.
    ROLES: 'api,projector',
    SIM_PRICES: 'none',
    // Servers start often here; what they compile is the same each time.
    NODE_COMPILE_CACHE: (compiled ??= temporaryFolder('compiled')).path,
    ...environment,
  });
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  let end: Ended | null = null;
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => {
      end = { code, signal };
      resolve(end);
    }),
  );
  const client = createClient(port);
  const finish = async (signal: NodeJS.Signals): Promise<Ended> => {
    killGroup(child, signal);
    const how = await ended;
    client.close();
    return how;
  };
  return {
    ...client,
    port,
    child,
    ended,
    end: () => end,
    output: () => output,
    kill: () => finish('SIGKILL'),
    stop: () => finish('SIGTERM'),
  };
}

/** Starts the server and waits until it takes writes. Throws with what it printed when it ends before. */
export async function startReady(options: Launch): Promise<Running> {
  const server = launch(options);
  await untilReady(server);
  return server;
}

export async function untilReady(server: Running): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (server.end() !== null) throw new Error(`the server ended before it was ready:\n${server.output()}`);
    const answer = await server.call('GET', '/health/ready').catch(() => null);
    if (answer?.status === 200) return;
    if (Date.now() > deadline) throw new Error(`the server was not ready in time: ${answer?.text}\n${server.output()}`);
    await sleep(10);
  }
}

/** A free port outside the range that outgoing connections take theirs from. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
