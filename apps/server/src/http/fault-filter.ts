/** The one place where an error becomes an answer. */
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { OutcomeUnknown, StoreUnavailable } from '#libs/sourcing';
import { Fault, type Rendered } from './fault.ts';
import { sendRendered } from './send.ts';

/**
 * Everything thrown ends here. What was not thrown on purpose is a bug: answered 500 in the dialect's form and logged
 * once, with the request's id.
 */
@Catch()
export class FaultFilter implements ExceptionFilter {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    const { edge } = request;
    if (edge?.charge === undefined) return this.#answer(request, reply, error);
    const fault = faultFrom(error);
    edge.charge(fault, request, reply).then(
      // The error itself tells the log more, unless the charge made another of it.
      (charged) => this.#answer(request, reply, charged === fault ? error : charged),
      (failed: unknown) => this.#answer(request, reply, failed),
    );
  }

  #answer(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
    const fault = faultFrom(error);
    if (fault.kind === 'internal') this.#log.error({ requestId: request.id, err: error }, 'a request failed');
    if (fault.kind === 'unavailable')
      this.#log.warn({ requestId: request.id, reason: causeOf(error) }, 'a request could not be served');
    sendRendered(reply, request.edge?.renderFault(fault) ?? renderPlainly(fault));
  }
}

/** What an error is, as a fault to answer. */
export function faultFrom(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof StoreUnavailable) {
    return new Fault('unavailable', 'the ledger takes no writes right now; nothing was stored, try again', {
      retryAfter: error.retryAfter,
    });
  }
  if (error instanceof OutcomeUnknown) {
    return new Fault(
      'unavailable',
      'the outcome is unknown: the request may or may not have been stored; look before sending it again, or send it with an Idempotency-Key',
      {
        retryAfter: 1,
      },
    );
  }
  if (error instanceof HttpException) return faultFromStatus(error.getStatus(), error.message);
  const status = error !== null && typeof error === 'object' && 'statusCode' in error ? Number(error.statusCode) : 500;
  return faultFromStatus(status, error instanceof Error ? error.message : '');
}

function faultFromStatus(status: number, message: string): Fault {
  if (status === 404) return new Fault('not_found', 'there is nothing at this path');
  if (status === 413) return new Fault('too_large', 'the body is larger than 64 KiB', { field: 'body' });
  if (status === 415)
    return new Fault('unsupported_media_type', 'the body must be application/json', { field: 'body' });
  if (status === 503) return new Fault('unavailable', 'the server is stopping; try again', { retryAfter: 1 });
  if (status >= 400 && status < 500) return new Fault('invalid', message, { field: 'body' });
  return new Fault('internal', 'an internal error; it was logged');
}

/** The form of the server's own routes. */
export function renderPlainly(fault: Fault): Rendered {
  const status = {
    not_found: 404,
    invalid: 400,
    missing: 400,
    too_large: 413,
    unsupported_media_type: 415,
    unauthorized: 401,
    forbidden: 403,
    rate_limited: 429,
    unavailable: 503,
    internal: 500,
  };
  return { status: status[fault.kind], body: JSON.stringify({ error: fault.kind, message: fault.message }) };
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
