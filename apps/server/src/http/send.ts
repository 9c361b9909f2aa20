import type { FastifyReply } from 'fastify';
import type { Rendered } from './fault.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Sends an answer that was rendered as text. */
export function sendRendered(reply: FastifyReply, { status, body, headers }: Rendered): void {
  void reply.code(status).header('content-type', JSON_TYPE);
  if (headers !== undefined) void reply.headers(headers);
  void reply.send(body);
}
