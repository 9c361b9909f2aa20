/** How the shell meets the NextProd dialect: its paths, its key, its rate limit, its form of errors. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Edge } from '../../http/edge.ts';
import { Fault, type FaultKind } from '../../http/fault.ts';
import type { Caller, KeyRing } from '../../http/keys.ts';
import type { Quota } from './quota.ts';
import { renderFault } from './render.ts';

const BATCH_PATH = '/api/v1/signals/batch';

const BEARER = /^Bearer +(\S+) *$/i;

export function nextprodEdge(quota: Quota): Edge {
  /** A batch's cost is not known yet: it is only turned away here when not even one signal is left. */
  async function admit(request: FastifyRequest, reply: FastifyReply, caller: Caller): Promise<void> {
    if (request.method === 'POST' && !isBatch(request)) return quota.take(request, reply, caller, 1);
    const state = await quota.show(request, reply, caller);
    if (request.method === 'POST' && state.remaining === 0) throw quota.exceeded(state, request.receivedAt);
  }

  /** A batch that could not be read costs 1. */
  async function charge(fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<Fault> {
    const { caller, method } = request;
    if (caller === null || method !== 'POST' || FREE.has(fault.kind) || !isBatch(request) || quota.isCounted(request))
      return fault;
    try {
      await quota.take(request, reply, caller, 1);
      return fault;
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  }

  return { name: 'nextprod', owns, authenticate, admit, charge, renderFault };
}

/** What was turned away at the limit, and what is no fault of the caller's. */
const FREE: ReadonlySet<FaultKind> = new Set(['rate_limited', 'unavailable', 'internal']);

/** By the route, not the text of the path: that can be written in several ways. */
function isBatch(request: FastifyRequest): boolean {
  return request.routeOptions.url === BATCH_PATH;
}

function owns(path: string): boolean {
  return (
    path === '/api/v1/me' ||
    path === '/api/v1/signals' ||
    path.startsWith('/api/v1/signals/') ||
    path.startsWith('/api/v1/strategies/')
  );
}

/** `Authorization: Bearer np_live_…`. Whatever is wrong with it, the answer is the same. */
function authenticate(headers: IncomingHttpHeaders, keys: KeyRing): Caller {
  const [, key] = BEARER.exec(headers.authorization ?? '') ?? [];
  const caller = key === undefined ? null : keys.find('nextprod', key, null);
  if (caller === null) throw new Fault('unauthorized', 'Check your API key is valid and active');
  return caller;
}
