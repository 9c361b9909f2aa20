/** The first and last steps of every request: receipt time, identity, key, and one line in the log. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Edge } from './edge.ts';
import { BODY_LIMIT, parseJsonBody } from './json-body.ts';
import { Fault } from './fault.ts';
import type { KeyUses } from './key-uses.ts';
import type { Caller, KeyRing } from './keys.ts';

const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** Takes the caller's `X-Request-Id` where it is harmless, else numbers the request within this process. */
export function requestIds(): (request: { headers: Record<string, string | string[] | undefined> }) => string {
  const process = Math.floor(Math.random() * 2 ** 40).toString(36);
  let next = 0;
  return ({ headers }) => {
    const given = headers['x-request-id'];
    if (typeof given === 'string' && REQUEST_ID.test(given)) return given;
    next += 1;
    return `${process}-${next.toString(36)}`;
  };
}

/** Keys are checked before a byte of the body is read: 401 and 403 come before 400, 413 and 415. */
export function installGate(
  app: FastifyInstance,
  edges: readonly Edge[],
  keys: KeyRing,
  uses: KeyUses,
  log: Logger,
): void {
  app.decorateRequest('receivedAt', 0);
  app.decorateRequest('edge', null);
  app.decorateRequest('caller', null);
  app.decorateRequest('agent', null);

  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, next: (error?: Error) => void) => {
    request.receivedAt = Date.now();
    void reply.header('x-request-id', request.id);
    // The route that was matched, not the text of the path: letters may be percent-encoded.
    const path = request.routeOptions.url ?? pathOf(request.url);
    const edge = edges.find((one) => one.owns(path)) ?? null;
    request.edge = edge;
    if (edge === null) return next();
    const enter = (): void => {
      if ('identify' in edge) {
        edge.identify(request, reply).then((caller) => {
          request.caller = caller;
          next();
        }, next);
        return;
      }
      try {
        const caller = identify(request, edge, keys);
        request.caller = caller;
        uses.note(caller.keyId, request.receivedAt);
        if (edge.admit === undefined) return next();
        edge.admit(request, reply, caller).then(() => next(), next);
      } catch (error) {
        next(error as Error);
      }
    };
    if (keys.stale) keys.refresh().then(enter, next);
    else enter();
  });

  app.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, next: () => void) => {
    log.info(
      {
        requestId: request.id,
        method: request.method,
        path: pathOf(request.url),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 100) / 100,
        ...(request.caller && { keyId: request.caller.keyId }),
      },
      'request',
    );
    next();
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (request, body, done) => {
    const { edge } = request;
    const parse = (): void => {
      let parsed: unknown;
      try {
        parsed =
          (body as Buffer).length === 0
            ? undefined
            : parseJsonBody(body as Buffer, { decimalTexts: edge?.decimalTexts === true });
      } catch (error) {
        return done(error as Error);
      }
      done(null, parsed);
    };
    if (edge === null || !('verify' in edge)) return parse();
    edge.verify(request, body as Buffer).then(parse, done);
  });

  // Requests without a body, which no parser has seen.
  app.addHook('preValidation', (request: FastifyRequest, _reply: FastifyReply, next: (error?: Error) => void) => {
    const { edge } = request;
    if (edge === null || !('verify' in edge)) return next();
    edge.verify(request, NO_BYTES).then(() => next(), next);
  });
}

const NO_BYTES = new Uint8Array();

/** Reads need a key, writes one that may write and a channel that is not suspended. */
function identify(request: FastifyRequest, edge: Extract<Edge, { authenticate: unknown }>, keys: KeyRing): Caller {
  const caller = edge.authenticate(request.headers, keys);
  if (request.method === 'GET' || request.method === 'HEAD') return caller;
  if (caller.scope === 'read') throw new Fault('forbidden', 'this key may only read');
  if (caller.channel?.suspended) throw new Fault('forbidden', 'the channel is suspended: its keys may only read');
  return caller;
}

/** A path without its query. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
