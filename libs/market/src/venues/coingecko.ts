/** CoinGecko: reference prices of coins, at most a minute old. They trigger nothing: there are no ticks behind them. */
import { VenueUnavailable } from '../venue.ts';
import { createJsonClient, type HttpOptions } from './http.ts';
import { SYSTEM_CLOCK } from './http-clock.ts';
import { amountOf, type JsonObject, notUnderstood, objectOf } from './http-fields.ts';

export interface CoinGeckoOptions extends HttpOptions {
  readonly baseUrl?: string;
  /** A demo key, for a rate of one's own. */
  readonly demoKey?: string;
}

export interface CoinPrice {
  /** A decimal. */
  readonly usd: string;
  /** When CoinGecko last saw it change, milliseconds since 1970. */
  readonly at: number;
}

export interface CoinGecko {
  /** The prices of coins by CoinGecko's ids; those it does not know are absent. Throws `VenueUnavailable`. */
  prices(ids: readonly string[]): Promise<ReadonlyMap<string, CoinPrice>>;
  close(): Promise<void>;
}

const PUBLIC = 'https://api.coingecko.com/api/v3';

/** How long an answer serves: keyless and demo answers change no more often. */
const KEPT_MS = 60_000;

/** How many coins are remembered, and asked for at once. */
const REMEMBERED = 1_000;
const BATCH = 100;

const COIN_ID = /^[a-z0-9][a-z0-9._-]{0,99}$/;

export function createCoinGecko(options: CoinGeckoOptions = {}): CoinGecko {
  const { baseUrl = PUBLIC, demoKey, ...http } = options;
  const client = createJsonClient({
    venue: 'coingecko',
    // 30 a minute, the older of the two published demo limits.
    requestsPerSecond: 0.5,
    burst: 5,
    ...http,
    baseUrl,
    ...(demoKey !== undefined && { headers: { 'x-cg-demo-api-key': demoKey } }),
  });
  const clock = http.clock ?? SYSTEM_CLOCK;
  /** In the order of asking; null for a coin that CoinGecko does not know. */
  const kept = new Map<string, { readonly price: CoinPrice | null; readonly until: number }>();
  let last: Promise<unknown> = Promise.resolve();

  async function refresh(ids: readonly string[]): Promise<void> {
    const query = `ids=${ids.join(',')}&vs_currencies=usd&include_last_updated_at=true`;
    const answer = await client.get(`/simple/price?${query}`);
    if (answer === null) throw new VenueUnavailable('coingecko: the list of prices is not there');
    const coins = objectOf(answer.json, 'coingecko: prices');
    for (const id of ids) {
      kept.delete(id);
      kept.set(id, { price: readCoin(coins, id), until: clock.uptime() + KEPT_MS });
    }
    for (const [id] of kept) if (kept.size > REMEMBERED) kept.delete(id);
  }

  async function prices(ids: readonly string[]): Promise<ReadonlyMap<string, CoinPrice>> {
    const wanted = [...new Set(ids)].filter((id) => COIN_ID.test(id));
    const found = new Map<string, CoinPrice>();
    for (let at = 0; at < wanted.length; at += BATCH) {
      const batch = wanted.slice(at, at + BATCH);
      const stale = batch.filter((id) => (kept.get(id)?.until ?? -1) <= clock.uptime());
      if (stale.length > 0) await refresh(stale);
      for (const id of batch) {
        const price = kept.get(id)?.price;
        if (price) found.set(id, price);
      }
    }
    return found;
  }

  return {
    // One after another, so that callers who want the same coins share an answer.
    prices: (ids) => {
      const turn = last.then(() => prices(ids));
      last = turn.catch(() => undefined);
      return turn;
    },
    close: async () => client.close(),
  };
}

/** `{"<id>": {"usd", "last_updated_at"}}`; null where the coin, or its price, is absent. Throws `VenueUnavailable`. */
export function readCoin(coins: JsonObject, id: string): CoinPrice | null {
  const place = `coingecko: price of ${id}`;
  const told = Object.hasOwn(coins, id) ? coins[id] : undefined;
  if (told === undefined || told === null) return null;
  const coin = objectOf(told, place);
  if (coin.usd === undefined || coin.usd === null) return null;
  const seconds = coin.last_updated_at;
  if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || seconds <= 0)
    throw notUnderstood(place, 'last_updated_at must be seconds since 1970');
  return { usd: amountOf(coin.usd, 'usd', place), at: seconds * 1_000 };
}
