/**
 * A connection that stays open and has one request under way at a time.
 *
 * Written by hand because the load generator must cost less than the servers it measures: at 60,000 answers a second
 * on one core autocannon is busier than a bare Fastify, and tells latencies in whole milliseconds.
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export interface Listener {
  readonly opened: (connection: Connection) => void;
  readonly answered: (connection: Connection, answer: Answer) => void;
  /** The connection was lost; `asked` when an answer was still due. */
  readonly lost: (connection: Connection, reason: string, asked: boolean) => void;
}

/** Shared: a chunk is read out before the next one comes. */
const chunk = Buffer.allocUnsafe(65_536);

export class Connection {
  readonly #listener: Listener;
  readonly #socket: Socket;
  #pending = '';
  #asked = false;
  #over = false;
  /** When the request under way was sent, milliseconds. */
  sentAt = 0;

  constructor(port: number, listener: Listener) {
    this.#listener = listener;
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: chunk,
        callback: (length, buffer) => {
          this.#read((buffer as Buffer).toString('latin1', 0, length));
          return true;
        },
      },
    });
    this.#socket.once('connect', () => listener.opened(this));
    this.#socket.once('error', (error) => this.#lost(error.message));
    this.#socket.once('close', () => this.#lost('closed by the server'));
  }

  send(request: string | Buffer): void {
    this.#asked = true;
    this.sentAt = performance.now();
    if (typeof request === 'string') this.#socket.write(request, 'latin1');
    else this.#socket.write(request);
  }

  close(): void {
    this.#over = true;
    this.#socket.destroy();
  }

  #read(text: string): void {
    if (this.#pending !== '') text = this.#pending + text;
    const headEnd = text.indexOf('\r\n\r\n');
    if (headEnd === -1) {
      this.#pending = text;
      return;
    }
    const head = text.slice(0, headEnd);
    const end = headEnd + 4 + lengthOf(head);
    if (text.length < end) {
      this.#pending = text;
      return;
    }
    this.#pending = '';
    this.#asked = false;
    this.#listener.answered(this, {
      status: Number(head.slice(9, 12)),
      head,
      body: text.slice(headEnd + 4, end),
    });
  }

  #lost(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.lost(this, reason, this.#asked);
  }
}

function lengthOf(head: string): number {
  return Number(headerOf(head, 'content-length') ?? 0);
}

/** A header's value. `name` is lower-case. */
export function headerOf(head: string, name: string): string | undefined {
  let start = head.indexOf(`\n${name}: `);
  if (start === -1) start = head.toLowerCase().indexOf(`\n${name}: `);
  if (start === -1) return undefined;
  start += name.length + 3;
  const end = head.indexOf('\r', start);
  return head.slice(start, end === -1 ? undefined : end);
}
