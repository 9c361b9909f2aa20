/** The prices of now, asked for where the server of a ledger would. */
import { openQuotes, type Quotes } from '../../server/src/accounts/quotes.ts';
import { venueSettings } from '../../server/src/market/venues.ts';
import type { Settings } from '../../server/src/settings.ts';
import type { MarksOf } from './agent.ts';
import type { Ledger } from './wiring.ts';

/** Asks for marks, as they are needed. */
export function marksBy(settings: Settings, ledger: Ledger): MarksOf {
  return async (symbols) =>
    symbols.length === 0 ? {} : withQuotes(settings, ledger, (quotes) => quotes.marks(symbols));
}

/** Opens the prices for the time of `use`; there are none where no server has made a simulation yet. */
export async function withQuotes<Result>(
  settings: Settings,
  ledger: Ledger,
  use: (quotes: Pick<Quotes, 'coin' | 'marks'>) => Promise<Result>,
): Promise<Result> {
  const coordination = await ledger.coordination();
  if (coordination === null) return use({ coin: () => null, marks: async () => ({}) });
  const quotes = await openQuotes(venueSettings(settings), coordination);
  try {
    return await use(quotes);
  } finally {
    await quotes.close();
  }
}
