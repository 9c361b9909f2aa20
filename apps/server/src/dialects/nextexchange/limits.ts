/**
 * What is counted of agents and of addresses, over all processes. What can't be counted is not let in: a limit that
 * fails open is none.
 */
import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Coordination, RecentlyUsed } from '#libs/sourcing';
import { Hearing } from '../../http/hearing.ts';
import { AgentFault } from './errors.ts';
import { WINDOW_MS } from './signature.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Wrong signatures and made-up keys that an address may send in a minute. Each costs a look at a store or an HMAC. */
const WRONG_A_MINUTE = 60;

/** Addresses remembered, at least, that have sent too many of them. */
const REMEMBERED_ADDRESSES = 10_000;

/** A signature is in its window for twice as long as it may be early or late; a second more for the ends. */
const USED_UP_MS = 2 * WINDOW_MS + 1_000;

/** Whoever counts and answers nobody for so long is taken to be away. */
const SILENT_MS = 5_000;

export interface LimitSettings {
  /** Requests of an agent in any minute. */
  readonly requests: number;
  /** Registrations of an address in an hour that begins with the first. */
  readonly registrations: number;
}

export class Limits {
  readonly #coordination: Coordination;
  readonly #settings: LimitSettings;
  readonly #hearing: Hearing;
  readonly #shutOut = new RecentlyUsed<number>(2 * REMEMBERED_ADDRESSES);

  constructor(coordination: Coordination, settings: LimitSettings, silentMs = SILENT_MS) {
    this.#coordination = coordination;
    this.#settings = settings;
    this.#hearing = new Hearing(silentMs);
  }

  /** How many requests an agent may send, in words. */
  get told(): string {
    return `${this.#settings.requests} requests/min`;
  }

  /** Takes one request of an agent, and tells the reply what is left. @throws AgentFault `rate_limited` */
  async takeRequest(request: FastifyRequest, reply: FastifyReply, agentId: string): Promise<void> {
    const { requests } = this.#settings;
    const rule = { limit: requests, windowMs: MINUTE_MS };
    const state = await this.#counted(this.#coordination.takeRolling(`agent ${agentId}`, rule, request.receivedAt));
    void reply
      .header('x-ratelimit-limit', String(requests))
      .header('x-ratelimit-remaining', String(state.remaining))
      .header('x-ratelimit-reset', String(Math.ceil(state.resetAt / 1_000)));
    if (!state.allowed)
      throw limited(`Wait and retry. ${requests} requests/min limit.`, state.resetAt, request.receivedAt);
  }

  /** @throws AgentFault `rate_limited` where the address has made as many agents as it may. */
  async takeRegistration(request: FastifyRequest): Promise<void> {
    const rule = { limit: this.#settings.registrations, windowMs: HOUR_MS };
    const name = `register ${addressOf(request)}`;
    const state = await this.#counted(this.#coordination.take(name, 1, rule, request.receivedAt));
    if (!state.allowed)
      throw limited(`Wait and retry. ${rule.limit} registrations/hour limit.`, state.resetAt, request.receivedAt);
  }

  /** Counts a wrong signature or key against the address. @throws AgentFault `rate_limited` where those are too many. */
  async countWrong(request: FastifyRequest): Promise<void> {
    const address = addressOf(request);
    const now = request.receivedAt;
    let until = this.#shutOut.get(address) ?? 0;
    if (until <= now) {
      const rule = { limit: WRONG_A_MINUTE, windowMs: MINUTE_MS };
      const state = await this.#counted(this.#coordination.take(`wrong ${address}`, 1, rule, now));
      if (state.allowed) return;
      until = state.resetAt;
      this.#shutOut.set(address, until);
    }
    throw limited('Wait and retry. Too many wrong keys or signatures came from this address.', until, now);
  }

  /** Uses a signature up; false where it was used before, on whatever process. */
  async useUp(agentId: string, signature: string, now: number): Promise<boolean> {
    const name = `signature ${hash('sha256', `${agentId} ${signature.toLowerCase()}`)}`;
    const rule = { limit: 1, windowMs: USED_UP_MS };
    return (await this.#counted(this.#coordination.take(name, 1, rule, now))).allowed;
  }

  async #counted<State>(asked: Promise<State>): Promise<State> {
    try {
      return await this.#hearing.answered(asked);
    } catch (error) {
      const message = 'requests can not be counted right now; nothing was stored, try again';
      throw new AgentFault('service_unavailable', { message, retryAfter: 1, cause: error });
    }
  }
}

/**
 * Where a request came from: the other end of its connection, for what a header says anybody can write. Of an IPv6
 * address the first 64 bits: a network that is given out to one customer has all the others.
 */
function addressOf({ socket }: FastifyRequest): string {
  const address = (socket.remoteAddress ?? 'none').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIPv6(address) ? networkOf(address) : address;
}

/** @internal The /64 network of an IPv6 address. */
export function networkOf(address: string): string {
  const [front = '', back] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const first = groups(front);
  const last = back === undefined ? [] : groups(back);
  const zeros = Array<string>(Math.max(8 - first.length - last.length, 0)).fill('0');
  const all = [...first, ...(back === undefined ? [] : zeros), ...last];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

function limited(message: string, resetAt: number, now: number): AgentFault {
  return new AgentFault('rate_limited', { message, retryAfter: Math.max(Math.ceil((resetAt - now) / 1_000), 1) });
}
