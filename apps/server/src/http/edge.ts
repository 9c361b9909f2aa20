/** What every dialect gives to the shell, and what a request carries once it came through the gate. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Agent } from '../accounts/agents.ts';
import type { Fault, Rendered } from './fault.ts';
import type { Caller, KeyRing } from './keys.ts';

/** A dialect as the gate and the error filter see it. */
export type Edge = DirectoryEdge | AgentEdge;

interface AnyEdge {
  readonly name: 'anny' | 'nextprod' | 'traderz' | 'nextexchange';
  /** Whether a path (without query) is this dialect's. */
  owns(path: string): boolean;
  /**
   * What a fault costs its caller, where a request's price is known only once its body is read; gives the fault to
   * answer. Absent where faults are free.
   */
  readonly charge?: (fault: Fault, request: FastifyRequest, reply: FastifyReply) => Promise<Fault>;
  /** Whether some of its fields take a number as a text too, so that it keeps all its digits. Absent: none does. */
  readonly decimalTexts?: boolean;
  /** A fault in the dialect's own form. */
  renderFault(fault: Fault): Rendered;
}

/** Its callers are channels and auditors, which the directory knows. */
interface DirectoryEdge extends AnyEdge {
  /** Who calls, from the headers alone. Throws `Fault` `unauthorized`. */
  authenticate(headers: IncomingHttpHeaders, keys: KeyRing): Caller;
  /**
   * What else stands before the body, such as a rate limit; it may set headers on the reply. Throws `Fault`.
   * Absent where the key is all that is asked for.
   */
  readonly admit?: (request: FastifyRequest, reply: FastifyReply, caller: Caller) => Promise<void>;
}

/** Its callers are agents, each known to its own account. */
interface AgentEdge extends AnyEdge {
  /** Who calls, and what else stands before the body; null on a route that is open to anyone. Throws `Fault`. */
  identify(request: FastifyRequest, reply: FastifyReply): Promise<Caller | null>;
  /** What a caller has signed, before the body is read as JSON; its bytes are none where there is none. Throws `Fault`. */
  verify(request: FastifyRequest, body: Uint8Array): Promise<void>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Milliseconds since 1970 at which the server received the request. */
    receivedAt: number;
    /** The dialect whose path this is; null for the server's own routes. */
    edge: Edge | null;
    /** Set on every route of a dialect that asks for a key. */
    caller: Caller | null;
    /** The caller, where it is an agent. */
    agent: Agent | null;
  }
}
