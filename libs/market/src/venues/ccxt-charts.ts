/** What ccxt's process asks an exchange for charts and books: one request, or few. */
import { type Exchange, NotSupported } from 'ccxt';
import type { RawBook, RawCandle } from './ccxt-messages.ts';

/** For venues whose limit ccxt does not say. */
const CAREFUL_LIMIT = 100;
/** Requests for one chart. */
const MOST_PAGES = 5;
/** What all venues take that let one choose. */
const BOOK_LIMITS = [20, 100] as const;

/** How many candles one request brings. */
export function candleLimit(exchange: Exchange, symbol: string): number {
  const told: unknown = exchange.featureValue(symbol, 'fetchOHLCV', 'limit', CAREFUL_LIMIT);
  return typeof told === 'number' && told > 0 ? told : CAREFUL_LIMIT;
}

/** @throws Error where the exchange answers with something else. */
export async function candleRows(
  exchange: Exchange,
  symbol: string,
  interval: string,
  since: number | undefined,
  limit: number,
): Promise<readonly RawCandle[]> {
  const rows: unknown = await exchange.fetchOHLCV(symbol, interval, since, limit);
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row)))
    throw new Error(`${exchange.id} answered with no list of candles`);
  return rows as RawCandle[];
}

/** The newest candles, page by page into the past: a venue that keeps less leaves the oldest out. */
export async function chartOf(
  exchange: Exchange,
  symbol: string,
  interval: string,
  limit: number,
): Promise<readonly RawCandle[]> {
  if (exchange.has['fetchOHLCV'] !== true) throw new NotSupported(`${exchange.id} tells no candles`);
  if (!Object.hasOwn(exchange.timeframes, interval))
    throw new NotSupported(`${exchange.id} tells no candles of ${interval}`);
  const page = candleLimit(exchange, symbol);
  const width = exchange.parseTimeframe(interval) * 1_000;
  let rows = await candleRows(exchange, symbol, interval, undefined, Math.min(limit, page));
  for (let pages = 1; rows.length > 0 && rows.length < limit && pages < MOST_PAGES; pages++) {
    const oldest = rows[0]![0] as number;
    const count = Math.min(limit - rows.length, page);
    const before = await candleRows(exchange, symbol, interval, oldest - count * width, count);
    const older = before.filter(([time]) => (time as number) < oldest);
    if (older.length === 0) break;
    rows = [...older, ...rows];
  }
  return rows.slice(-limit).map((row) => row.slice(0, 6));
}

export async function bookOf(exchange: Exchange, symbol: string, limit: number): Promise<RawBook | null> {
  if (exchange.has['fetchOrderBook'] !== true) return null;
  const asked = BOOK_LIMITS.find((most) => limit <= most) ?? BOOK_LIMITS.at(-1)!;
  const book: unknown = await exchange.fetchOrderBook(symbol, asked);
  const { bids, asks } = (book ?? {}) as Readonly<Record<string, unknown>>;
  return { bids: levels(exchange, bids), asks: levels(exchange, asks) };
}

function levels(exchange: Exchange, side: unknown): readonly (readonly unknown[])[] {
  if (!Array.isArray(side) || !side.every((level) => Array.isArray(level)))
    throw new Error(`${exchange.id} answered with no order book`);
  return side as (readonly unknown[])[];
}
