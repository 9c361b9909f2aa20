/**
 * When a write is seen in the view: the live version's checkpoint, read every millisecond on a connection of its own.
 *
 * Documents and checkpoint are saved in one transaction, so a checkpoint at the write's position means that its
 * document is there. Asking the file is the fairer way here: a GET would share the server's loop with the writes and
 * wait in it for itself. What it adds is at most the millisecond between two looks.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';

const LAST_WAIT_MS = 5_000;

export class ViewWatch {
  readonly #db: DatabaseSync;
  readonly #read: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #delays: number[] = [];
  #waiting: { readonly position: number; readonly at: number }[] = [];

  constructor(viewsFile: string) {
    this.#db = new DatabaseSync(viewsFile, { readOnly: true });
    const checkpoint = this.#db.prepare("SELECT checkpoint FROM versions WHERE view = 'signals' AND live = 1");
    this.#read = () => Number(checkpoint.get()?.['checkpoint'] ?? 0);
    this.#timer = setInterval(() => this.#look(), 1);
  }

  /** A write was answered: its position, and when. */
  written(position: number, at: number): void {
    this.#waiting.push({ position, at });
  }

  /** Waits for what is left. */
  async finish(): Promise<{ delays: number[]; unseen: number }> {
    const deadline = performance.now() + LAST_WAIT_MS;
    while (this.#waiting.length > 0 && performance.now() < deadline) await sleep(5);
    clearInterval(this.#timer);
    this.#db.close();
    return { delays: this.#delays, unseen: this.#waiting.length };
  }

  #look(): void {
    if (this.#waiting.length === 0) return;
    const checkpoint = this.#read();
    const now = performance.now();
    this.#waiting = this.#waiting.filter(({ position, at }) => {
      if (position > checkpoint) return true;
      this.#delays.push(now - at);
      return false;
    });
  }
}
