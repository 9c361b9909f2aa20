/** Prices that cross many signals, and a server that is killed again and again while they do. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnnyKey } from '../support/directory.ts';
import { eventually } from '../support/prices.ts';
import { type Folder, temporaryFolder } from './guard.ts';
import { LogCheck } from './log-check.ts';
import { drawMarket, type ExpectedSignal, stepOf } from './market-signals.ts';
import { Random } from './random.ts';
import { makeKey } from './rounds.ts';
import { freePort, launch, type Running, startReady } from './server-process.ts';
import { compareViews } from './view-check.ts';

/** The prices' end is far behind them: nothing comes any more. */
const HANG_MS = 120_000;

const AT_ONCE = 32;

const LEADS = 'this process follows the prices';
const STANDS_BY = 'another process follows the prices';

function says(server: Running, line: string): boolean {
  return server.output().includes(`"msg":"${line}"`);
}

export interface MarketRoundsOptions {
  readonly seed: number;
  readonly signals: number;
  readonly ticks: number;
  readonly kills: number;
  /** How many times faster than written the prices come. */
  readonly speed: number;
  /** Server processes on the one folder; each kill takes the one that follows the prices. */
  readonly servers?: number;
}

export interface MarketReport {
  /** Steps that the rules say. */
  readonly expected: number;
  /** Steps in the log at each kill. */
  readonly killedAt: readonly number[];
  /** Kills at which another process stood by, having said so. */
  readonly stoodBy: number;
  /** Steps of prices that nobody looked at when they came. */
  readonly late: number;
  readonly documents: number;
  readonly problems: readonly string[];
}

/** Runs all of it, and tells what was found; nothing is left behind. */
export async function runMarketRounds(options: MarketRoundsOptions): Promise<MarketReport> {
  const folder = temporaryFolder('market');
  try {
    return await new MarketRounds(folder, options).all();
  } finally {
    folder.remove();
  }
}

class MarketRounds {
  readonly #dataDir: string;
  readonly #options: MarketRoundsOptions;
  readonly #random: Random;
  readonly #servers: Running[] = [];

  constructor({ path }: Folder, options: MarketRoundsOptions) {
    this.#dataDir = path;
    this.#options = options;
    this.#random = new Random(options.seed);
  }

