/** Tasks that run one after the other. */

export interface TurnOptions {
  /** Once it has aborted, tasks that wait are not begun. */
  readonly signal: AbortSignal;
  readonly onFailed: (error: unknown) => void;
}

export class Turn {
  readonly #options: TurnOptions;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  /** Tasks that wait, or run. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when the task is done. One that fails is told, and does not stop the next. */
  run(task: () => Promise<void>): Promise<void> {
    const { signal, onFailed } = this.#options;
    this.#waiting += 1;
    const mine = this.#last.then(async () => {
      try {
        if (!signal.aborted) await task();
      } catch (error) {
        if (!signal.aborted) onFailed(error);
      } finally {
        this.#waiting -= 1;
      }
    });
    this.#last = mine;
    return mine;
  }
}
