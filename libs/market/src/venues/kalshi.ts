/** Kalshi, a prediction market: its public reads, without a key. */
import type { MarketSide } from '../price.ts';
import { type Quoted, type Settlement, type Venue, VenueUnavailable } from '../venue.ts';
import { createJsonClient, type HttpOptions, type JsonAnswer } from './http.ts';
import { SYSTEM_CLOCK } from './http-clock.ts';
import { notUnderstood } from './http-fields.ts';
import { type Answers, poll } from './http-polling.ts';
import { isTicker, type KalshiMarket, marketOf, readMarket, readMarketList } from './kalshi-market.ts';

export interface KalshiOptions extends HttpOptions {
  readonly baseUrl?: string;
  /** How often the stream asks for prices, in milliseconds. */
  readonly pollMs?: number;
}

const PRODUCTION = 'https://external-api.kalshi.com/trade-api/v2';

/** So many tickers make a URL of some 4 kB. */
const BATCH = 100;

const SIDES: readonly MarketSide[] = ['yes', 'no'];

/**
 * Prices are what buying a side costs; Kalshi tells no time of them, so theirs is that of receipt. There is no
 * `history`. Markets that were settled some months ago are found in the venue's archive.
 */
export function createKalshi({ baseUrl = PRODUCTION, pollMs = 2_000, ...http }: KalshiOptions = {}): Venue {
  // The lowest tier may send 20 reads a second; half of it leaves room for whoever shares the address.
  const client = createJsonClient({ venue: 'kalshi', requestsPerSecond: 10, ...http, baseUrl });
  const clock = http.clock ?? SYSTEM_CLOCK;

  const live = (ticker: string) => client.get(`/markets/${ticker}`);

  /** The market, live or archived; null where Kalshi knows none. */
  async function find(ticker: string): Promise<{ market: KalshiMarket; answer: JsonAnswer } | null> {
    if (!isTicker(ticker)) return null;
    const answer = (await live(ticker)) ?? (await client.get(`/historical/markets/${ticker}`));
    return answer === null ? null : { market: readMarket(answer.json, ticker), answer };
  }

  async function prices(tickers: readonly string[], signal: AbortSignal): Promise<Answers> {
    const known = tickers.filter(isTicker);
    const answers = new Map<string, readonly Quoted[] | VenueUnavailable>();
    for (const ticker of tickers) answers.set(ticker, notUnderstood(`kalshi: market ${ticker}`, 'is not listed'));
    if (known.length === 0) return answers;
    const answer = await client.get(`/markets?tickers=${known.join(',')}&limit=${known.length}`, signal);
    if (answer === null) throw new VenueUnavailable('kalshi: the list of markets is not there');
    const listed = readMarketList(answer.json);
    for (const ticker of known) {
      const market = listed.get(ticker);
      if (market === undefined) continue;
      try {
        const read = marketOf(market, ticker);
        answers.set(
          ticker,
          SIDES.flatMap((side) => quoted(read, side, answer.receivedAt) ?? []),
        );
      } catch (error) {
        if (!(error instanceof VenueUnavailable)) throw error;
        answers.set(ticker, error);
      }
    }
    return answers;
  }

  return {
    name: 'kalshi',
    simulated: false,
    resolve: async (ticker) => {
      const found = await find(ticker);
      return found === null ? null : { symbol: ticker, name: found.market.title };
    },
    quote: async (ticker, side = 'yes') => {
      const answer = isTicker(ticker) ? await live(ticker) : null;
      return answer === null ? null : quoted(readMarket(answer.json, ticker), side, answer.receivedAt);
    },
    stream: (symbols, options) =>
      poll({ venue: 'kalshi', symbols, everyMs: pollMs, batchSize: BATCH, clock, ask: prices }, options),
    settlement: async (ticker): Promise<Settlement> => {
      const found = await find(ticker);
      if (found === null) return { state: 'waiting', reason: 'kalshi knows no market of this ticker' };
      const { settlement } = found.market;
      return settlement.state === 'waiting' ? settlement : { ...settlement, raw: found.answer.raw };
    },
    close: async () => client.close(),
  };
}

function quoted({ ticker, prices }: KalshiMarket, side: MarketSide, receivedAt: number): Quoted | null {
  const price = prices[side];
  if (price === null) return null;
  return { symbol: ticker, side, price: { kind: 'tick', time: receivedAt, price }, receivedAt };
}
