/** By which pair each coin that is held is valued, and what it cost at a moment. */
import type { Mark } from '#libs/account';
import { type Price, type Venue, VenueUnavailable } from '#libs/market';
import { messageOf } from '#libs/sourcing';
import { DOLLARS } from '../coin-quotes.ts';

export interface HoldingPairsOptions {
  readonly venues: ReadonlyMap<string, Venue>;
  /** The venue that values holdings: `simulated`, `ccxt:binance`; null where there is none. */
  readonly source: string | null;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
  /** A pair that was asked for has become known. */
  readonly onLearned: () => void;
}

/** A price at a moment is looked for so far back. */
const PAST_MS = 600_000;

export class HoldingPairs {
  readonly #options: HoldingPairsOptions;
  readonly #venue: Venue | undefined;
  /** By symbol: the pair that values it at the source; null where it lists none, undefined where it can't be asked. */
  readonly #asked = new Map<string, Promise<string | null | undefined>>();
  readonly #known = new Map<string, string>();
  /** Symbols that the source could not be asked about. */
  readonly #unanswered = new Set<string>();

  constructor(options: HoldingPairsOptions) {
    this.#options = options;
    this.#venue = options.source === null ? undefined : options.venues.get(options.source);
  }

  /** The pair that values a holding; null until the source has told it. */
  get(symbol: string): string | null {
    if (!this.#asked.has(symbol)) void this.#resolved(symbol).then(() => this.#options.onLearned());
    return this.#known.get(symbol) ?? null;
  }

  /** To be called now and then: what could not be asked is asked again. */
  askAgain(): void {
    if (this.#unanswered.size === 0) return;
    for (const symbol of this.#unanswered) this.#asked.delete(symbol);
    this.#unanswered.clear();
    this.#options.onLearned();
  }

  /**
   * The last price of a holding before a moment; null where the venue has none.
   * @throws VenueUnavailable where it can't be asked.
   */
  async priceAt(symbol: string, moment: number): Promise<Mark | null> {
    const { signal, source } = this.#options;
    const pair = await this.#resolved(symbol);
    if (pair === undefined) throw new VenueUnavailable(`${source} can't be asked for the pair of ${symbol}`);
    if (this.#venue?.history === undefined || pair === null) return null;
    let last: Price | null = null;
    for await (const { price } of this.#venue.history(pair, moment - PAST_MS, moment, signal)) last = price;
    return last === null ? null : markOf(last, this.#venue.name);
  }

  #resolved(symbol: string): Promise<string | null | undefined> {
    let asked = this.#asked.get(symbol);
    if (asked === undefined) {
      asked = this.#resolve(symbol);
      this.#asked.set(symbol, asked);
    }
    return asked;
  }

  async #resolve(symbol: string): Promise<string | null | undefined> {
    try {
      for (const dollar of DOLLARS) {
        const found = (await this.#venue?.resolve(`${symbol}/${dollar}`)) ?? null;
        if (found === null) continue;
        this.#known.set(symbol, found.symbol);
        return found.symbol;
      }
    } catch (error) {
      this.#options.onTrouble(symbol, messageOf(error));
      if (error instanceof VenueUnavailable) {
        this.#unanswered.add(symbol);
        return undefined;
      }
    }
    return null;
  }
}

/** A price as what values a holding: of a candle its close. */
export function markOf(price: Price, source: string): Mark {
  const [text, at] = price.kind === 'tick' ? [price.price, price.time] : [price.close, price.time + price.interval];
  return { price: text, at: new Date(at).toISOString(), source };
}
