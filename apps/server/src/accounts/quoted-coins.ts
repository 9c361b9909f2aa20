/** The coins of one source of prices. */
import type { Mark, Marks } from '#libs/account';
import {
  type ChartCandle,
  type Coin,
  coinNamed,
  isChartInterval,
  KNOWN_COINS,
  MOST_BOOK_LEVELS,
  MOST_CHART_CANDLES,
  type OrderBook,
  type QuoteSource,
  VenueUnavailable,
} from '#libs/market';
import { type CoinQuote, DOLLARS, type Quotes } from './coin-quotes.ts';
import { createGathered, createRecent } from './gathered.ts';

export interface QuotedCoinsOptions {
  readonly source: QuoteSource;
  /** All pairs that the source lists, where that is known without asking it; null: it is asked. */
  readonly pairs: ReadonlySet<string> | null;
  /** How long a price serves, in milliseconds. */
  readonly keepMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A price that is older is none. */
const STALE_MS = 60_000;

/** Somebody waits for the answer. What is asked goes on, so that the next one may find it. */
const PATIENCE_MS = 2_500;

/** A list of markets changes now and then. */
const LISTED_MS = 60_000;

const SYMBOL = /^[A-Z0-9][A-Z0-9._-]{0,19}$/;

/** How long a chart or a book serves, in milliseconds. */
const KEPT_MS = 1_000;

const GATHERED = { most: 2_000, mostAtOnce: 100, mostAsked: 4 };
const MOST_KEPT = 500;
const MOST_LEARNED = 5_000;

const DEFAULT_CANDLES = 100;
/** What is asked for, so that few charts and books serve all who want some of them. */
const CANDLES_ASKED = [100, MOST_CHART_CANDLES] as const;
const LEVELS_ASKED = [20, MOST_BOOK_LEVELS] as const;

export function createQuotes({ source, pairs, keepMs, now }: QuotedCoinsOptions): Quotes {
  /** Of symbols that the source was asked about; null: it lists no pair. In the order of asking. */
  const learned = new Map<string, string | null>();
  const listing = createGathered(listings, { ...GATHERED, keepMs: LISTED_MS });
  const quoting = createGathered((names) => source.quotes(names), { ...GATHERED, keepMs });
  const charts = createRecent<readonly ChartCandle[]>({ keepMs: KEPT_MS, most: MOST_KEPT });
  const books = createRecent<OrderBook | null>({ keepMs: KEPT_MS, most: MOST_KEPT });

  async function listings(symbols: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const listed = await source.listed(symbols.flatMap((symbol) => DOLLARS.map((dollar) => `${symbol}/${dollar}`)));
    const found = new Map(symbols.map((symbol) => [symbol, pairAmong(listed, symbol)]));
    for (const [symbol, pair] of found) {
      learned.delete(symbol);
      learned.set(symbol, pair);
    }
    for (const oldest of learned.keys()) {
      if (learned.size <= MOST_LEARNED) break;
      learned.delete(oldest);
    }
    return found;
  }

  /** What is known of a symbol's pair without asking; undefined: nothing. */
  const pairKnown = (symbol: string): string | null | undefined =>
    pairs === null ? learned.get(symbol) : pairAmong(pairs, symbol);

  const pairOf = async (symbol: string): Promise<string | null> => {
    if (pairs !== null) return pairAmong(pairs, symbol);
    return SYMBOL.test(symbol) ? listing(symbol) : null;
  };

  const coin = (text: string): Coin | null => {
    const named = coinNamed(text);
    const symbol = named?.symbol ?? text.trim().toUpperCase();
    const pair = pairKnown(symbol);
    // What the table has is known, whoever trades it.
    if (named !== null) return { ...named, pair: pair ?? `${symbol}/${DOLLARS[0]}` };
    if (pair === null || !SYMBOL.test(symbol)) return null;
    return { id: symbol.toLowerCase(), symbol, name: symbol, pair: pair ?? `${symbol}/${DOLLARS[0]}` };
  };

  const find = async (text: string): Promise<Coin | null> => {
    const found = coin(text);
    const pair = found === null ? null : await impatient(pairOf(found.symbol));
    return found === null || pair === null ? null : { ...found, pair };
  };

  const quote = async (text: string): Promise<CoinQuote | null> => {
    const found = coin(text);
    const pair = found === null ? null : await pairOf(found.symbol);
    if (found === null || pair === null) return null;
    const told = await quoting(pair);
    if ('refused' in told) throw new VenueUnavailable(told.refused);
    if (told.quote === null || now() - told.quote.at > STALE_MS) return null;
    const { name, simulated } = source;
    return { symbol: found.symbol, id: found.id, ...told.quote, source: name, simulated, pair };
  };

  const impatient = <Answer>(task: Promise<Answer>): Promise<Answer> => within(task, source.name);

  const markOf = async (symbol: string): Promise<readonly [string, Mark] | null> => {
    try {
      const told = await impatient(quote(symbol));
      if (told === null) return null;
      return [symbol, { price: told.price, at: new Date(told.at).toISOString(), source: told.source }];
    } catch (error) {
      if (error instanceof VenueUnavailable) return null;
      throw error;
    }
  };

  const coins = (): readonly Coin[] => {
    if (pairs === null)
      return KNOWN_COINS.filter(({ symbol }) => learned.get(symbol) !== null).map(({ id }) => coin(id)!);
    const symbols = new Set([...pairs].map((pair) => pair.split('/')[0]!));
    return [...symbols]
      .filter((symbol) => pairAmong(pairs, symbol) !== null)
      .map(coin)
      .filter((one) => one !== null);
  };

  return {
    coin,
    find,
    coins,
    quote: (symbol) => impatient(quote(symbol)),
    marks: async (symbols): Promise<Marks> => {
      const told = await Promise.all([...new Set(symbols)].map((symbol) => markOf(symbol)));
      return Object.fromEntries(told.filter((entry) => entry !== null));
    },
    candles: async (text, interval, limit = DEFAULT_CANDLES) => {
      if (!isChartInterval(interval)) throw new RangeError(`interval: ${JSON.stringify(interval)} is none of charts`);
      refuseBeyond('limit', limit, MOST_CHART_CANDLES);
      const symbol = coin(text)?.symbol;
      const chart = async (): Promise<readonly ChartCandle[]> => {
        const pair = symbol === undefined ? null : await pairOf(symbol);
        const asked = CANDLES_ASKED.find((most) => limit <= most)!;
        if (pair === null) return [];
        return charts.get(`${pair} ${interval} ${asked}`, () => source.chart(pair, interval, asked));
      };
      return (await impatient(chart())).slice(-limit);
    },
    book: async (text, depth) => {
      refuseBeyond('depth', depth, MOST_BOOK_LEVELS);
      const symbol = coin(text)?.symbol;
      const asked = LEVELS_ASKED.find((most) => depth <= most)!;
      const whole = async (): Promise<OrderBook | null> => {
        const pair = symbol === undefined ? null : await pairOf(symbol);
        return pair === null ? null : books.get(`${pair} ${asked}`, () => source.book(pair, asked));
      };
      const book = await impatient(whole());
      return book === null ? null : { bids: book.bids.slice(0, depth), asks: book.asks.slice(0, depth) };
    },
    close: () => source.close(),
  };
}

/** The pair of a symbol that is preferred among those listed. */
function pairAmong(listed: ReadonlySet<string>, symbol: string): string | null {
  return DOLLARS.map((dollar) => `${symbol}/${dollar}`).find((pair) => listed.has(pair)) ?? null;
}

/** @throws VenueUnavailable when it takes too long. */
async function within<Answer>(task: Promise<Answer>, source: string): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const reason = `${source}: no answer within ${PATIENCE_MS} ms`;
  const timer = setTimeout(() => late.reject(new VenueUnavailable(reason)), PATIENCE_MS);
  try {
    return await Promise.race([task, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function refuseBeyond(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new RangeError(`${name}: ${value} is no whole number from 1 to ${most}`);
}
