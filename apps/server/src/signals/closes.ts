/**
 * Which open signal a closing one ends, and which closed it.
 *
 * A document folds one stream, so an open signal does not know of its close: it is looked up by what the close says.
 */
import type { Dialect, Instrument } from '#libs/signal';
import {
  type EventStore,
  type FindOptions,
  RecentlyUsed,
  StoreUnavailable,
  Turns,
  type ViewStore,
  waitForPosition,
} from '#libs/sourcing';
import { type SignalDocument, signalsView } from '#libs/views';
import { inTime } from '../operations/in-time.ts';

const WAIT_MS = 2_000;

/** Open signals looked at in one go; the first look takes few, as nearly always one of the newest is meant. */
const PAGE = 200;
const FIRST_PAGE = 10;

/** Places whose closed stretches are remembered, and stretches of each. */
const REMEMBERED_PLACES = 10_000;
const REMEMBERED_STRETCHES = 16;

/**
 * Every open signal of a place that was created after `after`, up to and with `upTo`, is closed or over, and stays so.
 * Without this a close would look again at all that were closed before it. It is only a saving; a stream that was
 * parked and is replayed later can be passed over by it, as by the closes written while it was parked.
 */
interface ClosedStretch {
  readonly after: bigint;
  readonly upTo: bigint;
}

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
  readonly #closed = new RecentlyUsed<readonly ClosedStretch[]>(REMEMBERED_PLACES);

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
    return this.#turns.run(nameOf(place), async () => {
      if (!(await this.#upToDate()))
        throw new StoreUnavailable('the view of signals is behind: no telling what this closes');
      return write(await this.#lastOpen(place));
    });
  }

  /**
   * Who closed an open signal first. A close is found by the view, so one that was just answered, by any process, is
   * waited for; `stale` says that one may be missing, because the view is too far behind or can't be asked.
   */
  async closerOf(openId: string): Promise<{ readonly closedBy: string | null; readonly stale: boolean }> {
    const look = async (): Promise<string | null> => (await this.closersOf([openId])).get(openId) ?? null;
    try {
      const known = await inTime(look(), WAIT_MS);
      if (known !== null) return { closedBy: known, stale: false };
      const upToDate = await this.#upToDate();
      return { closedBy: await inTime(look(), WAIT_MS), stale: !upToDate };
    } catch (error) {
      if (error instanceof StoreUnavailable) return { closedBy: null, stale: true };
      throw error;
    }
  }

  /** Waits until the view has all that is written now, at most two seconds. Answers whether it has. */
  async #upToDate(): Promise<boolean> {
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

  /** From the newest back, over the stretches known to be closed. Runs in the place's turn. */
  async #lastOpen(place: Place): Promise<string | null> {
    const stretches = [...(this.#closed.get(nameOf(place)) ?? [])];
    let newest = stretches[0]?.upTo ?? null;
    let before: bigint | null = null;
    let limit = FIRST_PAGE;
    for (;;) {
      const next = stretches[0];
      const open = await this.#openAt(place, before, next?.upTo ?? null, limit);
      const first = open[0];
      if (first !== undefined && (newest === null || BigInt(first.created) > newest)) newest = BigInt(first.created);
      const closed = await this.closersOf(open.map(({ id }) => id));
      const last = open.find(({ id, cancelledAt }) => cancelledAt === null && !closed.has(id));
      if (last !== undefined) {
        this.#remember(place, { after: BigInt(last.created), upTo: newest! }, stretches);
        return last.id;
      }
      if (open.length === limit) {
        before = BigInt(open.at(-1)!.created);
        limit = PAGE;
      } else if (next !== undefined) {
        stretches.shift();
        before = next.after + 1n;
      } else {
        if (newest !== null) this.#remember(place, { after: -1n, upTo: newest }, []);
        return null;
      }
    }
  }

  #remember(place: Place, closed: ClosedStretch, older: readonly ClosedStretch[]): void {
    const stretches = closed.upTo > closed.after ? [closed, ...older] : older;
    this.#closed.set(nameOf(place), stretches.slice(0, REMEMBERED_STRETCHES));
  }

  /** Open signals of a place, newest first. */
  #openAt(
    { channelId, dialect, venue, symbol }: Place,
    before: bigint | null,
    after: bigint | null,
    limit: number,
  ): Promise<readonly SignalDocument[]> {
    const at = (field: string, value: string) => ({ field, is: 'eq', value }) as const;
    return this.#find({
      where: [
        at('channelId', channelId),
        at('dialect', dialect),
        at('symbol', symbol),
        at('venue', venue),
        at('side', 'open'),
        { field: 'status', is: 'in', value: ['registered', 'matched'] },
        ...(before === null ? [] : [{ field: 'created', is: 'lt', value: before } as const]),
        ...(after === null ? [] : [{ field: 'created', is: 'gt', value: after } as const]),
      ],
      orderBy: { field: 'created', direction: 'desc' },
      limit,
    });
  }

  async #find(options: FindOptions): Promise<readonly SignalDocument[]> {
    return (await this.#views.find(signalsView.name, options)).map(({ json }) => JSON.parse(json) as SignalDocument);
  }
}

function nameOf({ channelId, dialect, venue, symbol }: Place): string {
  return JSON.stringify([channelId, dialect, venue, symbol]);
}
