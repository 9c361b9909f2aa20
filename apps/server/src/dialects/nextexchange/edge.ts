/**
 * How the shell meets the NEXT.exchange dialect: its paths, and all that stands before a body. In this order: the key,
 * whether the agent may come in at all, of a live agent the signature, the rate limit, the permission.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { agentIdIn } from '../../accounts/agent-keys.ts';
import type { Agent, Agents } from '../../accounts/agents.ts';
import { SecretUnreadable, type Secrets } from '../../accounts/secrets.ts';
import type { Edge } from '../../http/edge.ts';
import type { Caller } from '../../http/keys.ts';
import { pathOf } from '../../http/gate.ts';
import { AgentFault } from './errors.ts';
import type { Limits } from './limits.ts';
import { permissionFor, REGISTER_ROUTE } from './permissions.ts';
import { renderFault } from './render.ts';
import { BASE, isInWindow, isSigned } from './signature.ts';

export interface EdgeParts {
  readonly agents: Agents;
  readonly secrets: Secrets;
  readonly limits: Limits;
  /** Whether anyone may register an agent. */
  readonly open: boolean;
}

/** A live agent's request whose signature is not checked yet. */
interface Unverified {
  readonly agent: Agent;
  readonly reply: FastifyReply;
  readonly timestamp: string;
  readonly signature: string;
}

export function nextexchangeEdge({ agents, secrets, limits, open }: EdgeParts): Edge {
  const unverified = new WeakMap<FastifyRequest, Unverified>();

  async function identify(request: FastifyRequest, reply: FastifyReply): Promise<Caller | null> {
    const { method, routeOptions, headers } = request;
    if (`${method} ${routeOptions.url}` === REGISTER_ROUTE) {
      if (!open) throw new AgentFault('registration_closed');
      return null;
    }
    const agent = await agentOf(request);
    if (agent.status === 'pending') throw new AgentFault('not_approved');
    request.agent = agent;
    if (agent.mode === 'sandbox') {
      await admit(request, reply, agent);
      return callerOf(agent);
    }
    const timestamp = headers['x-nx-timestamp'];
    const signature = headers['x-nx-signature'];
    if (!isGiven(timestamp) || !isGiven(signature)) throw new AgentFault('missing_signature');
    if (!isInWindow(timestamp, request.receivedAt)) throw new AgentFault('timestamp_out_of_window');
    unverified.set(request, { agent, reply, timestamp, signature });
    return callerOf(agent);
  }

  async function agentOf(request: FastifyRequest): Promise<Agent> {
    const key = request.headers['x-nx-key'];
    const agent = isGiven(key) ? await agents.find(key) : null;
    if (agent !== null) return agent;
    // A text that is no key at all costs nothing to refuse.
    if (isGiven(key) && agentIdIn(key) !== null) await limits.countWrong(request);
    throw new AgentFault('invalid_key');
  }

  /** Of a live agent: the signature over the bytes as they came, and then what is checked of the others at once. */
  async function verify(request: FastifyRequest, body: Uint8Array): Promise<void> {
    const waiting = unverified.get(request);
    if (waiting === undefined) return;
    unverified.delete(request);
    const { agent, reply, timestamp, signature } = waiting;
    const { method } = request;
    if (!isSigned(signature, secretOf(agent), { timestamp, method, path: pathOf(request.url), body })) {
      await limits.countWrong(request);
      throw new AgentFault('invalid_signature');
    }
    const reads = method === 'GET' || method === 'HEAD';
    if (!reads && !(await limits.useUp(agent.id, signature, request.receivedAt)))
      throw new AgentFault('replayed_signature');
    await admit(request, reply, agent);
  }

  async function admit(request: FastifyRequest, reply: FastifyReply, agent: Agent): Promise<void> {
    await limits.takeRequest(request, reply, agent.id);
    const permission = permissionFor(request.method, request.routeOptions.url);
    if (permission !== null && !agent.permissions.includes(permission))
      throw new AgentFault('permission_missing', { permission });
  }

  function secretOf({ id, sealedSecret }: Agent): string {
    try {
      return secrets.unseal(id, sealedSecret ?? '');
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      const message = 'signatures of this agent can not be checked here; the operator has to mend it';
      throw new AgentFault('service_unavailable', { message, retryAfter: 60, cause: error });
    }
  }

  return { name: 'nextexchange', owns, identify, verify, renderFault };
}

function owns(path: string): boolean {
  return path === BASE || path.startsWith(`${BASE}/`);
}

function isGiven(header: string | readonly string[] | undefined): header is string {
  return typeof header === 'string' && header !== '';
}

function callerOf({ id }: Agent): Caller {
  return { role: 'agent', keyId: id, channelId: id, channel: null, scope: 'write' };
}
