/** Telling those who wait that the log has grown. */

/** How often other connections' commits are looked for. */
const POLL_MS = 4;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One for each open log: however many wait, the file is looked at once. Nothing is looked at while nobody waits. */
export class Growth {
  readonly #changes: () => Promise<number>;
  readonly #waiters = new Set<Waiter>();
  #known = -1;
  #count = 0;
  #polling = false;

  /** `changes` answers another number after each commit of others to the log. */
  constructor(changes: () => Promise<number>) {
    this.#changes = changes;
  }

  /** To be taken before reading: `after` returns at once if the log has grown since. */
  get count(): number {
    return this.#count;
  }

  /** This process has appended. */
  grown(): void {
    this.#count += 1;
    for (const { resolve } of this.#waiters) resolve();
    this.#waiters.clear();
  }

  /** Resolves when the log has grown since `count` was taken, or the signal aborts. Rejects when that can't be found out. */
  async after(count: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== count || signal.aborted) return;
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { resolve: () => (signal.removeEventListener('abort', stop), resolve()), reject };
      const stop = (): void => {
        this.#waiters.delete(waiter);
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiters.add(waiter);
      if (!this.#polling) {
        this.#polling = true;
        setTimeout(() => void this.#poll(), POLL_MS);
      }
    });
  }

  async #poll(): Promise<void> {
    try {
      const changes = await this.#changes();
      if (changes !== this.#known) {
        this.#known = changes;
        this.grown();
      }
    } catch (error) {
      for (const { reject } of this.#waiters) reject(error);
      this.#waiters.clear();
    }
    this.#polling = this.#waiters.size > 0;
    if (this.#polling) setTimeout(() => void this.#poll(), POLL_MS);
  }
}
