/** The view of accounts: one document for each, found by its mode, how it stands and when it was opened. */
import type { FieldValues, View } from '#libs/sourcing';
import type { AccountDocument } from './document.ts';
import { ACCOUNT_STREAM_PREFIX, project } from './project.ts';

export const accountsView: View<AccountDocument> = {
  name: 'accounts',
  version: 1,
  streamPrefix: ACCOUNT_STREAM_PREFIX,
  project,
  fields,
  fieldTypes: { mode: 'text', status: 'text', name: 'text', created: 'integer', active: 'integer' },
  indexes: [
    ['created'],
    ['status', 'created'],
    // Those that prices may concern, for whoever follows these.
    ['active'],
  ],
};

function fields(document: AccountDocument): FieldValues {
  const created = BigInt(document.created);
  return {
    mode: document.mode,
    status: document.status,
    name: document.name,
    created,
    // With open orders or holdings.
    active: document.openOrders > 0 || document.holdings.length > 0 ? created : null,
  };
}
