/** Which resting orders a venue has changed: one question a pair, after which only those that changed are looked at. */
import { compare } from '#libs/account';
import { type Broker, BrokerUnavailable } from '#libs/market';
import { NEVER, type Tracked } from './tracked-orders.ts';

export interface PollOptions {
  readonly broker: Broker;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class OpenOrdersPoll {
  readonly #options: PollOptions;
  /** Pairs whose open orders could not be read, told once. */
  readonly #silent = new Set<string>();

  constructor(options: PollOptions) {
    this.#options = options;
  }

  /**
   * Has those looked at that are not listed as they are known. What is to be looked at later anyway is left to that.
   * `more`: pairs that are asked for though nothing is known to rest. Answers the pairs that could not be read.
   */
  async run(orders: Iterable<Tracked>, more: Iterable<string> = []): Promise<ReadonlySet<string>> {
    const { broker, now, onTrouble, signal } = this.#options;
    const resting = [...orders].filter(({ order }) => order.accepted && !order.isOver);
    const byPair = Map.groupBy(resting, ({ order }) => order.pair);
    const unread = new Set([...byPair.keys(), ...more]);
    for (const pair of Array.from(unread)) {
      if (signal.aborted) break;
      const tracked = byPair.get(pair) ?? [];
      try {
        const listed = new Map((await broker.openOrders(pair)).map((one) => [one.venueOrderId, one.filled]));
        this.#silent.delete(pair);
        unread.delete(pair);
        for (const one of tracked) {
          const filled = listed.get(one.order.venueOrderId ?? '') ?? null;
          const isSame = filled !== null && compare(filled, one.order.filled) === 0;
          if (!isSame && one.lookAt === NEVER) one.lookAt = now();
        }
      } catch (error) {
        if (!(error instanceof BrokerUnavailable)) throw error;
        if (!this.#silent.has(pair)) onTrouble(pair, `its open orders can't be read: ${error.message}`);
        this.#silent.add(pair);
      }
    }
    return unread;
  }
}
