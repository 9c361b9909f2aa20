/** Orders as they are now: those of the view of orders, and what the log tells that it has not folded yet. */
import type { OrderStatus } from '#libs/account';
import {
  documentId,
  type EventStore,
  foldDocument,
  LOG_START,
  type ViewDocument,
  type ViewStore,
} from '#libs/sourcing';
import { isUnfinished, type OrderDocument, ordersView } from '#libs/views';
import { allDocuments } from '../../server/src/accounts/engine/all-documents.ts';
import { accountStream } from '../../server/src/accounts/handled-account.ts';
import { AccountReader } from '../../server/src/accounts/reader.ts';
import { changedSince, liveOf } from './folded.ts';

export interface WantedOrders {
  /** Null: of any. */
  readonly status: OrderStatus | null;
  /** So many at most. */
  readonly limit: number;
}

/** The orders of an account, newest first; none where there is no such account. */
export async function ordersOf(
  events: EventStore,
  views: ViewStore,
  accountId: string,
  { status, limit }: WantedOrders,
): Promise<readonly OrderDocument[]> {
  const isFolded = (await liveOf(ordersView, events, views)) !== null;
  const changed = await changedOrders(events, isFolded ? views : null, accountId);
  const found = new Map<string, OrderDocument>();
  if (isFolded) {
    const filter = { limit: limit + changed.length, ...(status !== null && { status }) };
    const { orders } = await new AccountReader(events, views).orders(accountId, filter, null);
    for (const order of orders) found.set(order.id, order);
  }
  for (const order of changed) found.set(order.id, order);
  const wanted = [...found.values()].filter((order) => status === null || order.status === status);
  return newestFirst(wanted).slice(0, limit);
}

/** The orders of all accounts that a venue was asked for and that are not over, oldest first. */
export async function ordersAtVenues(events: EventStore, views: ViewStore): Promise<readonly OrderDocument[]> {
  const live = await liveOf(ordersView, events, views);
  const found = new Map<string, OrderDocument>();
  if (live !== null)
    for await (const order of allDocuments<OrderDocument>(views, ordersView.name, 'unsettled'))
      found.set(order.id, order);
  for (const accountId of await changedSince(events, live?.checkpoint ?? LOG_START))
    for (const order of await changedOrders(events, live === null ? null : views, accountId))
      found.set(order.id, order);
  const atVenues = [...found.values()].filter((order) => isUnfinished(order) && order.sentAt !== null);
  return newestFirst(atVenues).toReversed();
}

/** The orders of an account that the view lacks something of. `views`: null where there is no such view. */
async function changedOrders(
  events: EventStore,
  views: ViewStore | null,
  accountId: string,
): Promise<readonly OrderDocument[]> {
  const kept = async <Doc extends ViewDocument>(id: string): Promise<Doc | null> => {
    const stored = (await views?.get(ordersView.name, id)) ?? null;
    return stored === null ? null : (JSON.parse(stored.json) as Doc);
  };
  // How far the account's orders are folded is read before them: by then each has all of that.
  const folded = await kept(accountId);
  const lacking = await events.readStream(accountStream(accountId), (folded?.revision ?? -1) + 1);
  const orders: OrderDocument[] = [];
  for (const [id, ofOrder] of Map.groupBy(lacking, (event) => documentId(ordersView, event))) {
    const order = id === null ? null : foldDocument(ordersView, await kept<OrderDocument>(id), ofOrder, id);
    if (order !== null) orders.push(order);
  }
  return orders;
}

function newestFirst(orders: readonly OrderDocument[]): readonly OrderDocument[] {
  return orders.toSorted((left, right) => (BigInt(left.created) > BigInt(right.created) ? -1 : 1));
}
