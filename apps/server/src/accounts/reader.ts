/**
 * Reading accounts and orders, for a caller who must see its own writes.
 *
 * A single account, or order, is its document folded on by the events it lacks: true on any process, and without
 * the views all of the account's events are enough. A list waits for the account's last write on this process, or for
 * the position it names, at most two seconds; past that it says that it is stale.
 */
import type { OrderStatus } from '#libs/account';
import {
  type Condition,
  documentId,
  type EventStore,
  foldDocument,
  RecentlyUsed,
  StoreUnavailable,
  type ViewDocument,
  type ViewStore,
  waitForPosition,
} from '#libs/sourcing';
import { type AccountDocument, accountsView, type OrderDocument, ordersView } from '#libs/views';
import { inTime } from '../operations/in-time.ts';
import { accountStream } from './handled-account.ts';

const WAIT_MS = 2_000;

/** Accounts whose last write is remembered at least. */
const REMEMBERED_WRITES = 10_000;

export interface OrderFilter {
  readonly status?: OrderStatus;
  /** Only orders listed after this place. */
  readonly before?: bigint;
  readonly limit: number;
}

export interface OrderPage {
  readonly orders: readonly OrderDocument[];
  /** Where the next page begins; null on the last. */
  readonly next: bigint | null;
  /** The list may lack the account's last writes. */
  readonly stale: boolean;
}

export class AccountReader {
  readonly #events: EventStore;
  readonly #views: ViewStore;
  readonly #lastWrites = new RecentlyUsed<bigint>(2 * REMEMBERED_WRITES);

  constructor(events: EventStore, views: ViewStore) {
    this.#events = events;
    this.#views = views;
  }

  /** Notes a write to an account, for the lists that are read next on this process. */
  wrote(accountId: string, position: bigint): void {
    const before = this.#lastWrites.get(accountId) ?? 0n;
    this.#lastWrites.set(accountId, position > before ? position : before);
  }

  /** The account as it is now, or null where there is none of this id. */
  async get(accountId: string): Promise<AccountDocument | null> {
    const kept = await unlessAway(this.#kept<AccountDocument>(accountsView.name, accountId));
    const lacking = await this.#events.readStream(accountStream(accountId), (kept?.revision ?? -1) + 1);
    return foldDocument(accountsView, kept, lacking);
  }

  /** The order as it is now, or null where the account has none of this id. */
  async order(accountId: string, orderId: string): Promise<OrderDocument | null> {
    const [order = null] = await this.ordersNamed(accountId, [orderId]);
    return order;
  }

  /** Orders as they are now, in the order of the ids; an id that the account has no order of is left out. */
  async ordersNamed(accountId: string, orderIds: readonly string[]): Promise<readonly OrderDocument[]> {
    if (orderIds.length === 0) return [];
    const ids = orderIds.map((orderId) => `${accountId}.${orderId}`);
    const { kept, revision } = (await unlessAway(this.#keptOrders(accountId, ids))) ?? { kept: [], revision: -1 };
    const lacking = await this.#events.readStream(accountStream(accountId), revision + 1);
    const ofOrders = Map.groupBy(lacking, (event) => documentId(ordersView, event));
    const orders = ids.map((id, n) => foldDocument(ordersView, kept[n] ?? null, ofOrders.get(id) ?? [], id));
    return orders.filter((order) => order !== null);
  }

  /** Newest first. `atLeast` is the position the caller wants to see, where it named one. */
  async orders(accountId: string, { status, before, limit }: OrderFilter, atLeast: bigint | null): Promise<OrderPage> {
    const seen = await this.#caughtUp(accountId, atLeast);
    const where: Condition[] = [{ field: 'account', is: 'eq', value: accountId }];
    if (status !== undefined) where.push({ field: 'status', is: 'eq', value: status });
    if (before !== undefined) where.push({ field: 'created', is: 'lt', value: before });
    const found = await this.#views.find(ordersView.name, {
      where,
      orderBy: { field: 'created', direction: 'desc' },
      limit: limit + 1,
    });
    const orders = found.slice(0, limit).map(({ json }) => JSON.parse(json) as OrderDocument);
    const last = orders.at(-1);
    return { orders, next: found.length > limit && last !== undefined ? BigInt(last.created) : null, stale: !seen };
  }

  /** The documents of orders, null where the view has none, and a revision up to which none lacks anything. */
  async #keptOrders(
    accountId: string,
    ids: readonly string[],
  ): Promise<{ kept: readonly (OrderDocument | null)[]; revision: number }> {
    // How far the account's orders are folded is read before the orders: by then they have all of that.
    const folded = await this.#kept<ViewDocument>(ordersView.name, accountId);
    const kept = await Promise.all(ids.map((id) => this.#kept<OrderDocument>(ordersView.name, id)));
    const known = kept.map((order) => Math.max(folded?.revision ?? -1, order?.revision ?? -1));
    return { kept, revision: Math.min(...known) };
  }

  async #kept<Doc>(view: string, id: string): Promise<Doc | null> {
    const stored = await this.#views.get(view, id);
    return stored === null ? null : (JSON.parse(stored.json) as Doc);
  }

  /**
   * Waits for the account's last write on this process, or the later one that is named; false where the wait was too
   * long, or the position named is one that no write has had.
   */
  async #caughtUp(accountId: string, atLeast: bigint | null): Promise<boolean> {
    const own = this.#lastWrites.get(accountId) ?? 0n;
    const wanted = atLeast !== null && atLeast > own ? atLeast : own;
    if (wanted !== own && wanted > (await this.#events.head())) return false;
    return wanted === 0n || waitForPosition(this.#views, ordersView.name, wanted, WAIT_MS);
  }
}

/** Null where the views can't be asked within two seconds. */
async function unlessAway<Read>(read: Promise<Read>): Promise<Read | null> {
  try {
    return await inTime(read, WAIT_MS);
  } catch (error) {
    if (error instanceof StoreUnavailable) return null;
    throw error;
  }
}
