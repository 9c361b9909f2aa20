/** The prices of each venue, streamed once for all who follow them. */
import type { Quoted, Venue, VenueTrouble } from '#libs/market';
import { together } from './together.ts';

export interface FeedOptions {
  /** By name. */
  readonly venues: ReadonlyMap<string, Venue>;
  readonly signal: AbortSignal;
  /** What a venue, or one instrument of it, has trouble with. The venue waits it out. */
  readonly onTrouble: (what: string, reason: string) => void;
}

/** Who is told the prices of a venue. */
export interface Follower {
  /** The instruments that it wants by now; asked often. */
  readonly symbols: () => ReadonlySet<string>;
  /**
   * Told each price of what it wants, in the order of the venue. All who want a price are told it side by side, and
   * the venue's next one is told once all are done: who is slow holds back the venue for all. One that throws ends
   * the feed.
   */
  readonly onPrice: (quoted: Quoted) => Promise<void> | void;
}

/**
 * A venue is streamed from its first follower on. One that joins later is told what comes from then on: of an
 * instrument that another follows already, maybe nothing until its price changes (`isStreaming`).
 */
export class PriceFeed {
  readonly #options: FeedOptions;
  readonly #followers = new Map<string, Follower[]>();
  /** By venue: resolved when it has a follower, or all is to end. */
  readonly #begun = new Map<string, PromiseWithResolvers<void>>();
  readonly #streaming = new Set<string>();

  constructor(options: FeedOptions) {
    this.#options = options;
    for (const name of options.venues.keys()) {
      this.#followers.set(name, []);
      this.#begun.set(name, Promise.withResolvers());
    }
  }

  /** Before or while the feed runs. @throws Error for a venue that is none of the feed's. */
  follow(venueName: string, follower: Follower): void {
    const followers = this.#followers.get(venueName);
    if (followers === undefined) throw new Error(`venue: ${venueName} is none of the feed's`);
    followers.push(follower);
    this.#begun.get(venueName)!.resolve();
  }

  /** Whether the prices of a venue are being told: who follows it only now may have missed some since it last looked. */
  isStreaming(venueName: string): boolean {
    return this.#streaming.has(venueName);
  }

  /** Runs until the signal aborts. Rejects where a venue's stream or a follower fails. */
  run(): Promise<void> {
    const { venues, signal } = this.#options;
    return together(signal, (running) => {
      const end = (): void => this.#begun.forEach(({ resolve }) => resolve());
      running.addEventListener('abort', end, { once: true });
      if (running.aborted) end();
      return [...venues.values()].map((venue) => this.#stream(venue, running));
    });
  }

  async #stream(venue: Venue, signal: AbortSignal): Promise<void> {
    await this.#begun.get(venue.name)!.promise;
    if (signal.aborted) return;
    const followers = this.#followers.get(venue.name)!;
    const onTrouble = ({ symbol, reason }: VenueTrouble): void =>
      this.#options.onTrouble(symbol === null ? venue.name : `${venue.name} ${symbol}`, reason);
    this.#streaming.add(venue.name);
    for await (const quoted of venue.stream(() => wantedBy(followers), { signal, onTrouble })) {
      const wanting = followers.filter((follower) => follower.symbols().has(quoted.symbol));
      await Promise.all(wanting.map(async (follower) => follower.onPrice(quoted)));
    }
  }
}

/** What any of them wants. */
function wantedBy(followers: readonly Follower[]): ReadonlySet<string> {
  const [first, ...others] = followers;
  if (first === undefined) return new Set();
  return others.length === 0 ? first.symbols() : new Set(followers.flatMap((follower) => [...follower.symbols()]));
}
