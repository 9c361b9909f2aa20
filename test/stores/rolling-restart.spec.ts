/** Processes that come and go behind one address: a restart of all of them, and one that is killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../crash/server-process.ts';
import { create, SPOT } from '../support/anny.ts';
import type { Answer } from '../support/client.ts';
import { eventually } from '../support/prices.ts';
import { createWorld, type ServerProcess, startProcess, type World } from '../support/server.ts';
import { noOutageOfViews, openEventsOf } from '../support/stores.ts';

const CALLERS = 8;

/** Long enough for whoever asks every 50 ms to see that a process is leaving. */
const STOP_DELAY_MS = '3000';
const ASKED_EVERY_MS = 50;

// EventStoreDB alone where nothing speaks the protocol of MongoDB: the coordination is then a file of the folder.
const missing = await noOutageOfViews();
const STORES = missing === null ? 'esdb+mongodb' : 'esdb+sqlite';

/** Sends each request to a process that said it is ready, as a load balancer does. */
class Balancer {
  readonly #addresses: ServerProcess[];
  readonly #ready = new Set<ServerProcess>();
  readonly #stop = new AbortController();
  readonly #asking: Promise<void>;
  #next = 0;
  /** Connections that were refused, and tried with the other process. */
  refused = 0;

  constructor(processes: readonly ServerProcess[]) {
    this.#addresses = [...processes];
    for (const one of processes) this.#ready.add(one);
    this.#asking = this.#ask();
  }

  replace(before: ServerProcess, after: ServerProcess): void {
    this.#addresses[this.#addresses.indexOf(before)] = after;
    this.#ready.delete(before);
    // It was waited for.
    this.#ready.add(after);
  }

  async call(...request: Parameters<ServerProcess['call']>): Promise<Answer> {
    for (;;) {
      const ready = [...this.#ready];
      const one = ready[(this.#next += 1) % ready.length];
      if (one === undefined) throw new Error('no process is ready');
      try {
        return await one.call(...request);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
        this.refused += 1;
        await sleep(ASKED_EVERY_MS);
      }
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#asking;
  }

  async #ask(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      for (const one of this.#addresses) {
        const answer = await one.call('GET', '/health/ready').catch(() => null);
        if (answer?.status === 200) this.#ready.add(one);
        else this.#ready.delete(one);
      }
      await sleep(ASKED_EVERY_MS);
    }
  }
}

describe(`on ${STORES}${missing === null ? '' : ` (no MongoDB: ${missing})`}`, () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(STORES);
  }, 120_000);
  afterEach(() => world.remove(), 60_000);

  async function storedIds(): Promise<readonly string[]> {
    const events = await openEventsOf(world.dataDir);
    const { events: all } = await events.readAll(0n, 1_000_000, 'signal-');
    await events.close();
    return all.map(({ stream }) => stream.slice('signal-'.length));
  }

  it('two api processes that are restarted one after the other under load drop no request', async () => {
    const key = world.keys.alpha;
    const ports = [await freePort(), await freePort()];
    const start = (index: number) =>
      startProcess(world.dataDir, { ROLES: 'api', PORT: String(ports[index]), STOP_DELAY_MS });
    const processes = await Promise.all([start(0), start(1)]);
    const balancer = new Balancer(processes);
    const answered: string[] = [];
    const dropped: unknown[] = [];
    let over = false;
    const callers = Array.from({ length: CALLERS }, async () => {
      while (!over) {
        try {
          const { status, body, text } = await balancer.call('POST', '/v2/signal', { key, body: SPOT });
          if (status === 200) answered.push(body.payload.parent_signal_id);
          else dropped.push(`${status} ${text}`);
        } catch (error) {
          dropped.push(String(error));
          // A refusal comes at once: without a pause a server that is gone would be asked without end.
          await sleep(10);
        }
      }
    });
    try {
      for (const [index, before] of processes.entries()) {
        const reached = answered.length + 100;
        await eventually('some load', () => (answered.length >= reached ? true : null));
        before.child.kill('SIGTERM');
        expect(await before.ended).toEqual({ code: 0, signal: null });
        const after = await start(index);
        balancer.replace(before, after);
        before.close();
        processes[index] = after;
      }
      const reached = answered.length + 100;
      await eventually('some load after it', () => (answered.length >= reached ? true : null));
    } finally {
      over = true;
      await Promise.all(callers);
    }
    await balancer.close();
    await Promise.all(processes.map((one) => one.stop()));
    expect(dropped).toEqual([]);
    expect((await storedIds()).toSorted()).toEqual(answered.toSorted());
  }, 120_000);

  it('a projector that is killed is followed by the other within seconds', async () => {
    const [first, second] = [await startProcess(world.dataDir), await startProcess(world.dataDir)];
    const leads = (one: ServerProcess): boolean => !one.output().includes('another process keeps the views');
    await eventually('one to stand by', () => (leads(first) && leads(second) ? null : true));
    const [leader, other] = leads(first) ? [first, second] : [second, first];
    expect([leads(leader), leads(other)]).toEqual([true, false]);
    const key = world.keys.beta;
    const shown = async (): Promise<string[] | null> => {
      const { status, headers, body } = await other.call('GET', '/v1/signal?limit=100', { key });
      if (status !== 200 || headers['x-stale'] !== undefined) return null;
      return body.payload.signals.map((signal: { parent_signal_id: string }) => signal.parent_signal_id);
    };
    const { id: before } = await create(other, key);
    await eventually('the leader to project', async () => ((await shown())?.includes(before) === true ? true : null));
    leader.child.kill('SIGKILL');
    await leader.ended;
    leader.close();
    const { id: after } = await create(other, key);
    await eventually('the other to take over', async () => ((await shown())?.includes(after) === true ? true : null));
    expect(await shown()).toEqual([after, before]);
    await other.stop();
  }, 120_000);
});
