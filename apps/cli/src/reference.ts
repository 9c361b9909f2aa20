/** What CoinGecko says a coin costs, and how far a venue's price is from it. */
import Big from 'big.js';
import { type CoinGecko, VenueUnavailable } from '#libs/market';

export type Reference =
  | {
      readonly source: 'coingecko';
      /** CoinGecko's name of the coin. */
      readonly id: string;
      readonly usd: string;
      readonly at: string;
      /** Of the venue's price from this one, percent, 4 decimals; null where the venue tells none. */
      readonly deviation_pct: string | null;
    }
  | { readonly source: 'coingecko'; readonly id: string; readonly trouble: string };

const COINS: Readonly<Record<string, string>> = {
  ADA: 'cardano',
  AVAX: 'avalanche-2',
  BCH: 'bitcoin-cash',
  BNB: 'binancecoin',
  BTC: 'bitcoin',
  DOGE: 'dogecoin',
  DOT: 'polkadot',
  ETH: 'ethereum',
  LINK: 'chainlink',
  LTC: 'litecoin',
  SOL: 'solana',
  TRX: 'tron',
  XLM: 'stellar',
  XRP: 'ripple',
};

/** Near enough to a dollar to compare with one. */
const DOLLARS: ReadonlySet<string> = new Set(['USD', 'USDT', 'USDC']);

/** CoinGecko's name of what a pair trades for dollars; null where it is no such pair, or a coin that is not listed here. */
export function coinOf(symbol: string): string | null {
  const [, base = '', quote = ''] = /^([^/]+)\/([^:]+)(?::.*)?$/.exec(symbol.toUpperCase()) ?? [];
  return DOLLARS.has(quote) && Object.hasOwn(COINS, base) ? COINS[base]! : null;
}

/** The reference of a pair; one that can't be had is told, and fails nothing. */
export async function referenceOf(coins: CoinGecko, symbol: string, price: string | null): Promise<Reference | null> {
  const id = coinOf(symbol);
  if (id === null) return null;
  try {
    const told = (await coins.prices([id])).get(id);
    if (told === undefined) return { source: 'coingecko', id, trouble: 'it tells no price' };
    const { usd, at } = told;
    const deviation = price === null ? null : deviationOf(price, usd);
    return { source: 'coingecko', id, usd, at: new Date(at).toISOString(), deviation_pct: deviation };
  } catch (error) {
    if (error instanceof VenueUnavailable) return { source: 'coingecko', id, trouble: error.message };
    throw error;
  }
}

function deviationOf(price: string, usd: string): string | null {
  const reference = new Big(usd);
  if (reference.eq(0)) return null;
  return new Big(price).minus(reference).times(100).div(reference).round(4, Big.roundHalfUp).toFixed(4);
}