  async all(): Promise<MarketReport> {
    mkdirSync(join(this.#dataDir, 'prices'));
    const signals = await drawMarket(this.#dataDir, this.#random, this.#options);
    const expected = signals.reduce((sum, { steps }) => sum + steps.length, 0);
    const ids = await this.#create(signals);
    const killedAt: number[] = [];
    let stoodBy = 0;
    try {
      for (let kill = 1; kill <= this.#options.kills; kill += 1) {
        await this.#launch();
        await this.#comeTo(Math.round((expected * (kill - this.#random.next())) / this.#options.kills));
        const leader = await this.#leader();
        stoodBy += this.#servers.filter((server) => server !== leader && says(server, STANDS_BY)).length;
        await leader.kill();
        this.#servers.splice(this.#servers.indexOf(leader), 1);
        killedAt.push(this.#steps());
      }
      await this.#launch();
      const problems: string[] = [];
      await this.#comeTo(expected, { early: false }).catch((error: Error) => problems.push(error.message));
      const { documents, problems: unlike } = await compareViews(this.#dataDir);
      problems.push(...unlike);
      for (const server of this.#servers) {
        const { code } = await server.stop();
        if (code !== 0) problems.push(`a server ended with ${code}:\n${server.output()}`);
      }
      const check = new LogCheck(this.#dataDir);
      check.read();
      problems.push(...check.problems, ...this.#differences(signals, ids));
      return { expected, killedAt, stoodBy, late: this.#late(), documents, problems: problems.slice(0, 10) };
    } finally {
      for (const server of this.#servers) await server.kill();
    }
  }

  /** Starts servers until there are as many as there are to be. */
  async #launch(): Promise<void> {
    const { servers = 1 } = this.#options;
    while (this.#servers.length < servers) {
      const server = launch({ dataDir: this.#dataDir, port: await freePort(), environment: this.#environment() });
      this.#servers.push(server);
      if (servers === 1) continue;
      await eventually('a role', () => (says(server, LEADS) || says(server, STANDS_BY) ? true : null));
    }
  }

  /** Who follows the prices; where only one could, whoever runs. */
  async #leader(): Promise<Running> {
    if (this.#servers.length === 1) return this.#servers[0]!;
    return eventually('a leader', () => this.#servers.find((server) => says(server, LEADS)) ?? null);
  }

  #environment(speed = this.#options.speed): Readonly<Record<string, string>> {
    return {
      ROLES: 'api,projector,market',
      SIM_PRICES: join(this.#dataDir, 'prices'),
      SIM_SPEED: String(speed),
      LOG_LEVEL: 'info',
    };
  }

  /** Creates the signals while the prices stand still. Answers their ids, in order. */
  async #create(signals: readonly ExpectedSignal[]): Promise<readonly string[]> {
    const key = await makeKey(this.#dataDir);
    const environment = this.#environment(0);
    const server = await startReady({ dataDir: this.#dataDir, port: await freePort(), environment });
    const ids: string[] = [];
    let next = 0;
    const client = async (): Promise<void> => {
      for (let at = next++; at < signals.length; at = next++) ids[at] = await createOne(server, key, signals[at]!);
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, client));
      await server.stop();
    } finally {
      await server.kill();
    }
    return ids;
  }

  /** Waits until so many steps are in the log; now and then, if `early`, only until the servers begin to start. */
  async #comeTo(steps: number, { early = true } = {}): Promise<void> {
    if (early && this.#servers.length === 1 && this.#random.next() < 0.2) return sleep(this.#random.whole(100, 900));
    const deadline = Date.now() + HANG_MS;
    for (;;) {
      const found = this.#steps();
      if (found >= steps) return;
      const ended = this.#servers.find((server) => server.end() !== null);
      if (ended !== undefined) throw new Error(`a server ended by itself:\n${ended.output()}`);
      if (Date.now() > deadline)
        throw new Error(`${found} of ${steps} steps came:\n${this.#servers.map((one) => one.output()).join('\n')}`);
      await sleep(20);
    }
  }

  #steps(): number {
    return this.#ask("SELECT count(*) AS count FROM events WHERE data ->> 'evidence' IS NOT NULL");
  }

  #late(): number {
    return this.#ask("SELECT count(*) AS count FROM events WHERE data ->> '$.evidence.late' IS NOT NULL");
  }

  #ask(query: string): number {
    return this.#read((db) => Number(db.prepare(query).get()!['count']));
  }

  /** What the log has of each signal beside what the rules say. */
  #differences(signals: readonly ExpectedSignal[], ids: readonly string[]): readonly string[] {
    return this.#read((db) => {
      const stream = db.prepare('SELECT type, data FROM events WHERE stream = ? ORDER BY revision');
      return signals.flatMap(({ steps, body, calls }, at) => {
        const found = stream
          .all(`signal-${ids[at]}`)
          .flatMap(({ type, data }) => stepOf({ type: String(type), data: JSON.parse(String(data)) as object }));
        if (found.join('\n') === steps.join('\n')) return [];
        const drawn = JSON.stringify({ body, calls });
        return [`${ids[at]} ${drawn} has\n${found.join('\n')}\ninstead of\n${steps.join('\n')}`];
      });
    });
  }

  #read<Result>(use: (db: DatabaseSync) => Result): Result {
    const db = new DatabaseSync(join(this.#dataDir, 'events.db'), { readOnly: true, timeout: 10_000 });
    try {
      return use(db);
    } finally {
      db.close();
    }
  }
}

async function createOne(server: Running, key: AnnyKey, { body, calls }: ExpectedSignal): Promise<string> {
  const created = await server.call('POST', '/v2/signal', { key, body });
  if (created.status !== 200) throw new Error(`not created: ${created.status} ${created.text}`);
  const id: string = created.body.payload.parent_signal_id;
  for (const { call, body: more } of calls) {
    const [method, path] = call === 'updateprice' ? ['PUT', call] : ['POST', `call/${call}`];
    const sending = { key, body: { parent_signal_id: id, ...more } };
    const answer = await server.call(method!, `/v1/signal/${id}/${path}`, sending);
    if (answer.status !== 200) throw new Error(`${call} was refused: ${answer.status} ${answer.text}`);
  }
  return id;
}
