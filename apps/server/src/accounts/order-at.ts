/** An order as one of its account's events left it: what a repeat under an idempotency key is answered with. */
import { type EventStore, foldDocument } from '#libs/sourcing';
import { type OrderDocument, ordersView } from '#libs/views';
import { accountStream } from './handled-account.ts';

/** Null where the account has had no such order until then. Reads the whole stream: repeats are few. */
export async function orderAt(
  events: EventStore,
  accountId: string,
  orderId: string,
  revision: number,
): Promise<OrderDocument | null> {
  const until = (await events.readStream(accountStream(accountId))).slice(0, revision + 1);
  return foldDocument(ordersView, null, until, `${accountId}.${orderId}`);
}
