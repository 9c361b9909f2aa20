/**
 * How many signals a key may still send: by default 100 in an hour that begins with the first, as documented.
 *
 * Every authenticated POST counts, refused or repeated too. A batch costs as many as it holds, which is known once its
 * body is read; one that can't be read costs 1. What is over the rest is answered 429 and costs nothing. GETs show the
 * rest and spend nothing.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Coordination, WindowRule, WindowState } from '#libs/sourcing';
import { Fault } from '../../http/fault.ts';
import type { Caller } from '../../http/keys.ts';

const HOUR_MS = 3_600_000;

type Counting = Pick<Coordination, 'take' | 'peek'>;

export class Quota {
  readonly #windows: Counting;
  readonly #rule: WindowRule;
  readonly #countedBatches = new WeakSet<FastifyRequest>();

  constructor(windows: Counting, limit: number) {
    this.#windows = windows;
    this.#rule = { limit, windowMs: HOUR_MS };
  }

  /** Tells the reply what is left. */
  async show(request: FastifyRequest, reply: FastifyReply, caller: Caller): Promise<WindowState> {
    const state = await counted(this.#windows.peek(windowOf(caller), this.#rule, request.receivedAt));
    this.#tell(reply, state);
    return state;
  }

  /** Takes what a request costs and tells the reply what is left. Throws `Fault` `rate_limited` if that is too little. */
  async take(request: FastifyRequest, reply: FastifyReply, caller: Caller, cost: number): Promise<void> {
    const taken = this.#windows.take(windowOf(caller), cost, this.#rule, request.receivedAt);
    const state = await counted(taken);
    this.#tell(reply, state);
    if (!state.allowed) throw this.exceeded(state, request.receivedAt);
  }

  /** The same for a batch whose elements are known. */
  async takeBatch(request: FastifyRequest, reply: FastifyReply, caller: Caller, size: number): Promise<void> {
    this.#countedBatches.add(request);
    await this.take(request, reply, caller, size);
  }

  /** Whether a batch came so far that its elements were counted. */
  isCounted(request: FastifyRequest): boolean {
    return this.#countedBatches.has(request);
  }

  exceeded({ resetAt }: WindowState, now: number): Fault {
    return new Fault('rate_limited', `Wait and retry. ${this.#rule.limit} signals/hour limit.`, {
      retryAfter: Math.max(Math.ceil((resetAt - now) / 1_000), 1),
    });
  }

  #tell(reply: FastifyReply, { remaining, resetAt }: WindowState): void {
    void reply
      .header('x-ratelimit-limit', String(this.#rule.limit))
      .header('x-ratelimit-remaining', String(remaining))
      .header('x-ratelimit-reset', String(Math.ceil(resetAt / 1_000)));
  }
}

function windowOf({ keyId }: Caller): string {
  return `nextprod:${keyId}`;
}

/** What can't be counted is not let in: a limit that fails open is none. */
async function counted<State>(state: Promise<State>): Promise<State> {
  try {
    return await state;
  } catch (error) {
    throw new Fault('unavailable', 'the rate limit cannot be counted right now; nothing was stored, try again', {
      retryAfter: 1,
      cause: error,
    });
  }
}
