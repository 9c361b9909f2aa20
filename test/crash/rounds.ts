/** Rounds of load, kill -9 and start again on one folder, with everything that is checked after each. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../support/client.ts';
import { type AnnyKey, TestDirectory } from '../support/directory.ts';
import type { Combination } from '../support/stores.ts';
import { AgentLoad, withAgents } from './agent-load.ts';
import { temporaryFolder } from './guard.ts';
import { Journal } from './journal.ts';
import { Load, type Send } from './load.ts';
import type { LogCheck } from './log-check.ts';
import { Random } from './random.ts';
import { freePort, launch, type Running, untilReady } from './server-process.ts';
import { openSharedStores, type SharedStores } from './shared-stores.ts';

export interface RoundsOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Where the servers keep what they do: files of the folder, unless told otherwise. */
  readonly stores?: Combination;
  /** Server processes on the one folder; each round kills one of them. */
  readonly servers?: number;
  readonly clients?: number;
  /** Agents that order beside them; none unless told otherwise. */
  readonly agents?: number;
  /** Longest time under load before a kill, in milliseconds. */
  readonly longestRound?: number;
  /** Rounds between two comparisons of the views with a rebuild. */
  readonly compareEvery?: number;
  readonly stop?: AbortSignal;
  readonly onRound?: (round: number, so: Report) => void;
  /** Done once a round, while the load runs. Must be over when it resolves. */
  readonly beside?: (dataDir: string, round: number) => Promise<void>;
}

export interface Report {
  readonly rounds: number;
  readonly events: number;
  readonly streams: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  /** Requests whose answer a kill took away. */
  readonly lost: number;
  /** Requests repeated under their key and answered the same. */
  readonly repeated: number;
  /** Of those, requests that had lost an answer first. */
  readonly rescued: number;
  readonly documents: number;
  /** Orders that agents were told of, and those in the view. */
  readonly orders: { readonly acknowledged: number; readonly inView: number };
  readonly problems: readonly string[];
  readonly versions: readonly string[];
}

/** Runs the rounds and tells what was found; nothing is left behind. Ends at the first round with a problem. */
export async function runRounds(options: RoundsOptions): Promise<Report> {
  const folder = temporaryFolder('crash');
  const stores = await openSharedStores(folder.path, options.stores ?? 'sqlite+sqlite');
  const run = new Rounds(folder.path, stores, options);
  try {
    return await run.all();
  } finally {
    await run.end();
    await stores.close();
    folder.remove();
  }
}

/** A folder's channel and key, made before any server runs on it. */
export async function makeKey(dataDir: string): Promise<AnnyKey> {
  const directory = await TestDirectory.open(dataDir);
  const key = await directory.issueKey(await directory.addChannel('load', true));
  await directory.close();
  return key;
}

class Rounds {
  readonly #dataDir: string;
  readonly #stores: SharedStores;
  readonly #options: RoundsOptions;
  readonly #random: Random;
  readonly #journal = new Journal();
  readonly #check: LogCheck;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #problems: string[] = [];
  readonly #agents: AgentLoad;
  #servers: Running[] = [];
  #turn = 0;
  #documents = 0;
  #orders = 0;
  #versions: readonly string[] = [];

  constructor(dataDir: string, stores: SharedStores, options: RoundsOptions) {
    this.#dataDir = dataDir;
    this.#stores = stores;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#check = stores.newCheck();
    this.#environment = { ...stores.environment, ...(this.#agentCount > 0 && withAgents(dataDir)) };
    this.#agents = new AgentLoad({ call: (...request) => this.#next().call(...request) });
  }

  get #agentCount(): number {
    return this.#options.agents ?? 0;
  }

  async all(): Promise<Report> {
    const { rounds, seed, servers = 1, clients = 32, compareEvery = 5, stop, onRound, beside } = this.#options;
    const key = await makeKey(this.#dataDir);
    for (let index = 0; index < servers; index += 1) {
      this.#servers.push(this.#launch(await freePort()));
      await untilReady(this.#servers.at(-1)!);
    }
    await this.#agents.register(this.#agentCount);
    const load = new Load(this.#journal, key, this.#send);
    let round = 0;
    while (round < rounds && !stop?.aborted) {
      round += 1;
      load.start(clients, seed + round);
      this.#agents.start(seed + round);
      const besides = beside?.(this.#dataDir, round);
      await sleep(this.#random.whole(20, this.#options.longestRound ?? 900));
      await this.#killOne();
      await besides;
      await Promise.all([load.finish(), this.#agents.finish()]);
      await this.#stores.read(this.#check);
      this.#check.judge(this.#journal);
      if (round % compareEvery === 0 || round === rounds) await this.#compare();
      onRound?.(round, this.#report(round));
      if (this.#check.problems.length > 0 || this.#problems.length > 0) break;
    }
    // Everything again from the first event on: what was read before a crash must still be there after it.
    const whole = this.#stores.newCheck();
    await this.#stores.read(whole);
    whole.judge(this.#journal);
    this.#problems.push(...whole.problems);
    if (whole.events !== this.#check.events)
      this.#problems.push(`${this.#check.events} events were read, ${whole.events} are there`);
    await this.#compare();
    this.#problems.push(...(await this.#agents.judge()));
    for (const server of this.#servers) {
      const { code } = await server.stop();
      if (code !== 0) this.#problems.push(`a server ended with ${code}:\n${server.output()}`);
    }
    return this.#report(round);
  }

  /** Kills a server, and now and then its successor while that is still starting. */
  async #killOne(): Promise<void> {
    const at = this.#random.whole(0, this.#servers.length - 1);
    const { port } = this.#servers[at]!;
    await this.#servers[at]!.kill();
    this.#servers[at] = this.#launch(port);
    if (this.#random.next() < 0.2) {
      await sleep(this.#random.whole(100, 700));
      await this.#servers[at]!.kill();
      this.#servers[at] = this.#launch(port);
    }
    await untilReady(this.#servers[at]!);
  }

  #launch(port: number): Running {
    return launch({ dataDir: this.#dataDir, port, environment: this.#environment });
  }

  readonly #send: Send = ({ method, path, body }, headers) => this.#next().call(method, path, { body, headers });

  #next(): Pick<Client, 'call'> {
    this.#turn += 1;
    return this.#servers[this.#turn % this.#servers.length]!;
  }

  async #compare(): Promise<void> {
    const { documents, orders, problems, versions } = await this.#stores.compareViews();
    this.#documents = documents;
    this.#orders = orders;
    this.#versions = versions;
    this.#problems.push(...problems);
  }

  #report(rounds: number): Report {
    const keyed = [...this.#journal.keyed.values()].filter((one) => one.repeats > 0);
    return {
      rounds,
      events: this.#check.events,
      streams: this.#check.streams,
      counts: this.#check.counts(),
      acknowledged: this.#journal.acknowledged,
      lost: this.#journal.lost,
      repeated: keyed.length,
      rescued: keyed.filter((one) => one.tries.some((sent) => sent.outcome === 'unknown')).length,
      documents: this.#documents,
      orders: { acknowledged: this.#agents.orders, inView: this.#orders },
      problems: [...this.#check.problems, ...this.#problems].slice(0, 10),
      versions: this.#versions,
    };
  }

  async end(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()));
  }
}
