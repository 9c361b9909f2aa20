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

/** What comes back at once: the answers to this many messages. */
export interface Answered {
  readonly messages: number;
  readonly answers: readonly Answer[];
}

const MOST_IN_TRANSIT = 2;

/** The thread died before it answered: what was asked may have been done. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost';
}

/** Too many calls wait, or none are taken any more: this one was not sent. */
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
  /** Messages sent that the thread has not answered. */
  #inTransit = 0;
  #nextId = 1;
  #closing: Promise<void> | null = null;

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
    worker.on('message', (answered: Answered) => this.#receive(answered));
    worker.on('error', (error) => this.#lost(worker, error.message));
    worker.on('exit', () => this.#lost(worker, 'it ended'));
    return worker;
  }

  #receive({ messages, answers }: Answered): void {
    this.#inTransit -= messages;
    if (this.#outgoing.length > 0) this.#send();
    for (const [id, value, error] of answers) {
      const waiting = this.#take(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    }
    // An open store that nobody asks anything does not keep a process from ending.
    if (this.#waiting.size === 0) this.#worker?.unref();
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  /** What waits is told; the next call starts a new thread. */
  #lost(worker: Worker, reason: string): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    this.#inTransit = 0;
    const unsent = this.#outgoing;
    this.#outgoing = [];
    for (const [id] of unsent) this.#take(id)?.reject(new ThreadBusy(`a store thread was lost: ${reason}`));
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(new ThreadLost(`a store thread was lost: ${reason}`));
  }

  /**
   * Rejects with `ThreadBusy` when the call was certainly not made, with `ThreadLost` when that can't be said, and with
   * the message of what the method threw.
   */
  call<Result>(method: string, ...args: unknown[]): Promise<Result> {
    if (this.#closing !== null) return Promise.reject(new ThreadBusy('the store is closed'));
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

  /** While the thread has one message in work and another at hand, calls gather: the next message then carries more. */
  #send(): void {
    const calls = this.#outgoing;
    if (calls.length === 0 || this.#inTransit >= MOST_IN_TRANSIT) return;
    this.#outgoing = [];
    try {
      this.#inTransit += 1;
      this.#worker!.postMessage(calls);
    } catch (error) {
      this.#inTransit -= 1;
      for (const [id] of calls) this.#take(id)?.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Lets the thread finish what it was asked, then ends it. */
  close(): Promise<void> {
    if (this.#closing === null) {
      const last = this.#worker === null ? Promise.resolve() : this.call('close');
      this.#closing = last
        .then(
          () => this.#worker?.terminate(),
          () => undefined,
        )
        .then(() => undefined);
    }
    return this.#closing;
  }
}
