/** What ccxt's process does with it: each method is one request of the exchange, or few, and bounded in time. */
import { BadRequest, BaseError, NotSupported } from 'ccxt';
import type { ResolvedMarket } from '../venue.ts';
import { bookOf, candleLimit, candleRows, chartOf } from './ccxt-charts.ts';
import { createCcxtInstance } from './ccxt-instance.ts';
import { createMarkets, kindOf, nameOf } from './ccxt-markets.ts';
import {
  CcxtFailure,
  type CcxtMethods,
  type CcxtSettings,
  type Failure,
  type RawQuote,
  type RawTickers,
} from './ccxt-messages.ts';

const MOST_CANDLES = 500;
const MOST_REASON = 300;

/** Nothing is asked before the first call. @throws CcxtFailure of the kind `unknown`. */
export function openCcxtExchange(settings: CcxtSettings): CcxtMethods {
  const { exchange, pause } = createCcxtInstance(settings);
  const { find, listed } = createMarkets(exchange);

  async function refuseUnknown(symbol: string): Promise<void> {
    if ((await find(symbol))?.symbol !== symbol)
      throw new CcxtFailure({ kind: 'refused', reason: `${exchange.id} has no market ${symbol}`, retryIn: 0 });
  }

  /** Those of one kind in one request, where the exchange can. */
  async function together(symbols: readonly string[]): Promise<RawTickers> {
    try {
      const answers: unknown = await exchange.fetchTickers([...symbols]);
      return { tickers: Object.values(answers as object).map(rawQuote), refused: [], left: [] };
    } catch (error) {
      // One that is no longer traded spoils the request for all.
      if (error instanceof BadRequest && symbols.length > 1) return oneByOne(symbols);
      if (isRefusal(error)) return refusedAll(symbols, reasonOf(error));
      throw error;
    }
  }

  /** As many as two time-outs allow. */
  async function oneByOne(symbols: readonly string[]): Promise<RawTickers> {
    const end = performance.now() + 2 * settings.timeoutMs;
    const tickers: RawQuote[] = [];
    const refused: { symbol: string; reason: string }[] = [];
    for (const [index, symbol] of symbols.entries()) {
      if (index > 0 && performance.now() > end) return { tickers, refused, left: symbols.slice(index) };
      try {
        const answer: unknown = await exchange.fetchTicker(symbol);
        if (!isEmpty(answer)) tickers.push(rawQuote(answer));
      } catch (error) {
        if (isRefusal(error)) refused.push({ symbol, reason: reasonOf(error) });
        else if (index === 0) throw error;
        // What was answered counts; the next call begins with the one that was not, and fails by it.
        else return { tickers, refused, left: symbols.slice(index) };
      }
    }
    return { tickers, refused, left: [] };
  }

  const methods: CcxtMethods = {
    check: async () => null,
    resolve: async (text) => {
      const market = await find(text);
      return market === null ? null : ({ symbol: market.symbol, name: nameOf(exchange, market) } as ResolvedMarket);
    },
    tickers: async (symbols) => {
      const kinds = new Map<string, string[]>();
      const answers: RawTickers[] = [];
      for (const symbol of symbols) {
        const market = await find(symbol);
        if (market?.symbol !== symbol) answers.push(refusedAll([symbol], `${exchange.id} has no market of this name`));
        else kinds.set(kindOf(market), [...(kinds.get(kindOf(market)) ?? []), symbol]);
      }
      const ask = exchange.has['fetchTickers'] === true ? together : oneByOne;
      // For one, the request for one is the lighter one.
      for (const group of kinds.values()) answers.push(await (group.length === 1 ? oneByOne : ask)(group));
      return {
        tickers: answers.flatMap(({ tickers }) => tickers),
        refused: answers.flatMap(({ refused }) => refused),
        left: answers.flatMap(({ left }) => left),
      };
    },
    candles: async (symbol, since) => {
      if (exchange.has['fetchOHLCV'] !== true) throw new NotSupported(`${exchange.id} tells no candles`);
      await refuseUnknown(symbol);
      const limit = Math.min(candleLimit(exchange, symbol), MOST_CANDLES);
      const rows = await candleRows(exchange, symbol, '1m', since, limit);
      return { rows: rows.map((row) => row.slice(0, 5)), limit };
    },
    listed,
    chart: async (symbol, interval, limit) => {
      await refuseUnknown(symbol);
      return chartOf(exchange, symbol, interval, limit);
    },
    book: async (symbol, limit) => {
      await refuseUnknown(symbol);
      return bookOf(exchange, symbol, limit);
    },
    time: async () => {
      if (exchange.has['fetchTime'] !== true) return null;
      const time: unknown = await exchange.fetchTime();
      if (!Number.isSafeInteger(time)) throw new Error(`${exchange.id} told no time`);
      return time as number;
    },
  };

  const failureOf = (error: unknown): Failure => {
    if (error instanceof CcxtFailure) return { kind: error.kind, reason: error.message, retryIn: error.retryIn };
    return { kind: isRefusal(error) ? 'refused' : 'unavailable', reason: reasonOf(error), retryIn: pause() };
  };
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      async (...args: never[]) => {
        try {
          return await (method as (...args: never[]) => Promise<unknown>)(...args);
        } catch (error) {
          throw new CcxtFailure(failureOf(error));
        }
      },
    ]),
  ) as unknown as CcxtMethods;
}

/** The venue understood and won't: any other error may have nothing to do with what was asked. */
function isRefusal(error: unknown): boolean {
  return error instanceof BadRequest || error instanceof NotSupported;
}

function rawQuote(answer: unknown): RawQuote {
  const { symbol, last, open, percentage, timestamp } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  return {
    symbol: textOf(symbol),
    last: textOrNull(last),
    open: textOrNull(open),
    percentage: textOrNull(percentage),
    // What is no number would be lost on its way, and taken for no time at all.
    time:
      timestamp === undefined || timestamp === null ? null : Number.isFinite(timestamp) ? (timestamp as number) : -1,
  };
}

/** The venue's own answer was no object or an empty one, of which ccxt makes a ticker without a price. */
function isEmpty(answer: unknown): boolean {
  const { info } = (answer ?? {}) as { readonly info?: unknown };
  return info === null || typeof info !== 'object' || Object.keys(info).length === 0;
}

function textOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : textOf(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}

function refusedAll(symbols: readonly string[], reason: string): RawTickers {
  return { tickers: [], refused: symbols.map((symbol) => ({ symbol, reason })), left: [] };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return textOf(error).slice(0, MOST_REASON);
  // ccxt's errors name themselves; others come from an adapter that was told what it did not expect.
  const text = error instanceof BaseError ? `${error.constructor.name}: ${error.message}` : error.message;
  return text.slice(0, MOST_REASON);
}
