/**
 * Calls into a worker thread. Calls made in one turn of the event loop travel as one message, answers too: a message
 * costs more than most of what it asks for.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** A call as it travels: number, method, arguments. */
export type Call = readonly [id: number, method: string, args: readonly unknown[]];

/** An answer as it travels: number, value, error message. */
export type Answer = readonly [id: number, value: unknown, error?: string];

/** The thread died before it answered: what was asked may have been done. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost';
}

/** Too many calls wait: this one was not sent. */
export class ThreadBusy extends Error {
  override readonly name = 'ThreadBusy';
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Thread {
  readonly #url: URL;
  readonly #data: unknown;
  readonly #limit: number;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #outgoing: Call[] = [];
  #nextId = 1;
  #closed = false;

  /**
   * `module` names the thread's file beside this one, without its ending. `limit` bounds the calls that wait.
   */
  constructor(module: string, data: unknown, limit = 10_000) {
    const extension = extname(import.meta.url);
    this.#url = new URL(`${module}${extension}`, import.meta.url);
    this.#data = data;
    this.#limit = limit;
  }

  #start(): Worker {
    const worker = new Worker(this.#url, { workerData: this.#data, execArgv: [] });
    worker.on('message', (answers: readonly Answer[]) => this.#receive(answers));
    worker.on('error', (error) => this.#lost(worker, error.message));
    worker.on('exit', () => this.#lost(worker, 'it ended'));
    return worker;
  }

  #receive(answers: readonly Answer[]): void {
    for (const [id, value, error] of answers) {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) continue;
      this.#waiting.delete(id);
      if (error === undefined) waiting.resolve(value);
      else waiting.reject(new Error(error));
    }
    if (this.#waiting.size === 0) this.#worker?.unref();
  }

  /** What waits is told; the next call starts a new thread. */
  #lost(worker: Worker, reason: string): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(new ThreadLost(`a store thread was lost: ${reason}`));
  }

  call<Result>(method: string, ...args: unknown[]): Promise<Result> {
    if (this.#closed) return Promise.reject(new ThreadBusy('the store is closed'));
    if (this.#waiting.size >= this.#limit) return Promise.reject(new ThreadBusy('too many calls are waiting'));
    return new Promise<Result>((resolve, reject) => {
      const id = this.#nextId++;
      this.#worker ??= this.#start();
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#outgoing.push([id, method, args]);
      if (this.#outgoing.length === 1) setImmediate(() => this.#send());
    });
  }

  #send(): void {
    const calls = this.#outgoing;
    this.#outgoing = [];
    this.#worker?.postMessage(calls);
  }

  /** Lets the thread finish what it was asked, then ends it. */
  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#worker === null) {
      this.#closed = true;
      return;
    }
    const closing = this.call('close');
    this.#closed = true;
    await closing.catch(() => undefined);
    await this.#worker?.terminate();
  }
}
