/** The view of orders: several documents of an account's stream, one for each order. */
import type { FieldValues, View } from '#libs/sourcing';
import { ACCOUNT_STREAM_PREFIX } from '../accounts/project.ts';
import type { OrderDocument } from './document.ts';
import { orderIdOf, project } from './project.ts';

export const ordersView: View<OrderDocument> = {
  name: 'orders',
  version: 1,
  streamPrefix: ACCOUNT_STREAM_PREFIX,
  part: orderIdOf,
  project,
  fields,
  fieldTypes: {
    account: 'text',
    status: 'text',
    symbol: 'text',
    signalId: 'text',
    orderId: 'text',
    created: 'integer',
    open: 'integer',
    unsettled: 'integer',
  },
  // Lists are of one account, newest first; the other filters are read along them.
  indexes: [
    ['account', 'created'],
    ['account', 'status', 'created'],
    // For the operator, who is told the order alone.
    ['orderId'],
    // Those that are not over, for whoever follows prices.
    ['open'],
    // Those that a venue may know more of, for whoever asks it.
    ['unsettled'],
  ],
};

function fields(document: OrderDocument): FieldValues {
  const created = BigInt(document.created);
  const isOpen = isUnfinished(document);
  return {
    account: document.accountId,
    status: document.status,
    symbol: document.symbol,
    signalId: document.signalId,
    orderId: document.orderId,
    created,
    open: isOpen ? created : null,
    unsettled: isOpen && document.sentAt !== null ? created : null,
  };
}

/** Whether something of it may still be filled or cancelled. */
export function isUnfinished({ status }: Pick<OrderDocument, 'status'>): boolean {
  return status === 'open' || status === 'partially_filled' || status === 'unresolved';
}
