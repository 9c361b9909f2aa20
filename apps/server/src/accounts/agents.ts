/**
 * Agents as callers: who a key belongs to, and what its holder may do.
 *
 * What is known of an agent is asked for anew after half a second, so that an approval, a revocation or a change of its
 * permissions holds within a second on every process. It is never let in on older knowledge.
 */
import { Inject } from '@nestjs/common';
import type { Mode, Permission } from '#libs/account';
import { RecentlyUsed } from '#libs/sourcing';
import type { AccountDocument } from '#libs/views';
import { agentIdIn, isKeyOf } from './agent-keys.ts';
import { AccountReader } from './reader.ts';

const FRESH_MS = 500;

/** Agents remembered at least. */
const REMEMBERED = 10_000;

/** What a request has to know of who sends it. */
export interface Agent {
  readonly id: string;
  readonly mode: Mode;
  /** `pending`: a live agent that is not approved yet. `closed`: revoked. */
  readonly status: AccountDocument['status'];
  readonly permissions: readonly Permission[];
  readonly dailyLossLimit: string | null;
  /** The secret of a live agent, sealed. */
  readonly sealedSecret: string | null;
}

interface Remembered {
  readonly agent: Agent;
  readonly keyHash: string;
  /** Milliseconds since 1970 before it was asked for. */
  readonly readAt: number;
}

export class Agents {
  readonly #reader: AccountReader;
  readonly #remembered = new RecentlyUsed<Remembered>(2 * REMEMBERED);
  readonly #reading = new Map<string, Promise<Remembered | null>>();

  constructor(@Inject(AccountReader) reader: AccountReader) {
    this.#reader = reader;
  }

  /** Whose key this is; null where it is nobody's, not the agent's own, or the agent was revoked. */
  async find(key: string): Promise<Agent | null> {
    const agentId = agentIdIn(key);
    if (agentId === null) return null;
    const known = this.#remembered.get(agentId);
    const found = known !== undefined && Date.now() - known.readAt <= FRESH_MS ? known : await this.#readOnce(agentId);
    if (found === null || !isKeyOf(key, found.keyHash) || found.agent.status === 'closed') return null;
    return found.agent;
  }

  /** Requests of one agent that come together wait for one answer: those that were there when it was asked for. */
  async #readOnce(agentId: string): Promise<Remembered | null> {
    const waiting = this.#reading.get(agentId);
    if (waiting !== undefined) return waiting;
    const reading = this.#read(agentId).finally(() => this.#reading.delete(agentId));
    this.#reading.set(agentId, reading);
    return reading;
  }

  async #read(agentId: string): Promise<Remembered | null> {
    const readAt = Date.now();
    const document = await this.#reader.get(agentId);
    // Nobody's id is not remembered: whoever invents keys would push out those who have one.
    if (document === null) return null;
    const found = { agent: agentOf(document), keyHash: document.keyHash, readAt };
    this.#remembered.set(agentId, found);
    return found;
  }
}

function agentOf(document: AccountDocument): Agent {
  return {
    id: document.id,
    mode: document.mode,
    status: document.status,
    permissions: document.permissions,
    dailyLossLimit: document.dailyLossLimit,
    sealedSecret: document.sealedSecret,
  };
}
