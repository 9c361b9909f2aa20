/** A stream of prices made by asking again and again, where a venue offers no better one without a key. */
import { type Quoted, type StreamOptions, VenueUnavailable } from '../venue.ts';
import type { HttpClock } from './http-clock.ts';

export interface Polling {
  readonly venue: string;
  readonly symbols: () => ReadonlySet<string>;
  readonly everyMs: number;
  /** How many symbols one call of `ask` may name. */
  readonly batchSize: number;
  readonly clock: HttpClock;
  /**
   * The prices of some symbols, none where there is none now, or why one of them can't be told. Throws
   * `VenueUnavailable` where that is so for all of them.
   */
  readonly ask: (symbols: readonly string[], signal: AbortSignal) => Promise<Answers>;
}

export type Answers = ReadonlyMap<string, readonly Quoted[] | VenueUnavailable>;

/** A round that meets so many failed batches in a row ends: the venue is away, and the rest would fail alike. */
const FAILED_BATCHES = 2;

const LONGEST_WAIT_MS = 60_000;

/** Ends with the signal. A symbol that can't be told is left out for a growing while, so that it never holds up others. */
export async function* poll(polling: Polling, { signal, onTrouble }: StreamOptions): AsyncGenerator<Quoted> {
  const { venue, symbols, everyMs, batchSize, clock, ask } = polling;
  const failed = new Map<string, { readonly times: number; readonly until: number }>();

  const leaveOut = (batch: readonly string[], reason: string): void => {
    const times = Math.max(...batch.map((symbol) => failed.get(symbol)?.times ?? 0)) + 1;
    const retryIn = Math.min(everyMs * 2 ** times, LONGEST_WAIT_MS);
    for (const symbol of batch) failed.set(symbol, { times, until: clock.uptime() + retryIn });
    onTrouble?.({ venue, symbol: batch.length === 1 ? batch[0]! : null, reason, retryIn });
  };

  while (!signal.aborted) {
    const began = clock.uptime();
    const wanted = symbols();
    for (const symbol of failed.keys()) if (!wanted.has(symbol)) failed.delete(symbol);
    const due = [...wanted].filter((symbol) => (failed.get(symbol)?.until ?? began) <= began);
    let failedBatches = 0;
    for (let at = 0; at < due.length && failedBatches < FAILED_BATCHES; at += batchSize) {
      const batch = due.slice(at, at + batchSize);
      let answers: Answers;
      try {
        answers = await ask(batch, signal);
      } catch (error) {
        if (!(error instanceof VenueUnavailable)) throw error;
        if (signal.aborted) return;
        failedBatches += 1;
        leaveOut(batch, error.message);
        continue;
      }
      failedBatches = 0;
      for (const symbol of batch) {
        const answer = answers.get(symbol) ?? [];
        if (answer instanceof VenueUnavailable) {
          leaveOut([symbol], answer.message);
          continue;
        }
        failed.delete(symbol);
        for (const quoted of answer) {
          yield quoted;
          if (signal.aborted) return;
        }
      }
    }
    await clock.sleep(Math.max(0, began + everyMs - clock.uptime()), signal).catch(() => undefined);
  }
}
