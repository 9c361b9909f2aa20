import { describe, expect, it } from '@jest/globals';
import type { VenueTrouble } from '../venue.ts';
import type { AskCcxt, CcxtMethods } from './ccxt-messages.ts';
import { pollTicks } from './ccxt-stream.ts';

type Tickers = Awaited<ReturnType<CcxtMethods['tickers']>>;

/** What each round asked, while `answer` tells prices that rise by 1. Ends after as many ticks. */
async function rounds(
  symbols: readonly string[],
  ticks: number,
  answer: (asked: readonly string[]) => Partial<Tickers>,
) {
  const asked: (readonly string[])[] = [];
  const troubles: VenueTrouble[] = [];
  const ask = async (_method: string, some: readonly string[]): Promise<Tickers> => {
    asked.push(some);
    return { tickers: [], refused: [], left: [], ...answer(some) };
  };
  const stop = new AbortController();
  const options = { signal: stop.signal, onTrouble: (trouble: VenueTrouble) => void troubles.push(trouble) };
  const poll = { venue: 'ccxt:binance', pollMs: 1, now: () => Date.UTC(2026, 0, 1) };
  let count = 0;
  for await (const _quoted of pollTicks(ask as AskCcxt, () => new Set(symbols), options, poll)) {
    count += 1;
    if (count === ticks) stop.abort();
  }
  return { asked, troubles };
}

let price = 1;
const priced = (symbols: readonly string[]) =>
  symbols.map((symbol) => ({ symbol, last: `${(price += 1)}`, open: null, percentage: null, time: null }));

describe('the rounds of a stream', () => {
  it('ask for a hundred symbols at once', async () => {
    const symbols = Array.from({ length: 250 }, (_, n) => `S${n}/USDT`);
    const { asked, troubles } = await rounds(symbols, 250, (some) => ({ tickers: priced(some) }));
    expect(asked.map((some) => some.length)).toEqual([100, 100, 50]);
    expect(asked.flat()).toEqual(symbols);
    expect(troubles).toEqual([]);
  });

  it('begin with what the last one had no time for', async () => {
    const answer = (some: readonly string[]) => ({ tickers: priced(some.slice(0, 2)), left: some.slice(2) });
    const { asked, troubles } = await rounds(['A', 'B', 'C', 'D', 'E'], 6, answer);
    expect(asked.slice(0, 3).map((some) => some.slice(0, 2))).toEqual([
      ['A', 'B'],
      ['C', 'D'],
      ['E', 'A'],
    ]);
    expect(troubles).toEqual([]);
  });

  it('leave out for a while what was refused, and pass on no price that was not asked for', async () => {
    const answer = (some: readonly string[]) => ({
      tickers: [...priced(['X']), ...priced(['A']), ...priced(['A'])],
      refused: some.includes('B') ? [{ symbol: 'B', reason: 'not traded' }] : [],
    });
    const { asked, troubles } = await rounds(['A', 'B'], 3, answer);
    expect(asked).toEqual([['A', 'B'], ['A'], ['A']]);
    expect(troubles.slice(0, 2)).toEqual([
      { venue: 'ccxt:binance', symbol: 'B', reason: 'not traded', retryIn: 300_000 },
      { venue: 'ccxt:binance', symbol: null, reason: '2 prices were told that were not asked for: X', retryIn: 1 },
    ]);
  });
});
