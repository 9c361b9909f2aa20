/**
 * Which open signal a closing one ends, and which closed it.
 *
 * A document folds one stream, so an open signal does not know of its close: it is looked up by what the close says.
 */
import type { Dialect, Instrument } from '#libs/signal';
import {
  type EventStore,
  type FindOptions,
  StoreUnavailable,
  Turns,
  type ViewStore,
  waitForPosition,
} from '#libs/sourcing';
import { type SignalDocument, signalsView } from '#libs/views';

const WAIT_MS = 2_000;

/** Open signals looked at in one go. */
const PAGE = 200;

/** Where a position is held: what is opened there is closed there. */
export interface Place {
  readonly channelId: string;
  readonly dialect: Dialect;
  readonly venue: Instrument['venue'];
  readonly symbol: Instrument['symbol'];
}

export class Closes {
  readonly #events: EventStore;
  readonly #views: ViewStore;
  readonly #turns = new Turns();

  constructor(events: EventStore, views: ViewStore) {
    this.#events = events;
    this.#views = views;
  }

  /**
   * Writes a close, with the id of the signal that it ends: the newest at its place that is neither closed nor over,
   * or null. Every write answered before is seen, whichever process answered it. Closes of one place take turns, so
   * that two of them end two signals; two processes that write at the same moment may still name the same one.
   * Throws `StoreUnavailable` when the view is too far behind to tell: nothing was written then.
   */
  closing<Result>(place: Place, write: (openId: string | null) => Promise<Result>): Promise<Result> {
    const { channelId, dialect, venue, symbol } = place;
    return this.#turns.run(JSON.stringify([channelId, dialect, venue, symbol]), async () => {
      if (!(await this.upToDate()))
        throw new StoreUnavailable('the view of signals is behind: no telling what this closes');
      return write(await this.#lastOpen(place));
    });
  }

  /** Waits until the view has all that is written now, at most two seconds. Answers whether it has. */
  async upToDate(): Promise<boolean> {
    return waitForPosition(this.#views, signalsView.name, await this.#events.head(), WAIT_MS);
  }

  /** Who closed these signals first: the id of the close by that of the open one. Those still open are absent. */
  async closersOf(openIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const closers = new Map<string, string>();
    let after = -1n;
    while (openIds.length > 0) {
      const closes = await this.#find({
        where: [
          { field: 'closesSignalId', is: 'in', value: openIds },
          { field: 'created', is: 'gt', value: after },
        ],
        orderBy: { field: 'created', direction: 'asc' },
        limit: PAGE,
      });
      for (const { id, closesSignalId } of closes) if (!closers.has(closesSignalId!)) closers.set(closesSignalId!, id);
      if (closes.length < PAGE) break;
      after = BigInt(closes.at(-1)!.created);
    }
    return closers;
  }

  async #lastOpen({ channelId, dialect, venue, symbol }: Place): Promise<string | null> {
    const at = (field: string, value: string) => ({ field, is: 'eq', value }) as const;
    let before: bigint | null = null;
    for (;;) {
      const open: readonly SignalDocument[] = await this.#find({
        where: [
          at('channelId', channelId),
          at('dialect', dialect),
          at('symbol', symbol),
          at('venue', venue),
          at('side', 'open'),
          { field: 'status', is: 'in', value: ['registered', 'matched'] },
          ...(before === null ? [] : [{ field: 'created', is: 'lt', value: before } as const]),
        ],
        orderBy: { field: 'created', direction: 'desc' },
        limit: PAGE,
      });
      const closed = await this.closersOf(open.map(({ id }) => id));
      const last = open.find(({ id, cancelledAt }) => cancelledAt === null && !closed.has(id));
      if (last !== undefined) return last.id;
      if (open.length < PAGE) return null;
      before = BigInt(open.at(-1)!.created);
    }
  }

  async #find(options: FindOptions): Promise<readonly SignalDocument[]> {
    return (await this.#views.find(signalsView.name, options)).map(({ json }) => JSON.parse(json) as SignalDocument);
  }
}
