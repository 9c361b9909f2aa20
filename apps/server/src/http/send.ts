import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Rendered } from './fault.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Sends an answer that was rendered as text. */
export function sendRendered(reply: FastifyReply, { status, body, headers }: Rendered): void {
  void reply.code(status).header('content-type', JSON_TYPE);
  if (headers !== undefined) void reply.headers(headers);
  void reply.send(body);
}

/** Sends an answer as it is made, no faster than it is taken: for one that may be too long to hold. */
export function sendPieces(reply: FastifyReply, pieces: Iterable<string>): void {
  void reply
    .code(200)
    .header('content-type', JSON_TYPE)
    .send(Readable.from(unhurried(pieces)));
}

/** A turn of the event loop after every so many characters: a fast reader would else keep all other requests waiting. */
const CHUNK = 65_536;

async function* unhurried(pieces: Iterable<string>): AsyncGenerator<string, void> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
    await nextTurn();
  }
  yield chunk;
}
