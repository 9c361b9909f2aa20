/** Closed candles of the past, page by page. */
import type { Quoted, VenueTrouble } from '../venue.ts';
import { unlessAborted } from './ccxt-abort.ts';
import type { AskCcxt } from './ccxt-messages.ts';
import { AHEAD_MS, judgeCandle, MINUTE } from './ccxt-prices.ts';

export interface HistoryOptions {
  readonly venue: string;
  readonly now: () => number;
  readonly onTrouble: (trouble: VenueTrouble) => void;
}

/**
 * Candles of a minute that opened at or after `from` and closed by `to`, oldest first. What can't be a candle is left
 * out, as a hole, and told once a page; a venue that keeps less than was asked for leaves a hole too.
 * @throws VenueUnavailable
 */
export async function* closedCandles(
  ask: AskCcxt,
  symbol: string,
  { from, to }: { readonly from: number; readonly to: number },
  signal: AbortSignal,
  { venue, now, onTrouble }: HistoryOptions,
): AsyncGenerator<Quoted, void, undefined> {
  try {
    // A candle is closed by the venue's clock, read before the candles: ours may be ahead of it.
    const clock = (await unlessAborted(ask('time'), signal)) ?? now() - AHEAD_MS;
    const end = Math.min(to, clock, now() + AHEAD_MS);
    let cursor = Math.ceil(from / MINUTE) * MINUTE;
    while (cursor + MINUTE <= end && !signal.aborted) {
      const { rows, limit } = await unlessAborted(ask('candles', symbol, cursor), signal);
      const receivedAt = now();
      const refused: string[] = [];
      let next = cursor;
      for (const row of rows) {
        const judged = judgeCandle(row, receivedAt);
        if ('refused' in judged) refused.push(judged.refused);
        else if (judged.price.time < next) refused.push(`a candle came twice or goes back, at ${judged.price.time}`);
        else if (judged.price.time + MINUTE > end) break;
        else {
          next = judged.price.time + MINUTE;
          yield { symbol, price: judged.price, receivedAt };
          if (signal.aborted) return;
        }
      }
      if (refused.length > 0) {
        const reason = `${refused.length} candles were refused; the first: ${refused[0]}`;
        onTrouble({ venue, symbol, reason, retryIn: 0 });
      }
      cursor = next > cursor ? next : cursor + limit * MINUTE;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
