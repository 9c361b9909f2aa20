/** Requests that change something at an exchange: each leaves once, by its moment, or not at all. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Exchange } from 'ccxt';

/** Nothing was sent: ccxt had the request in its queue until it was too late. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

/** One write, while it is under way. */
interface Write {
  readonly sendBy: number;
  /** A request that may change something has left. */
  left: boolean;
}

export interface Writes {
  /**
   * Runs what makes one request that changes something. `left` tells, afterwards, whether it was sent at all: if not, an
   * error is no riddle.
   */
  once<Result>(sendBy: number, run: () => Promise<Result>): Promise<WriteEnd<Result>>;
}

type WriteEnd<Result> = { readonly left: boolean } & ({ readonly value: Result } | { readonly error: unknown });

type Fetch = (url: string, method?: string, ...more: unknown[]) => Promise<unknown>;

/** Takes the place of the exchange's own `fetch`, through which every request leaves after it was signed. */
export function guardWrites(exchange: Exchange): Writes {
  const current = new AsyncLocalStorage<Write>();
  const inner = exchange as unknown as { fetch: Fetch };
  const fetch = inner.fetch.bind(exchange);
  inner.fetch = async (url, method = 'GET', ...more) => {
    if (method !== 'GET') {
      const write = current.getStore();
      if (write === undefined) throw new Error('this request may change something, and nobody asked for that');
      if (write.left) throw new Error('a second request that may change something was held back');
      const late = Date.now() - write.sendBy;
      if (late > 0) throw new TooLate(`it was ready to leave ${late} ms after its last moment`);
      write.left = true;
    }
    return fetch(url, method, ...more);
  };
  return {
    once: async (sendBy, run) => {
      const write: Write = { sendBy, left: false };
      try {
        const value = await current.run(write, run);
        return { left: write.left, value };
      } catch (error) {
        return { left: write.left, error };
      }
    },
  };
}
