/** Exchanges as signals write them, by ccxt's ids. */

/** Only names that lower case and leaving out marks does not turn into ccxt's id. */
const OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['okex', 'okx'],
  ['huobi', 'htx'],
  ['gateio', 'gate'],
  ['gdax', 'coinbaseexchange'],
  ['coinbasepro', 'coinbaseexchange'],
  ['coinbaseadvanced', 'coinbase'],
  ['binancefutures', 'binanceusdm'],
  ['binanceperp', 'binanceusdm'],
  ['bitfinex2', 'bitfinex'],
  ['hitbtc3', 'hitbtc'],
  ['mexcglobal', 'mexc'],
]);

/** `BINANCE`, `Crypto.com`, `Gate.io` → `binance`, `cryptocom`, `gate`. Whether ccxt has it is asked of ccxt. */
export function ccxtIdOf(exchange: string): string {
  const id = exchange.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return OTHERWISE.get(id) ?? id;
}
