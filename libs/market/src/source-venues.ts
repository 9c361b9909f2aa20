/** The markets of real channels, as their venues know them. */
import type { MarketSide } from './price.ts';
import { type Exchange, type FoundMarket, type MarketSource, marketNameOf } from './source.ts';
import { type Venue, VenueUnavailable } from './venue.ts';

export interface VenueMarketsOptions {
  /** Longest that one question takes in all, in milliseconds: 3500. Somebody waits for the answer. */
  readonly timeoutMs?: number;
  /** Told of each question that was not answered. */
  readonly onTrouble?: (exchange: Exchange, reason: string) => void;
}

const TIMEOUT_MS = 3_500;

/** How many markets are remembered; a name never comes to mean another one. */
const REMEMBERED = 10_000;

/** A `MarketSource` on venues that are open; they stay the caller's, who closes them. */
export function createVenueMarkets(
  venues: ReadonlyMap<Exchange, Venue>,
  { timeoutMs = TIMEOUT_MS, onTrouble = () => undefined }: VenueMarketsOptions = {},
): MarketSource {
  const known = new Map<string, string>();

  /** The venue's own name of a market, null where it has none. */
  async function resolved(venue: Venue, name: string): Promise<string | null> {
    const key = `${venue.name} ${name}`;
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const market = await venue.resolve(name);
    if (market === null) return null;
    const [oldest] = known.keys();
    if (known.size >= REMEMBERED && oldest !== undefined) known.delete(oldest);
    known.set(key, market.symbol);
    return market.symbol;
  }

  /** A price first: where there is one there is a market, and a venue is asked once. */
  async function ask(venue: Venue, name: string, side: MarketSide | null): Promise<FoundMarket | null> {
    const quoted = side === null ? null : await venue.quote(name, side);
    if (quoted !== null) {
      const { symbol, price } = quoted;
      return { market: symbol, price: price.kind === 'tick' ? price.price : price.close };
    }
    const market = await resolved(venue, name);
    return market === null ? null : { market, price: null };
  }

  return {
    serves: (exchange) => venues.has(exchange),
    find: async (exchange, text, side) => {
      const venue = venues.get(exchange);
      if (venue === undefined) throw new VenueUnavailable(`${exchange}: no venue is configured`);
      try {
        return await within(ask(venue, marketNameOf(text), side), timeoutMs, exchange);
      } catch (error) {
        if (error instanceof VenueUnavailable) onTrouble(exchange, error.message);
        throw error;
      }
    },
  };
}

/** What is asked goes on, within the venue's own time-outs; only nobody waits for it. */
function within<Answer>(task: Promise<Answer>, timeoutMs: number, exchange: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const late = new VenueUnavailable(`${exchange}: no answer within ${timeoutMs} ms`);
    const timer = setTimeout(() => reject(late), timeoutMs);
    void task.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
