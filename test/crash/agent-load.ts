/** Agents that order and cancel without pause, across all kills, beside the load of signals. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { register, SANDBOX, send, type TestAgent } from '../support/nextexchange.ts';
import type { Answer, Client } from '../support/client.ts';
import { writeTicks } from '../support/prices.ts';
import { Random } from './random.ts';

type Caller = Pick<Client, 'call'>;

/** A coin that no signal of the load is of: prices that stand still move none of them. Rests far below its price. */
const ORDER = { symbol: 'ADA', side: 'buy', type: 'limit', quantity: 1, price: 0.01 };

/** Between two orders of an agent, which may send a thousand requests a minute. */
const PAUSE_MS = 50;

const PAGE = 100;

/** Makes prices in a data folder. Answers the settings of a server whose agents order by them. */
export function withAgents(dataDir: string): Readonly<Record<string, string>> {
  const prices = join(dataDir, 'prices');
  mkdirSync(prices);
  writeTicks(prices, 1_000, { 'ADA/USDT': ['0.5'] });
  return {
    ROLES: 'api,projector,market',
    SIM_PRICES: prices,
    SIM_SPEED: '0',
    AGENT_RATE_LIMIT: '1000',
    REGISTER_LIMIT: '1000',
  };
}

export class AgentLoad {
  readonly #caller: Caller;
  readonly #agents: TestAgent[] = [];
  /** By order, whose it is and how it was answered last. */
  readonly #orders = new Map<string, { readonly agent: TestAgent; readonly status: string }>();
  readonly #problems: string[] = [];
  #stopping = false;
  #running: Promise<void>[] = [];

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Orders that were acknowledged. */
  get orders(): number {
    return this.#orders.size;
  }

  /** To be called while a server runs that is not killed. */
  async register(agents: number): Promise<void> {
    while (this.#agents.length < agents) this.#agents.push(await register(this.#caller, SANDBOX));
  }

  start(seed: number): void {
    this.#stopping = false;
    this.#running = this.#agents.map((agent, index) => this.#trade(agent, new Random(seed * 1_000 + 500 + index)));
  }

  /** Lets every agent finish what it holds: each order is sent under its key until it is answered. */
  async finish(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running);
  }

  /**
   * What is wrong. Every acknowledged order has to be listed, as it was answered last. To be called when the views have
   * caught up.
   */
  async judge(): Promise<readonly string[]> {
    const listed = new Map<string, string>();
    for (const agent of this.#agents) {
      for (let cursor: string | null = ''; cursor !== null;) {
        const path = `/orders?limit=${PAGE}${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const { body } = await this.#answered(agent, 'GET', path, {});
        for (const { orderId, status } of body.data) listed.set(`${agent.id} ${orderId}`, status as string);
        cursor = body.next_cursor as string | null;
      }
    }
    for (const [orderId, { agent, status }] of this.#orders) {
      const found = listed.get(`${agent.id} ${orderId}`) ?? 'missing';
      if (found !== status) this.#problems.push(`order ${orderId} was ${status}, and is ${found}`);
    }
    return this.#problems;
  }

  async #trade(agent: TestAgent, random: Random): Promise<void> {
    while (!this.#stopping) {
      const orderId = await this.#place(agent, random.whole(0, 2));
      if (orderId !== null && random.next() < 0.4) await this.#cancel(agent, orderId);
      await sleep(PAUSE_MS);
    }
  }

  /** Sends an order under a new key until it is answered, and then again: it is one order. */
  async #place(agent: TestAgent, repeats: number): Promise<string | null> {
    const headers = { 'idempotency-key': randomUUID() };
    let orderId: string | null = null;
    for (let answers = 0; answers <= repeats; answers += 1) {
      const answer = await this.#answered(agent, 'POST', '/orders', { body: ORDER, headers });
      if (answer.status !== 201) {
        this.#problems.push(`an order was answered ${answer.status} ${answer.text}`);
        return null;
      }
      const told = answer.body.order.orderId as string;
      if (orderId !== null && told !== orderId) this.#problems.push(`one key told of ${orderId} and of ${told}`);
      orderId = told;
    }
    this.#orders.set(orderId!, { agent, status: 'open' });
    return orderId;
  }

  async #cancel(agent: TestAgent, orderId: string): Promise<void> {
    const answer = await this.#answered(agent, 'DELETE', `/orders/${orderId}`, {});
    // A cancel whose answer was lost is found to be done.
    if (answer.status !== 200 && answer.status !== 409)
      this.#problems.push(`a cancel was answered ${answer.status} ${answer.text}`);
    this.#orders.set(orderId, { agent, status: 'cancelled' });
  }

  /** Asks until there is an answer that says what became of it. */
  async #answered(
    agent: TestAgent,
    method: string,
    path: string,
    sending: Parameters<typeof send>[4],
  ): Promise<Answer> {
    for (;;) {
      const answer = await send(this.#caller, agent, method, path, sending).catch(() => null);
      // Just after a start there may be no price yet, and after some hundred requests none may be left.
      if (answer !== null && ![422, 429, 503].includes(answer.status)) return answer;
      await sleep(100);
    }
  }
}
