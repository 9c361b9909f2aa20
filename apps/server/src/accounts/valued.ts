/** Commands that are decided on prices: of the symbols that they name, and of all that the account holds. */
import type { Marks, Refusal } from '#libs/account';
import type { AccountDocument } from '#libs/views';
import type { AccountReader } from './reader.ts';
import type { Quotes } from './quotes.ts';

/** Prices that a command is decided on. */
export interface NeededMarks {
  readonly accountId: string;
  readonly symbols: readonly string[];
  /** Of all that the account holds, too. */
  readonly andHeld: boolean;
}

export interface ValuedBy {
  readonly reader: Pick<AccountReader, 'get'>;
  readonly quotes: Pick<Quotes, 'marks'>;
}

/** No invented price moves real money. */
export const ONLY_SIMULATED: Refusal = {
  code: 'quote_unavailable',
  kind: 'unavailable',
  message: 'Only simulated prices are known here: no order at a venue is decided on them.',
  field: 'symbol',
};

/** Holdings may change between the look at them and the command: so often it is decided at most. */
const TRIES = 8;

/**
 * Decides on prices, and on the account as it was read for them, where it was. Where one was missing because something was bought since it was looked what is held, by another
 * request or process, they are read again.
 */
export async function valued<Result extends object | { readonly refused: Refusal }>(
  { accountId, symbols, andHeld }: NeededMarks,
  { reader, quotes }: ValuedBy,
  decide: (marks: Marks, account: AccountDocument | null) => Promise<Result>,
): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    const account = andHeld ? await reader.get(accountId) : null;
    const held = account?.holdings.map(({ symbol }) => symbol) ?? [];
    const needed = [...new Set([...symbols, ...held])];
    const marks = await quotes.marks(needed);
    const result = await decide(marks, account);
    if (!andHeld || tried === TRIES || !isUnpriced(result)) return result;
    if (needed.some((symbol) => !Object.hasOwn(marks, symbol))) return result;
  }
}

function isUnpriced(result: object | { readonly refused: Refusal }): boolean {
  return 'refused' in result && result.refused !== ONLY_SIMULATED && result.refused.code === 'quote_unavailable';
}
