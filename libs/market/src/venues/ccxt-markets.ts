/** The markets of an exchange, as ccxt's process knows them: read with the first question, and again now and then. */
import type { Exchange, MarketInterface } from 'ccxt';
import { CcxtFailure } from './ccxt-messages.ts';

/** They are read again at most so often. */
const MARKETS_MS = 10 * 60_000;

export interface Markets {
  /** The market of this name, in any case of its letters where only one is meant; a name that is none has them read again. */
  readonly find: (text: string) => Promise<MarketInterface | null>;
  /** Those of these names that are spot markets and trade. Who asks does not wait for news of names that were none. */
  readonly listed: (symbols: readonly string[]) => Promise<readonly string[]>;
}

export function createMarkets(exchange: Exchange): Markets {
  let readAt = -Infinity;
  let triedAt = -Infinity;

  let reading: Promise<void> | null = null;

  async function readNow(): Promise<void> {
    triedAt = performance.now();
    // Without `reload` ccxt repeats a first failure for ever.
    const markets = await exchange.loadMarkets(true);
    if (Object.keys(markets).length > 0) readAt = performance.now();
    else throw new CcxtFailure({ kind: 'unavailable', reason: `${exchange.id} named no market`, retryIn: 0 });
  }

  /** Who comes meanwhile waits for the same answer. */
  const read = (): Promise<void> => (reading ??= readNow().finally(() => (reading = null)));
  const isOld = (): boolean => performance.now() - readAt > MARKETS_MS;

  return {
    find: async (text) => {
      if (readAt === -Infinity) await read();
      let found = marketNamed(exchange, text);
      if (found === null && isOld()) {
        await read();
        found = marketNamed(exchange, text);
      }
      return found;
    },
    listed: async (symbols) => {
      if (readAt === -Infinity) await read();
      // Where it fails, those that are known go on to serve.
      else if (isOld() && performance.now() - triedAt > MARKETS_MS) read().catch(() => undefined);
      return symbols.filter((symbol) => isTradedSpot(marketsOf(exchange), symbol));
    },
  };
}

type MarketsByName = Readonly<Record<string, MarketInterface>>;

function marketsOf(exchange: Exchange): MarketsByName {
  return exchange.markets as unknown as MarketsByName;
}

/** By ccxt's name, in any case of its letters where only one market is meant. */
function marketNamed(exchange: Exchange, text: string): MarketInterface | null {
  const markets = marketsOf(exchange);
  const name = text.trim();
  if (Object.hasOwn(markets, name)) return markets[name]!;
  const [found, ...more] = Object.keys(markets).filter((symbol) => symbol.toUpperCase() === name.toUpperCase());
  return found === undefined || more.length > 0 ? null : markets[found]!;
}

function isTradedSpot(markets: MarketsByName, symbol: string): boolean {
  return Object.hasOwn(markets, symbol) && markets[symbol]!.spot === true && markets[symbol]!.active !== false;
}

export function nameOf(exchange: Exchange, { symbol, type }: MarketInterface): string {
  return `${symbol} on ${exchange.name ?? exchange.id}${type === 'spot' ? '' : ` (${type})`}`;
}

/** ccxt asks for several tickers at once only of one kind of market. */
export function kindOf({ type, linear }: MarketInterface): string {
  return `${type} ${linear === true ? 'linear' : ''}`;
}
