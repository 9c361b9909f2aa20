/** The servers of a run: started when the first row needs them, warmed up, and left to finish after each row. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '../support/client.ts';
import { TestDirectory } from '../support/directory.ts';
import type { Headers } from './bodies.ts';
import type { Children, LoadGenerator, Server } from './children.ts';
import type { Job, Measured, Verified } from './job.ts';
import { cpuSeconds } from './machine.ts';
import type { Target } from './rows.ts';

const CATCH_UP_MS = 60_000;

/** Keys in the directory, of which one is used. */
const KEYS = 1_000;

export interface Figures extends Measured {
  /** Microseconds of CPU that the server spent on each request, all its threads together; null where unknown. */
  readonly cpuMicros: number | null;
  /** Events that the view lagged behind when the row was over, and how long it took to catch up. */
  readonly behind: number;
  readonly catchUpMs: number;
}

export class Targets {
  readonly ledgerDir: string;
  readonly eventsFile: string;
  readonly viewsFile: string;
  readonly #ceilingFile: string;
  readonly #children: Children;
  readonly #load: LoadGenerator;
  readonly #servers = new Map<Target, Server>();
  readonly #nodeArgs: readonly string[];
  #headers: Headers = {};

  /** `nodeArgs` go to the ledger's Node. */
  constructor(folder: string, children: Children, load: LoadGenerator, nodeArgs: readonly string[]) {
    this.ledgerDir = join(folder, 'ledger');
    mkdirSync(this.ledgerDir);
    this.eventsFile = join(this.ledgerDir, 'events.db');
    this.viewsFile = join(this.ledgerDir, 'views.db');
    this.#ceilingFile = join(folder, 'ceiling.db');
    this.#children = children;
    this.#load = load;
    this.#nodeArgs = nodeArgs;
  }

  /** Starts a server and gives its code time to be compiled. */
  async start(target: Target, warmUpSeconds: number): Promise<void> {
    if (this.#servers.has(target)) return;
    this.#servers.set(target, await this.#open(target));
    await this.run(target, { kind: 'create', connections: 64, seconds: warmUpSeconds });
  }

  /** Runs a load, then waits until the server has nothing left to do that would burden the next row. */
  async run(
    target: Target,
    load: Pick<Job, 'kind' | 'connections' | 'seconds' | 'signals' | 'rate'> & { watch?: string },
  ): Promise<Figures> {
    const server = this.#servers.get(target)!;
    const kept = target === 'ledger';
    const before = cpuSeconds(server.pid);
    const measured = await this.#load.run({
      job: 'load',
      port: server.port,
      headers: kept ? this.#headers : {},
      kept,
      rampSeconds: 0.2,
      ...load,
    });
    const after = cpuSeconds(server.pid);
    const lag = kept ? await this.#catchUp() : { behind: 0, catchUpMs: 0 };
    const total = measured.acknowledged + measured.errors;
    const cpuMicros = before === null || after === null || total === 0 ? null : ((after - before) * 1e6) / total;
    return { ...measured, cpuMicros, ...lag };
  }

  async stopAll(): Promise<void> {
    for (const server of this.#servers.values()) await server.stop();
    this.#servers.clear();
  }

  /** Compares what was acknowledged with the ledger's log. */
  verify(): Promise<Verified> {
    return this.#load.verify(this.eventsFile);
  }

  async #open(target: Target): Promise<Server> {
    if (target === 'bare') return this.#children.bare();
    if (target === 'ceiling') return this.#children.bare(this.#ceilingFile);
    const directory = await TestDirectory.open(this.ledgerDir);
    try {
      const channel = await directory.addChannel('bench', true);
      for (let other = 1; other < KEYS; other += 1) await directory.issueKey(channel);
      this.#headers = credentials(await directory.issueKey(channel));
    } finally {
      await directory.close();
    }
    return this.#children.ledger(this.ledgerDir, this.#nodeArgs);
  }

  /** Waits for the view. One that never catches up is the measured server's fault, and an error. */
  async #catchUp(): Promise<{ behind: number; catchUpMs: number }> {
    const events = new DatabaseSync(this.eventsFile, { readOnly: true });
    const views = new DatabaseSync(this.viewsFile, { readOnly: true });
    try {
      const head = Number(events.prepare('SELECT max(position) AS head FROM events').get()!['head']);
      const live = views.prepare("SELECT checkpoint FROM versions WHERE view = 'signals' AND live = 1");
      const checkpoint = (): number => Number(live.get()?.['checkpoint'] ?? 0);
      const start = performance.now();
      const behind = Math.max(0, head - checkpoint());
      while (checkpoint() < head) {
        if (performance.now() - start > CATCH_UP_MS) throw new Error(`the view did not catch up with position ${head}`);
        await sleep(5);
      }
      return { behind, catchUpMs: performance.now() - start };
    } finally {
      events.close();
      views.close();
    }
  }
}
