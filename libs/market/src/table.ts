/** A fixed table of markets, for sandbox channels: its prices are invented and never move. */
import Big from 'big.js';
import type { MarketSide } from './price.ts';
import { type Exchange, type Market, marketNameOf, type MarketSource } from './source.ts';

/** A `MarketSource` on a list of markets that `parseMarkets` gave, or that ships with the product; it finds exact names too. */
export function createMarketTable(markets: readonly Market[]): MarketSource {
  const byMarket = new Map<string, Market>();
  const byName = new Map<string, Market>();
  for (const market of markets) {
    byMarket.set(keyOf(market.exchange, market.market), market);
    byName.set(`${market.exchange} ${market.name}`, market);
  }
  return {
    serves: () => true,
    find: async (exchange, text, side) => {
      const market = byMarket.get(keyOf(exchange, text)) ?? byName.get(`${exchange} ${text}`);
      return market === undefined
        ? null
        : { market: market.market, price: side === null ? null : priceOf(market, side) };
    },
  };
}

function priceOf({ yesPrice }: Market, side: MarketSide): string {
  return side === 'yes' ? yesPrice : new Big(1).minus(yesPrice).toFixed();
}

const EXCHANGES: readonly unknown[] = ['kalshi', 'polymarket'] satisfies Exchange[];
const PROBABILITY = /^0\.(?=\d*[1-9])\d{1,30}$/;

/**
 * Markets from JSON: an array of `{"exchange","market","name","yes_price"}`, the price a number or a decimal string;
 * `"result"` (`yes`, `no`, `void`, or what a YES pays) resolves it.
 * @throws Error naming the place of the first entry that can't be used, and why.
 */
export function parseMarkets(json: unknown): readonly Market[] {
  if (!Array.isArray(json)) throw new Error('must be a JSON array of {"exchange","market","name","yes_price"}');
  const taken = new Set<string>();
  return json.map((entry: unknown, index) => {
    const market = marketFrom(entry, `entry ${index}`);
    for (const text of [keyOf(market.exchange, market.market), `${market.exchange} name ${market.name}`]) {
      if (taken.has(text)) throw new Error(`entry ${index}: its market or name stands there twice`);
      taken.add(text);
    }
    return market;
  });
}

function marketFrom(entry: unknown, place: string): Market {
  if (entry === null || typeof entry !== 'object') throw new Error(`${place}: must be an object`);
  const { exchange, market, name, yes_price: price, result } = entry as Readonly<Record<string, unknown>>;
  if (!EXCHANGES.includes(exchange)) throw new Error(`${place}: exchange must be kalshi or polymarket`);
  if (!isText(market)) throw new Error(`${place}: market must be a text`);
  if (!isText(name)) throw new Error(`${place}: name must be a text`);
  const yesPrice = typeof price === 'number' ? String(price) : price;
  if (typeof yesPrice !== 'string' || !PROBABILITY.test(yesPrice))
    throw new Error(`${place}: yes_price must be a decimal strictly between 0 and 1, such as "0.45"`);
  if (result !== undefined && !isResult(result))
    throw new Error(`${place}: result must be yes, no, void, or a decimal between 0 and 1 as a text`);
  return { exchange: exchange as Exchange, market, name, yesPrice, ...(result !== undefined && { result }) };
}

function isResult(value: unknown): value is string {
  return typeof value === 'string' && (['yes', 'no', 'void'].includes(value) || PROBABILITY.test(value));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function keyOf(exchange: Exchange, market: string): string {
  return `${exchange} ${marketNameOf(market)}`;
}
