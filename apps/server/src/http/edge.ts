/** What every dialect gives to the shell, and what a request carries once it came through the gate. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Fault, Rendered } from './fault.ts';
import type { Caller, KeyRing } from './keys.ts';

/** A dialect as the gate and the error filter see it. */
export interface Edge {
  readonly name: 'anny' | 'nextprod' | 'traderz' | 'nextexchange';
  /** Whether a path (without query) is this dialect's. */
  owns(path: string): boolean;
  /** Who calls, from the headers alone. Throws `Fault` `unauthorized`. */
  authenticate(headers: IncomingHttpHeaders, keys: KeyRing): Caller;
  /** A fault in the dialect's own form. */
  renderFault(fault: Fault): Rendered;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Milliseconds since 1970 at which the server received the request. */
    receivedAt: number;
    /** The dialect whose path this is; null for the server's own routes. */
    edge: Edge | null;
    /** Set on every route of a dialect. */
    caller: Caller | null;
  }
}
