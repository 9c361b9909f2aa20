/**
 * Lets the tasks of one key run one after the other, those of different keys side by side.
 *
 * Within a process it spares the commands on one stream the conflicts they would give each other; between processes
 * the expected revision does.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    const mine = before === undefined ? task() : before.then(task, task);
    this.#last.set(key, mine);
    const leave = (): void => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    };
    mine.then(leave, leave);
    return mine;
  }
}
