/** Questions that many ask at once: asked together, answered to all, and remembered for a moment. */

/** Answers by key. Who asks while one is on its way shares it; a failure is told to them and not remembered. */
export interface Recent<Answer> {
  get(key: string, ask: () => Promise<Answer>): Promise<Answer>;
}

export interface RecentOptions {
  /** How long an answer serves, from when it came, in milliseconds. */
  readonly keepMs: number;
  /** Answers that are remembered; the oldest are forgotten first. */
  readonly most: number;
  /** Milliseconds of a clock that never goes back. */
  readonly uptime?: () => number;
}

interface Kept<Answer> {
  readonly answer: Promise<Answer>;
  /** Infinity while it is on its way. */
  until: number;
}

export function createRecent<Answer>(options: RecentOptions): Recent<Answer> {
  const { keepMs, most, uptime = () => performance.now() } = options;
  const kept = new Map<string, Kept<Answer>>();
  return {
    get: (key, ask) => {
      const before = kept.get(key);
      if (before !== undefined && uptime() < before.until) return before.answer;
      const now: Kept<Answer> = { answer: ask(), until: Infinity };
      kept.delete(key);
      kept.set(key, now);
      for (const oldest of kept.keys()) {
        if (kept.size <= most) break;
        kept.delete(oldest);
      }
      now.answer.then(
        () => (now.until = uptime() + keepMs),
        () => kept.get(key) === now && kept.delete(key),
      );
      return now.answer;
    },
  };
}

export interface GatheredOptions extends RecentOptions {
  /** Names of one question. */
  readonly mostAtOnce: number;
  /** Questions on their way. */
  readonly mostAsked: number;
}

/**
 * Asks about single names as one question about all that are wanted by then. `ask` answers each of its names; where it
 * fails, it fails for all of them.
 */
export function createGathered<Answer>(
  ask: (names: readonly string[]) => Promise<ReadonlyMap<string, Answer>>,
  { mostAtOnce, mostAsked, ...recentOptions }: GatheredOptions,
): (name: string) => Promise<Answer> {
  const recent = createRecent<Answer>(recentOptions);
  const wanted = new Map<string, PromiseWithResolvers<Answer>>();
  let asked = 0;
  let isDue = false;

  /** After a turn of the loop, in which others may want more. */
  const flushSoon = (): void => {
    if (isDue || wanted.size === 0 || asked >= mostAsked) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      void flush();
      flushSoon();
    });
  };
  const flush = async (): Promise<void> => {
    const batch = new Map([...wanted].slice(0, mostAtOnce));
    for (const name of batch.keys()) wanted.delete(name);
    asked += 1;
    try {
      const answers = await ask([...batch.keys()]);
      for (const [name, { resolve, reject }] of batch) {
        if (answers.has(name)) resolve(answers.get(name)!);
        else reject(new Error(`${name}: it was asked for and not answered`));
      }
    } catch (error) {
      for (const { reject } of batch.values()) reject(error);
    } finally {
      asked -= 1;
      flushSoon();
    }
  };
  return (name) =>
    recent.get(name, () => {
      const answer = Promise.withResolvers<Answer>();
      wanted.set(name, answer);
      flushSoon();
      return answer.promise;
    });
}
