/**
 * An exchange by ccxt: public prices only, those that decide signals and those that accounts ask for. ccxt runs in a process of its own, which starts with the first question;
 * what it hears is judged here.
 */
import type { QuoteSource } from '../quote-source.ts';
import { type Quoted, type Venue, type VenueTrouble, VenueUnavailable } from '../venue.ts';
import { createBackoff } from './ccxt-backoff.ts';
import { createCcxtCalls } from './ccxt-calls.ts';
import { closedCandles } from './ccxt-history.ts';
import { type AskCcxt, CcxtFailure, type CcxtMethods } from './ccxt-messages.ts';
import { ccxtIdOf } from './ccxt-names.ts';
import { judgeTicker } from './ccxt-prices.ts';
import { ccxtQuotes } from './ccxt-quotes.ts';
import { pollTicks } from './ccxt-stream.ts';

export interface CcxtOptions {
  /** As signals write it or ccxt does: `BINANCE`, `binance`, `Gate.io`. */
  readonly exchange: string;
  /** Milliseconds between two rounds of a stream: 2000. */
  readonly pollMs?: number;
  /** Milliseconds that one answer of the exchange may take: 10 000. */
  readonly timeoutMs?: number;
  /** The wait after a first failure, in milliseconds: 1000. It doubles up to a minute; `Retry-After` may be longer. */
  readonly backoffMs?: number;
  /** Most heap of ccxt's process, in MB: 512. */
  readonly memoryMb?: number;
  /** Another address than the exchange's own: only its host and port are taken, the paths stay. */
  readonly baseUrl?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Told of what `history` had to leave out. A stream has its own. */
  readonly onTrouble?: (trouble: VenueTrouble) => void;
}

/** The exchange is none that ccxt knows: a mistake of the settings. */
export class UnknownExchange extends Error {
  override readonly name = 'UnknownExchange';
}

const DEFAULTS = { pollMs: 2_000, timeoutMs: 10_000, backoffMs: 1_000, memoryMb: 512 };
const MOST_BACKOFF_MS = 60_000;
/** To start the process and read ccxt's code on a busy machine. */
const START_MS = 30_000;

/** Symbols are ccxt's: `BTC/USDT`, a perpetual `BTC/USDT:USDT`. Candles are those of a minute. */
export function createCcxtVenue(options: CcxtOptions): Venue & QuoteSource {
  const { pollMs, timeoutMs, backoffMs, memoryMb } = { ...DEFAULTS, ...options };
  const { now = Date.now, onTrouble = () => undefined } = options;
  const exchange = ccxtIdOf(options.exchange);
  const venue = `ccxt:${exchange}`;
  const settings = { exchange, baseUrl: options.baseUrl ?? null, timeoutMs };
  // The longest call is markets and currencies, then tickers one by one.
  const calls = createCcxtCalls(settings, { deadlineMs: START_MS + 6 * timeoutMs, memoryMb, restartMs: backoffMs });
  const ask = withBackoff(calls.ask, venue, backoffMs);

  return {
    name: venue,
    simulated: false,
    resolve: (text) => ask('resolve', text),
    quote: async (symbol): Promise<Quoted | null> => {
      const { tickers, refused } = await ask('tickers', [symbol]);
      const receivedAt = now();
      if (refused[0] !== undefined) throw new VenueUnavailable(`${venue} ${symbol}: ${refused[0].reason}`);
      const ticker = tickers.find((one) => one.symbol === symbol);
      if (ticker === undefined) throw new VenueUnavailable(`${venue} ${symbol}: it was asked for and not told`);
      const judged = judgeTicker(ticker, receivedAt);
      if ('refused' in judged) throw new VenueUnavailable(`${venue} ${symbol}: ${judged.refused}`);
      return judged.price === null ? null : { symbol, price: judged.price, receivedAt };
    },
    stream: (symbols, streamOptions) => pollTicks(ask, symbols, streamOptions, { venue, pollMs, now }),
    ...ccxtQuotes(ask, { venue, now }),
    history: (symbol, from, to, signal) => closedCandles(ask, symbol, { from, to }, signal, { venue, now, onTrouble }),
    close: () => calls.close(),
  };
}

/**
 * Asks ccxt, in a process that is ended again, whether it has the exchange: for settings, at start.
 * @throws UnknownExchange naming what is near it
 */
export async function checkCcxtExchange(exchange: string): Promise<void> {
  const settings = { exchange: ccxtIdOf(exchange), baseUrl: null, timeoutMs: DEFAULTS.timeoutMs };
  const calls = createCcxtCalls(settings, {
    deadlineMs: START_MS,
    memoryMb: DEFAULTS.memoryMb,
    restartMs: DEFAULTS.backoffMs,
  });
  try {
    await calls.ask('check');
  } catch (error) {
    throw error instanceof CcxtFailure && error.kind === 'unknown' ? new UnknownExchange(error.message) : error;
  } finally {
    await calls.close();
  }
}

/** A venue that failed is left alone for a while by all, then asked once. A refusal is an answer. */
function withBackoff(ask: AskCcxt, venue: string, firstMs: number): AskCcxt {
  const backoff = createBackoff({ firstMs, mostMs: MOST_BACKOFF_MS });
  let why = '';
  const guarded = async (method: keyof CcxtMethods, ...args: readonly unknown[]): Promise<unknown> => {
    const wait = backoff.enter();
    if (wait > 0) {
      const reason = `${venue} is left alone for ${wait} ms more: ${why}`;
      throw new CcxtFailure({ kind: 'unavailable', reason, retryIn: wait });
    }
    try {
      const value = await (ask as (method: string, ...args: readonly unknown[]) => Promise<unknown>)(method, ...args);
      backoff.worked();
      return value;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
      const { kind, retryIn: asked } =
        error instanceof CcxtFailure ? error : { kind: 'unavailable' as const, retryIn: 0 };
      if (kind === 'refused') backoff.worked();
      const retryIn = kind === 'refused' ? 0 : backoff.failed(asked);
      throw new CcxtFailure({ kind, reason: `${venue}: ${why}`, retryIn });
    }
  };
  return guarded as AskCcxt;
}
