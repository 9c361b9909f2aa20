/** What coins cost at an exchange by ccxt, judged: the questions of accounts. */
import Big from 'big.js';
import type { ChartCandle } from '../charts.ts';
import type { BookLevel, PairQuote, QuoteSource, ToldQuote } from '../quote-source.ts';
import { VenueUnavailable } from '../venue.ts';
import type { AskCcxt, RawQuote } from './ccxt-messages.ts';
import { isAmount, isPrice, judgeCandle, judgeTicker } from './ccxt-prices.ts';

export interface CcxtQuotesOptions {
  /** As evidence names it. */
  readonly venue: string;
  readonly now: () => number;
}

/** A change as venues write it; longer ones are none. */
const CHANGE = /^[+-]?\d{1,20}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?$/;
/** Digits of it behind the dot. */
const CHANGE_PLACES = 4;

export function ccxtQuotes(
  ask: AskCcxt,
  { venue, now }: CcxtQuotesOptions,
): Pick<QuoteSource, 'listed' | 'quotes' | 'chart' | 'book'> {
  return {
    listed: async (pairs) => new Set(await ask('listed', pairs)),
    quotes: async (pairs) => {
      const { tickers, refused } = await ask('tickers', pairs);
      const receivedAt = now();
      const told = new Map<string, ToldQuote>();
      for (const ticker of tickers) told.set(ticker.symbol, quoteFrom(ticker, receivedAt));
      for (const { symbol, reason } of refused) told.set(symbol, { refused: reason });
      return new Map(
        pairs.map((pair) => {
          const one = told.get(pair) ?? { refused: 'it was asked for and not told' };
          return [pair, 'refused' in one ? { refused: `${venue} ${pair}: ${one.refused}` } : one];
        }),
      );
    },
    chart: async (pair, interval, limit) => {
      const rows = await ask('chart', pair, interval, limit);
      const receivedAt = now();
      const candles: ChartCandle[] = [];
      let wrong = '';
      for (const row of rows) {
        const judged = judgeCandle(row, receivedAt);
        if ('refused' in judged) wrong = judged.refused;
        else if (judged.price.time <= (candles.at(-1)?.time ?? -Infinity)) wrong = `a candle came twice or goes back`;
        else {
          const { time, open, high, low, close } = judged.price;
          candles.push({ time, open, high, low, close, volume: isAmount(row[5]) ? row[5] : null });
        }
      }
      // Single ones are left out, as a hole.
      if (candles.length === 0 && wrong !== '') throw new VenueUnavailable(`${venue} ${pair}: ${wrong}`);
      return candles;
    },
    book: async (pair, depth) => {
      const book = await ask('book', pair, depth);
      if (book === null) return null;
      const side = (levels: readonly (readonly unknown[])[], order: 1 | -1): readonly BookLevel[] =>
        levels
          .map((level) => levelFrom(level, `${venue} ${pair}`))
          .filter(([, quantity]) => new Big(quantity).gt(0))
          // ccxt orders prices that are texts by their letters.
          .sort(([left], [right]) => order * new Big(left).cmp(right))
          .slice(0, depth);
      return { bids: side(book.bids, -1), asks: side(book.asks, 1) };
    },
  };
}

function quoteFrom(ticker: RawQuote, receivedAt: number): ToldQuote {
  const judged = judgeTicker(ticker, receivedAt);
  if ('refused' in judged) return judged;
  if (judged.price === null) return { quote: null };
  const { price, time } = judged.price;
  return { quote: { price, at: time, change24h: changeOf(price, ticker) } };
}

/** As the venue tells it, else worked out of the price of 24 hours before. */
function changeOf(price: string, { open, percentage }: RawQuote): PairQuote['change24h'] {
  if (percentage !== null && CHANGE.test(percentage)) return rounded(new Big(percentage));
  if (!isPrice(open)) return null;
  return rounded(new Big(price).minus(open).times(100).div(open));
}

function rounded(change: Big): string {
  return change.round(CHANGE_PLACES).toFixed();
}

function levelFrom([price, quantity]: readonly unknown[], where: string): BookLevel {
  if (isPrice(price) && isAmount(quantity)) return [price, quantity];
  const shown = JSON.stringify([price, quantity])?.slice(0, 100);
  throw new VenueUnavailable(`${where}: a level of its book is no price and quantity: ${shown}`);
}
