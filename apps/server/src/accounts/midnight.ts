/** What is held as it was priced at 00:00 UTC, for a day that a request begins: nobody followed the prices then. */
import { type Mark, markOf, type Marks } from '#libs/account';
import { VenueUnavailable } from '#libs/market';
import { midnightOf } from './days.ts';
import type { Quotes } from './quotes.ts';

/** Hours of a day, and the one that is being made: the candle that opens with the day is among them. */
const HOURS = 25;

/**
 * The prices at which the first hour of a moment's UTC day opened; null where the charts of the source do not tell one of
 * them. `marks`: those of now, of the same source.
 */
export async function marksAtMidnight(
  quotes: Pick<Quotes, 'candles'>,
  symbols: readonly string[],
  marks: Marks,
  moment: number,
): Promise<Marks | null> {
  const midnight = midnightOf(moment);
  const told = await Promise.all(
    symbols.map(async (symbol): Promise<readonly [string, Mark] | null> => {
      const mark = markOf(marks, symbol);
      const hours = mark === undefined ? [] : await hoursOf(quotes, symbol);
      const opening = hours.find(({ time }) => time === midnight);
      if (mark === undefined || opening === undefined) return null;
      return [symbol, { price: opening.open, at: new Date(midnight).toISOString(), source: mark.source }];
    }),
  );
  return told.includes(null) ? null : Object.fromEntries(told.filter((one) => one !== null));
}

async function hoursOf(quotes: Pick<Quotes, 'candles'>, symbol: string): ReturnType<Quotes['candles']> {
  try {
    return await quotes.candles(symbol, '1h', HOURS);
  } catch (error) {
    if (error instanceof VenueUnavailable) return [];
    throw error;
  }
}
