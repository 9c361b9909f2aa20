/** A server that answers as a test tells it, and time that passes as fast as it is slept. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpClock } from '../http-clock.ts';

export type Reply = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestVenue {
  readonly url: string;
  /** Path and query of each request, in order. */
  readonly asked: readonly string[];
  readonly requests: readonly IncomingMessage[];
  /** What is answered from now on. */
  reply: Reply;
  stop(): Promise<void>;
}

export async function startVenue(reply: Reply = (_request, response) => response.end()): Promise<TestVenue> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    venue.reply(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const venue: TestVenue = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return requests.map(({ url }) => url ?? '');
    },
    requests,
    reply,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return venue;
}

/** Answers JSON; a string goes out as it is. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** One reply for each path and query; what is not listed is a 404 in JSON. */
export function routes(replies: Readonly<Record<string, Reply>>): Reply {
  return (request, response) => (replies[request.url ?? ''] ?? json({ error: 'not found' }, 404))(request, response);
}

export interface TestClock extends HttpClock {
  /** What was slept, in order. */
  readonly slept: readonly number[];
  advance(milliseconds: number): void;
}

/** Sleeping takes a turn of the event loop, however long it is. */
export function createTestClock(): TestClock {
  let at = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => 1_780_000_000_000 + at,
    uptime: () => at,
    sleep: async (milliseconds, signal) => {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      slept.push(milliseconds);
      at += milliseconds;
    },
    advance: (milliseconds) => {
      at += milliseconds;
    },
  };
}
