/** Ticks of a venue that is asked again and again: all that is watched, in as few requests as it allows. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tick } from '../price.ts';
import { type Quoted, type StreamOptions, VenueUnavailable } from '../venue.ts';
import { type AskCcxt, CcxtFailure, type RawTicker } from './ccxt-messages.ts';
import { judgeTicker } from './ccxt-prices.ts';
import { unlessAborted } from './ccxt-abort.ts';

export interface PollOptions {
  /** As evidence names it. */
  readonly venue: string;
  /** Milliseconds between the end of one round and the next. */
  readonly pollMs: number;
  readonly now: () => number;
}

/** What a venue refused to tell is asked for again after this. */
const REFUSED_MS = 5 * 60_000;
/** A request's address has to hold their names. */
const MOST_AT_ONCE = 100;

/** Ends with the signal only. A trouble of one symbol is told when it begins, not each time it is met. */
export async function* pollTicks(
  ask: AskCcxt,
  symbols: () => ReadonlySet<string>,
  { signal, onTrouble }: StreamOptions,
  { venue, pollMs, now }: PollOptions,
): AsyncGenerator<Quoted, void, undefined> {
  const lasts = new Map<string, Tick>();
  const troubles = new Map<string, string>();
  const refusedUntil = new Map<string, number>();
  let late: ReadonlySet<string> = new Set();

  const tell = (symbol: string, reason: string, retryIn = pollMs): void => {
    if (troubles.get(symbol) === reason) return;
    troubles.set(symbol, reason);
    onTrouble?.({ venue, symbol, reason, retryIn });
  };

  /** The next tick, or null where there is none new. */
  const next = (ticker: RawTicker, receivedAt: number): Tick | null => {
    const { symbol } = ticker;
    const judged = judgeTicker(ticker, receivedAt);
    const last = lasts.get(symbol);
    if ('refused' in judged) tell(symbol, judged.refused);
    else if (judged.price === null) tell(symbol, 'it has no last price');
    else if (last !== undefined && judged.price.time < last.time) tell(symbol, 'its time went back');
    else {
      troubles.delete(symbol);
      if (last?.time === judged.price.time && last.price === judged.price.price) return null;
      lasts.set(symbol, judged.price);
      return judged.price;
    }
    return null;
  };

  while (!signal.aborted) {
    const watched = symbols();
    for (const map of [lasts, troubles, refusedUntil])
      for (const symbol of map.keys()) if (!watched.has(symbol)) map.delete(symbol);
    const due = new Set([...watched].filter((symbol) => (refusedUntil.get(symbol) ?? 0) <= performance.now()));
    // In the order in which they were left, or those at the end would never have their turn.
    const order = [...new Set([...[...late].filter((symbol) => due.has(symbol)), ...due])];
    const left = new Set<string>();
    let wait = pollMs;
    try {
      for (let at = 0; at < order.length; at += MOST_AT_ONCE) {
        const asked = new Set(order.slice(at, at + MOST_AT_ONCE));
        const answer = await unlessAborted(ask('tickers', [...asked]), signal);
        const receivedAt = now();
        for (const { symbol, reason } of answer.refused) {
          asked.delete(symbol);
          refusedUntil.set(symbol, performance.now() + REFUSED_MS);
          tell(symbol, reason, REFUSED_MS);
        }
        for (const symbol of answer.left) {
          asked.delete(symbol);
          left.add(symbol);
        }
        const strangers: string[] = [];
        for (const ticker of answer.tickers) {
          if (!asked.delete(ticker.symbol)) {
            strangers.push(ticker.symbol);
            continue;
          }
          const price = next(ticker, receivedAt);
          if (price !== null) yield { symbol: ticker.symbol, price, receivedAt };
        }
        if (strangers[0] !== undefined) {
          const reason = `${strangers.length} prices were told that were not asked for: ${strangers[0].slice(0, 60)}`;
          onTrouble?.({ venue, symbol: null, reason, retryIn: pollMs });
        }
        for (const symbol of asked) tell(symbol, 'it was asked for and not told');
      }
      late = left;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof VenueUnavailable)) throw error;
      wait = Math.max(pollMs, error instanceof CcxtFailure ? error.retryIn : 0);
      onTrouble?.({ venue, symbol: null, reason: error.message, retryIn: wait });
    }
    await sleep(wait, undefined, { signal }).catch(() => undefined);
  }
}
