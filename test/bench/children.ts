/** The processes of a run: started on their cores, ended together. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env as environment } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Job, Measured, Reply, Verified, Verify } from './job.ts';
import { LOAD_CORE, nodeOn, SERVER_CORE } from './machine.ts';

const START_TIMEOUT_MS = 30_000;

const LEDGER = fileURLToPath(new URL('../../dist/apps/server/src/main.js', import.meta.url));
const own = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A server that answers on a port. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

interface Child {
  readonly process: ChildProcess;
  /** Rejects when it ends. */
  readonly ended: Promise<never>;
}

export class Children {
  readonly #pinned: boolean;
  readonly #running = new Set<ChildProcess>();

  constructor(pinned: boolean) {
    this.#pinned = pinned;
  }

  /** A bare Fastify; with a file, in front of our event store. Its libraries are those of dist, as the ledger's are. */
  async bare(eventsFile?: string): Promise<Server> {
    const child = this.#node(SERVER_CORE, [own('bare-server.ts'), ...(eventsFile === undefined ? [] : [eventsFile])]);
    const { port } = (await messageOf(child)) as { port: number };
    return { pid: child.process.pid!, port, stop: () => stop(child) };
  }

  /** The ledger as it is shipped, or another build of it, its log going to a file as a service's would. */
  async ledger(
    dataDir: string,
    nodeArgs: readonly string[] = [],
    settings: Readonly<Record<string, string>> = {},
    main = LEDGER,
  ): Promise<Server> {
    const logFile = join(dataDir, 'server.log');
    const env = { DATA_DIR: dataDir, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info', ...settings };
    const child = this.#node(SERVER_CORE, [...nodeArgs, main], openSync(logFile, 'w'), env);
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const log = readFileSync(logFile, 'utf8');
      const { pid, exitCode } = child.process;
      if (exitCode !== null || performance.now() > deadline)
        throw new Error(`the server did not start: ${log.slice(-2_000)}`);
      const [, port] = /"url":"http:\/\/[^"]*:(\d+)"/.exec(log) ?? [];
      if (port !== undefined && (await isReady(Number(port))))
        return { pid: pid!, port: Number(port), stop: () => stop(child) };
      await sleep(30);
    }
  }

  /** The load generator: answers one job after the other. */
  load(): LoadGenerator {
    const child = this.#node(LOAD_CORE, [own('load.ts')]);
    const ask = async (job: Job | Verify): Promise<Measured | Verified> => {
      child.process.send(job);
      const reply = (await messageOf(child)) as Reply;
      if ('failed' in reply) throw new Error(`the load generator failed: ${reply.failed}`);
      return reply.done;
    };
    return {
      run: (job) => ask(job) as Promise<Measured>,
      verify: (eventsFile) => ask({ job: 'verify', eventsFile }) as Promise<Verified>,
    };
  }

  /** Runs a script of this folder to its end on the server's core; answers the value that it sends. */
  async script(name: string, ...args: string[]): Promise<unknown> {
    const child = this.#node(SERVER_CORE, [own(name), ...args]);
    const answer = await messageOf(child);
    await child.ended.catch(() => undefined);
    return answer;
  }

  /** At once, whatever they are doing. */
  killAll(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }

  /** `output`: a file for what it prints; without one it prints on stderr and talks over IPC. */
  #node(core: number, args: readonly string[], output?: number, env: Readonly<Record<string, string>> = {}): Child {
    const [command, commandArgs] = nodeOn(this.#pinned ? core : null, args);
    const process = spawn(command, commandArgs, {
      env: { PATH: environment['PATH'], NODE_ENV: 'production', ...env },
      stdio: output === undefined ? ['ignore', 2, 2, 'ipc'] : ['ignore', output, output],
    });
    if (output !== undefined) closeSync(output);
    this.#running.add(process);
    const ended = once(process, 'exit').then(([code, signal]) => {
      this.#running.delete(process);
      throw new Error(`${args.join(' ')} ended unasked: ${String(code ?? signal)}`);
    });
    ended.catch(() => undefined);
    return { process, ended };
  }
}

export interface LoadGenerator {
  run(job: Job): Promise<Measured>;
  verify(eventsFile: string): Promise<Verified>;
}

async function messageOf({ process, ended }: Child): Promise<unknown> {
  const [message] = await Promise.race([once(process, 'message'), ended]);
  return message as unknown;
}

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

async function stop({ process, ended }: Child): Promise<void> {
  process.kill('SIGTERM');
  await ended.catch(() => undefined);
}
