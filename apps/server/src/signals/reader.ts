/**
 * Reading signals, for a caller who must see its own writes.
 *
 * A single signal is its document folded on by the events it lacks: true on any process, and without the view all of
 * its events are enough. A list waits for the caller's last write on this process, or for the position it names, at
 * most two seconds; past that it says that it is stale.
 */
import type { Dialect, Side, SignalStatus } from '#libs/signal';
import {
  type Condition,
  type EventStore,
  foldDocument,
  RecentlyUsed,
  type RecordedEvent,
  StoreUnavailable,
  type ViewStore,
  waitForPosition,
} from '#libs/sourcing';
import { type SignalDocument, signalsView } from '#libs/views';
import type { Caller } from '../http/keys.ts';
import { inTime } from '../operations/in-time.ts';
import { signalStream } from './handled-signal.ts';

const WAIT_MS = 2_000;

/** Channels whose last write is remembered at least. */
const REMEMBERED_WRITES = 10_000;

/** Whose signals a read may show. */
export interface Scope {
  readonly caller: Caller;
  /** Null: made through any dialect. */
  readonly dialect: Dialect | null;
}

export interface SignalFilter {
  readonly status?: SignalStatus;
  readonly coin?: string;
  readonly direction?: 'long' | 'short';
  readonly side?: Side;
  readonly venue?: string;
  readonly symbol?: string;
  /** Created at or after. */
  readonly from?: string;
  /** Created at or before. */
  readonly to?: string;
  /** Only signals listed after this place. */
  readonly before?: bigint;
  readonly strategyId?: string;
  readonly limit: number;
  /** Signals left out at the beginning. */
  readonly offset?: number;
}

/** How many signals a filter finds. */
export interface SignalCount {
  readonly total: number;
  /** The count may lack the caller's last writes. */
  readonly stale: boolean;
}

export interface SignalPage {
  readonly signals: readonly SignalDocument[];
  /** Where the next page begins; null on the last. */
  readonly next: bigint | null;
  /** The list may lack the caller's last writes. */
  readonly stale: boolean;
}

/** A signal as of one of its events. */
export interface HistoryEntry {
  readonly event: RecordedEvent;
  readonly document: SignalDocument;
}

export class SignalReader {
  readonly #events: EventStore;
  readonly #views: ViewStore;
  readonly #lastWrites = new RecentlyUsed<bigint>(2 * REMEMBERED_WRITES);

  constructor(events: EventStore, views: ViewStore) {
    this.#events = events;
    this.#views = views;
  }

  /** Notes a channel's write, for the lists it reads next on this process. */
  wrote(channelId: string, position: bigint): void {
    const before = this.#lastWrites.get(channelId) ?? 0n;
    this.#lastWrites.set(channelId, position > before ? position : before);
  }

  /** The signal as it is now, or null where the scope has none of this id. */
  async get(signalId: string, scope: Scope): Promise<SignalDocument | null> {
    const kept = await this.#kept(signalId);
    const document = foldDocument(
      signalsView,
      kept,
      await this.#events.readStream(signalStream(signalId), (kept?.revision ?? -1) + 1),
    );
    return document !== null && isVisible(document, scope) ? document : null;
  }

  /** The document as the view has it; null where it has none, or can't be asked within two seconds. */
  async #kept(signalId: string): Promise<SignalDocument | null> {
    try {
      const stored = await inTime(this.#views.get(signalsView.name, signalId), WAIT_MS);
      return stored === null ? null : (JSON.parse(stored.json) as SignalDocument);
    } catch (error) {
      if (error instanceof StoreUnavailable) return null;
      throw error;
    }
  }

  /** The events of the signal, oldest first; null where the scope has none of this id. */
  async history(signalId: string, scope: Scope): Promise<readonly RecordedEvent[] | null> {
    const events = await this.#events.readStream(signalStream(signalId));
    const [first] = events;
    return first !== undefined && isVisible(signalsView.project(null, first), scope) ? events : null;
  }

  /** Newest first. `atLeast` is the position the caller wants to see, where it named one. */
  async list(filter: SignalFilter, scope: Scope, atLeast: bigint | null): Promise<SignalPage> {
    const seen = await this.caughtUp(scope, atLeast);
    const found = await this.#views.find(signalsView.name, {
      where: conditions(filter, scope),
      orderBy: { field: 'created', direction: 'desc' },
      limit: filter.limit + 1,
      ...(filter.offset !== undefined && { offset: filter.offset }),
    });
    const signals = found.slice(0, filter.limit).map(({ json }) => JSON.parse(json) as SignalDocument);
    const last = signals.at(-1);
    return {
      signals,
      next: found.length > filter.limit && last !== undefined ? BigInt(last.created) : null,
      stale: !seen,
    };
  }

  /** How many there are in all, whatever page is asked for. */
  async count(filter: Omit<SignalFilter, 'limit'>, scope: Scope, atLeast: bigint | null): Promise<SignalCount> {
    const seen = await this.caughtUp(scope, atLeast);
    return { total: await this.#views.count(signalsView.name, conditions(filter, scope)), stale: !seen };
  }

  /**
   * Waits for the caller's last write on this process, or the later one it names; false where the wait was too long,
   * or the position named is one that no write has had.
   */
  async caughtUp({ caller: { channelId } }: Scope, atLeast: bigint | null): Promise<boolean> {
    const own = channelId === null ? 0n : (this.#lastWrites.get(channelId) ?? 0n);
    const wanted = atLeast !== null && atLeast > own ? atLeast : own;
    if (wanted !== own && wanted > (await this.#events.head())) return false;
    return wanted === 0n || waitForPosition(this.#views, signalsView.name, wanted, WAIT_MS);
  }
}

/** Each event with the state after it, made one at a time: all together they grow with the square of the calls. */
export function* statesAfter(events: readonly RecordedEvent[]): Generator<HistoryEntry, void> {
  let document: SignalDocument | null = null;
  for (const event of events) {
    document = signalsView.project(document, event);
    yield { event, document };
  }
}

function isVisible(document: SignalDocument, { caller, dialect }: Scope): boolean {
  return (
    (caller.channelId === null || document.channelId === caller.channelId) &&
    (dialect === null || document.dialect === dialect)
  );
}

/** What a filter asks of a scope, for a view store. */
export function conditions(filter: Omit<SignalFilter, 'limit'>, { caller, dialect }: Scope): Condition[] {
  const where: Condition[] = [];
  const add = (field: string, is: Condition['is'], value: Condition['value'] | undefined | null): void => {
    if (value !== undefined && value !== null) where.push({ field, is, value });
  };
  add('channelId', 'eq', caller.channelId);
  add('dialect', 'eq', dialect);
  add('status', 'eq', filter.status);
  add('base', 'eq', filter.coin);
  add('direction', 'eq', filter.direction);
  add('strategyId', 'eq', filter.strategyId);
  add('side', 'eq', filter.side);
  add('venue', 'eq', filter.venue);
  add('symbol', 'eq', filter.symbol);
  add('createdAt', 'gte', filter.from);
  add('createdAt', 'lte', filter.to);
  add('created', 'lt', filter.before);
  return where;
}
