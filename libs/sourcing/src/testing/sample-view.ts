/** A view that means nothing, for tests of stores. */
import type { FieldValues, SavedDocument, View, ViewDocument } from '../views.ts';

export interface ItemDocument extends ViewDocument {
  readonly name: string | null;
  readonly rank: number | null;
}

const itemFields = ({ name, rank }: ItemDocument): FieldValues => ({ name, rank: rank === null ? null : BigInt(rank) });

export function itemsView(name: string): View<ItemDocument> {
  return {
    name,
    version: 1,
    streamPrefix: 'item-',
    project: (document, { stream, revision }) => ({
      ...document,
      id: stream.slice('item-'.length),
      revision,
      name: null,
      rank: null,
    }),
    fields: itemFields,
    fieldTypes: { name: 'text', rank: 'integer' },
    indexes: [['name', 'rank']],
  };
}

/** A document of it, ready to be saved. */
export function item(
  id: string,
  position: bigint,
  given: { name?: string | null; rank?: number | null } = {},
): SavedDocument {
  const document: ItemDocument = { id, revision: Number(position), name: given.name ?? null, rank: given.rank ?? null };
  return { id, position, json: JSON.stringify(document), fields: itemFields(document) };
}
