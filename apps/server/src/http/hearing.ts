/** Waiting for others who may be slow, but not for others who have fallen silent. */
import { StoreUnavailable } from '#libs/sourcing';

/** A process that was held up itself finds the answers that came meanwhile only then. */
const GRACE_MS = 100;

const LATE = Symbol('late');

export class Hearing {
  readonly #limitMs: number;
  /** When they answered last, by this process's own time. */
  #heardAt = 0;

  /** Who answers nobody for `limitMs` milliseconds is silent. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /**
   * What was asked, once it is answered. Whoever is slow is waited for as long as anybody is answered.
   * @throws StoreUnavailable where nobody is, else what the answer throws.
   */
  async answered<Result>(asked: Promise<Result>): Promise<Result> {
    const from = performance.now();
    const answer = asked.finally(() => {
      this.#heardAt = performance.now();
    });
    const silentFrom = (): number => Math.max(from, this.#heardAt) + this.#limitMs;
    for (;;) {
      const first = await within(answer, silentFrom() - performance.now());
      if (first !== LATE) return first;
      const second = await within(answer, GRACE_MS);
      if (second !== LATE) return second;
      if (performance.now() >= silentFrom())
        throw new StoreUnavailable(`nobody was answered within ${this.#limitMs} ms`);
    }
  }
}

async function within<Result>(work: Promise<Result>, limitMs: number): Promise<Result | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
