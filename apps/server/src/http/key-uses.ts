/** When keys were last used, to the minute: gathered in memory, written now and then. Nothing waits for it. */
import type { Coordination } from '#libs/sourcing';

const MINUTE_MS = 60_000;
const WRITE_MS = 5_000;

/** Keys noted between two writes; beyond it the oldest note is dropped. */
const NOTED_LIMIT = 100_000;

export class KeyUses {
  readonly #coordination: Coordination;
  readonly #onError: (error: unknown) => void;
  readonly #noted = new Map<string, number>();
  readonly #written = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(coordination: Coordination, onError: (error: unknown) => void) {
    this.#coordination = coordination;
    this.#onError = onError;
  }

  start(): void {
    this.#timer = setInterval(() => void this.write(), WRITE_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.write();
  }

  note(keyId: string, at: number): void {
    const minute = at - (at % MINUTE_MS);
    if (this.#written.get(keyId) === minute) return;
    this.#noted.set(keyId, minute);
    if (this.#noted.size > NOTED_LIMIT) this.#noted.delete(this.#noted.keys().next().value!);
  }

  /** A failed write is told and tried again with the next. */
  async write(): Promise<void> {
    if (this.#noted.size === 0) return;
    const uses = [...this.#noted].map(([name, at]) => ({ name: `key:${name}`, at }));
    const noted = [...this.#noted];
    this.#noted.clear();
    try {
      await this.#coordination.touch(uses);
      if (this.#written.size > NOTED_LIMIT) this.#written.clear();
      for (const [keyId, at] of noted) this.#written.set(keyId, at);
    } catch (error) {
      for (const [keyId, at] of noted) if (!this.#noted.has(keyId)) this.#noted.set(keyId, at);
      this.#onError(error);
    }
  }
}
