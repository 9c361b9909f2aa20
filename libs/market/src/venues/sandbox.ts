/** The venue of the table of markets that serves sandbox channels: its prices stand still, its results are the table's. */
import { setTimeout as sleep } from 'node:timers/promises';
import Big from 'big.js';
import type { MarketSide } from '../price.ts';
import type { Exchange, Market } from '../source.ts';
import type { Quoted, Settlement, Venue } from '../venue.ts';

/** How often each price is told again. */
const EVERY_MS = 1_000;

/** The symbol of a market of the table: `kalshi KX-1`. */
export function sandboxSymbol(exchange: Exchange, market: string): string {
  return `${exchange} ${market}`;
}

export function createSandboxVenue(markets: readonly Market[]): Venue {
  const bySymbol = new Map(markets.map((market) => [sandboxSymbol(market.exchange, market.market), market]));
  const told = (symbol: string, side: MarketSide): Quoted | null => {
    const market = bySymbol.get(symbol);
    if (market === undefined) return null;
    const price = side === 'yes' ? market.yesPrice : new Big(1).minus(market.yesPrice).toFixed();
    const now = Date.now();
    return { symbol, side, price: { kind: 'tick', time: now, price }, receivedAt: now };
  };
  return {
    name: 'sandbox',
    simulated: true,
    resolve: async (text) => {
      const market = bySymbol.get(text);
      return market === undefined ? null : { symbol: text, name: market.name };
    },
    quote: async (symbol, side) => (side === undefined ? null : told(symbol, side)),
    async *stream(symbols, { signal }) {
      while (!signal.aborted) {
        for (const symbol of symbols()) {
          for (const side of ['yes', 'no'] as const) {
            const quoted = told(symbol, side);
            if (quoted !== null) yield quoted;
          }
        }
        await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    },
    settlement: async (symbol): Promise<Settlement> => {
      const result = bySymbol.get(symbol)?.result ?? null;
      if (result === null) return { state: 'waiting', reason: 'the table of sandbox markets names no result' };
      const yesPayout = result === 'yes' ? '1' : result === 'no' ? '0' : result === 'void' ? null : result;
      return { state: 'settled', yesPayout, outcome: result, at: null, raw: JSON.stringify({ symbol, result }) };
    },
    close: async () => undefined,
  };
}
