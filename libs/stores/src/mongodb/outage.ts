/**
 * A server that could not be found: one question looks for it, and whoever else calls meanwhile is told at once, not
 * after a look of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoNetworkError, MongoServerSelectionError } from 'mongodb';
import { messageOf, StoreUnavailable } from '#libs/sourcing';
import { isAway } from './answers.ts';

/** Between two looks; each of them waits for the server as long as any call does. */
const AGAIN_MS = 100;

export interface Outage {
  /**
   * Does the work, where the server is not being looked for.
   * @throws StoreUnavailable while it is, and where the work takes too long: whatever became of it.
   */
  watch<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Something broke: the work that is under way now is waited for no longer than `shakenMs`. */
  shaken(): void;
  /** Looks no more. */
  end(): void;
}

/** The driver's connections, as far as an outage needs them. */
export interface Connections {
  /** Resolves when the server answers. */
  readonly find: () => Promise<unknown>;
  /** Gives up every connection, and all that waits for one. */
  readonly drop: () => Promise<unknown>;
}

/** Milliseconds. */
export interface CallLimits {
  /** Bounds all work. */
  readonly callMs: number;
  /** Bounds work that was under way when something broke, from then on. */
  readonly shakenMs: number;
}

/**
 * The limits bound the work. Every command is bounded by the driver, but for one: a command that it begins on a
 * connection which is just being closed waits for good (7.8.0: `writeCommand` waits for the `drain` of a socket that is
 * destroyed), and keeps its place in the pool. Then all connections are given up and opened anew.
 */
export function createOutage({ find, drop }: Connections, { callMs, shakenMs }: CallLimits): Outage {
  const ended = new AbortController();
  /** Of the work that was begun since something broke: gives it less time. */
  const hurries = new Set<() => void>();
  let reason: string | null = null;

  /** What looks for the server can be left without an answer as well: then it drops what it asked on. */
  async function bounded(looking: () => Promise<unknown>): Promise<void> {
    const stop = new AbortController();
    const late = sleep(shakenMs, undefined, { signal: stop.signal, ref: false });
    const inTime = await Promise.race([looking().then(() => true), late.then(() => false)]).finally(() => stop.abort());
    late.catch(() => undefined);
    if (!inTime) throw new StoreUnavailable(`the document store did not answer within ${shakenMs} ms`);
  }

  async function look(first: () => Promise<unknown>): Promise<void> {
    let next = first;
    while (!ended.signal.aborted) {
      try {
        await bounded(next);
        next = find;
        await bounded(find);
        break;
      } catch (error) {
        if (error instanceof StoreUnavailable) next = drop;
        // What is wrong now is for the calls to tell.
        else if (!isAway(error)) break;
        reason = messageOf(error);
      }
      await sleep(AGAIN_MS, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
    }
    reason = null;
  }

  function begin(error: unknown, first: () => Promise<unknown>): void {
    if (reason !== null || ended.signal.aborted) return;
    reason = messageOf(error);
    void look(first);
  }

  return {
    async watch(work) {
      if (reason !== null) throw new StoreUnavailable(`the document store is looked for: ${reason}`);
      const { promise: late, reject } = Promise.withResolvers<never>();
      const giveUp = (limitMs: number): void => {
        const unanswered = new StoreUnavailable(`the document store did not answer within ${limitMs} ms`);
        reject(unanswered);
        begin(unanswered, drop);
      };
      let timer = setTimeout(giveUp, callMs, callMs);
      const hurry = (): void => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, shakenMs, shakenMs);
      };
      hurries.add(hurry);
      try {
        return await Promise.race([work(), late]);
      } catch (error) {
        if (isNotFound(error)) begin(error, find);
        throw error;
      } finally {
        clearTimeout(timer);
        hurries.delete(hurry);
      }
    },
    shaken() {
      for (const hurry of hurries) hurry();
      hurries.clear();
    },
    end: () => ended.abort(),
  };
}

/** Other failures are of one connection; a server that can't be found, or connected to, is no more there for the next call. */
function isNotFound(error: unknown): boolean {
  if (error instanceof MongoServerSelectionError) return true;
  const cause = error instanceof MongoNetworkError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return cause?.syscall === 'connect';
}
