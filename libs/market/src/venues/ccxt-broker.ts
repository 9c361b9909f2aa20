/**
 * A broker by ccxt, which runs in a process of its own and is told the keys there. What that process did not answer is
 * not known to have been done or not; what it was never asked was not done.
 */
import { type Broker, BrokerUnavailable, type Cancelled, type Placed } from '../broker.ts';
import { fenceOf, isReadByPost } from '../brokers/client-ids.ts';
import { createCcxtCalls, NotAsked } from './ccxt-calls.ts';
import { CcxtFailure } from './ccxt-messages.ts';
import { ccxtIdOf } from './ccxt-names.ts';
import type { Credentials, TradingMethods, TradingStart } from './ccxt-trading-messages.ts';

export interface CcxtBrokerOptions {
  /** As settings write it or ccxt does: `BINANCE`, `binance`. */
  readonly exchange: string;
  readonly credentials: Credentials;
  /** Another address than the exchange's own: only its host and port are taken, the paths stay. */
  readonly baseUrl?: string;
  /** Milliseconds that one answer of the exchange may take: 10 000. */
  readonly timeoutMs?: number;
  /** The wait after a first death of ccxt's process, in milliseconds: 1000. */
  readonly restartMs?: number;
  /** Most heap of ccxt's process, in MB: 512. */
  readonly memoryMb?: number;
}

const DEFAULTS = { timeoutMs: 10_000, restartMs: 1_000, memoryMb: 512 };
/** To start the process and read ccxt's code on a busy machine. */
const START_MS = 30_000;
/** A look asks for several lists, page by page. */
const MOST_REQUESTS = 12;
/** Accounts place, look and poll side by side. */
const MOST_WAITING = 64;

/** Nothing is asked before the first call. One broker an account at an exchange: ccxt counts its requests for each. */
export function createCcxtBroker(options: CcxtBrokerOptions): Broker {
  const { timeoutMs, restartMs, memoryMb } = { ...DEFAULTS, ...options };
  const exchange = ccxtIdOf(options.exchange);
  const settings = { exchange, baseUrl: options.baseUrl ?? null, timeoutMs };
  const calls = createCcxtCalls<TradingMethods>(settings, {
    deadlineMs: START_MS + MOST_REQUESTS * timeoutMs,
    memoryMb,
    restartMs,
    mostWaiting: MOST_WAITING,
    code: processCode(),
    hello: { credentials: options.credentials } satisfies TradingStart,
  });

  const notSupported = async (): Promise<never> => {
    const reason = `${exchange} is not supported yet: its orders are read by POST, which is let through for writes alone`;
    throw new NotAsked({ kind: 'unavailable', reason, retryIn: 0 });
  };
  const ask = isReadByPost(exchange) ? (notSupported as typeof calls.ask) : calls.ask;

  /** A write whose answer did not come: denied where it was never asked. */
  const lost = (error: unknown): Extract<Placed & Cancelled, { outcome: 'refused' | 'unknown' }> => {
    const reason = error instanceof Error ? error.message : String(error);
    return error instanceof NotAsked
      ? { outcome: 'refused', code: 'denied_unavailable', reason }
      : { outcome: 'unknown', reason };
  };
  const reading = async <Value>(read: Promise<Value>): Promise<Value> => {
    try {
      return await read;
    } catch (error) {
      if (!(error instanceof CcxtFailure)) throw error;
      throw new BrokerUnavailable(`ccxt:${exchange}: ${error.message}`, error.retryIn);
    }
  };

  return {
    name: `ccxt:${exchange}`,
    fenceMs: fenceOf(exchange),
    rules: (pair) => reading(ask('rules', pair)),
    place: (order) => ask('place', order).catch(lost),
    cancel: (order) => ask('cancel', order).catch(lost),
    find: (order) =>
      ask('find', order).catch((error: Error) => ({ outcome: 'unknown' as const, reason: error.message })),
    trades: (order) => reading(ask('trades', order)),
    openOrders: (pair) => reading(ask('openOrders', pair)),
    close: calls.close,
  };
}

function processCode(): URL {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return new URL(`./ccxt-trading.process${extension}`, import.meta.url);
}
