/** A small HTTP client that sends what it is told, however wrong. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import type { AnnyKey } from './directory.ts';

/** `body` is sent as JSON; `raw` as it is. */
export interface Sending {
  readonly key?: AnnyKey | null;
  readonly body?: unknown;
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The parsed body; undefined where it is no JSON. */
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- an answer is judged, not typed
}

export interface Client {
  /** Sends one request and reads its answer. `path` goes out as written. */
  call(method: string, path: string, sending?: Sending): Promise<Answer>;
  /** Writes bytes to a socket of their own and reads until the server closes it, or `quietMs` pass without a byte. */
  raw(bytes: string | Buffer, quietMs?: number): Promise<string>;
  close(): void;
}

/** A client of one server, on connections that stay open. */
export function createClient(port: number, host = '127.0.0.1'): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    call: (method, path, sending = {}) =>
      new Promise((resolve, reject) => {
        const payload = payloadOf(sending);
        const sent = request({ agent, host, port, method, path, headers: headersOf(sending, payload) }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({ status: answer.statusCode!, headers: answer.headers, text, body: parsed(text) });
          });
        });
        sent.on('error', reject);
        sent.end(payload);
      }),
    raw: (bytes, quietMs = 1_000) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, host, () => socket.write(bytes));
        let text = '';
        socket.setTimeout(quietMs, () => socket.destroy());
        socket.on('data', (chunk) => (text += chunk.toString('latin1')));
        socket.on('error', (error: NodeJS.ErrnoException) =>
          error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : reject(error),
        );
        socket.on('close', () => resolve(text));
      }),
    close: () => agent.destroy(),
  };
}

/** The credentials of a key pair. */
export function credentials(key: AnnyKey): Record<string, string> {
  return { 'anny-api-key': key.key, 'anny-api-secret': key.secret };
}

function payloadOf({ body, raw }: Sending): Buffer | undefined {
  if (raw !== undefined) return Buffer.from(raw as string);
  return body === undefined ? undefined : Buffer.from(JSON.stringify(body));
}

function headersOf({ key, headers }: Sending, payload: Buffer | undefined): Record<string, string | string[]> {
  return {
    ...(payload && { 'content-type': 'application/json', 'content-length': String(payload.length) }),
    ...(key && credentials(key)),
    ...headers,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
