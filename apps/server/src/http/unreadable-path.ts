/** Paths that the router itself can't read: broken percent-encodings, ids longer than any. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Edge } from './edge.ts';
import { Fault } from './fault.ts';
import { renderPlainly } from './fault-filter.ts';
import { pathOf } from './gate.ts';
import type { KeyRing } from './keys.ts';
import { sendRendered } from './send.ts';

/** No hook runs on such a request, so what the gate does for others is done here: id, key, and the line in the log. */
export function onUnreadablePath(
  edges: readonly Edge[],
  keys: KeyRing,
  log: Logger,
): (error: Error, request: FastifyRequest, reply: FastifyReply) => void {
  return (_error, request, reply) => {
    const path = pathOf(request.url);
    const edge = edges.find((one) => one.owns(path));
    const fault = faultOf(request, edge, keys);
    const rendered = edge?.renderFault(fault) ?? renderPlainly(fault);
    void reply.header('x-request-id', request.id);
    sendRendered(reply, rendered);
    log.info({ requestId: request.id, method: request.method, path, status: rendered.status }, 'request');
  };
}

function faultOf({ headers }: FastifyRequest, edge: Edge | undefined, keys: KeyRing): Fault {
  try {
    // Whom an agent's key belongs to takes a look at a store, which such a path is not worth.
    if (edge !== undefined && 'authenticate' in edge) edge.authenticate(headers, keys);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return new Fault('not_found', 'there is nothing at this path');
}
