/** All documents of a view that have a field, page by page. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { ViewStore } from '#libs/sourcing';

/** Documents read from a view in one go. */
const PAGE = 500;

/** In the field's order, which is that of their creation. A store that answers at once must not keep other work waiting. */
export async function* allDocuments<Doc extends { readonly created: string }>(
  views: ViewStore,
  view: string,
  field: string,
): AsyncGenerator<Doc> {
  for (let after = -1n; ;) {
    const page = await views.find(view, {
      where: [{ field, is: 'gt', value: after }],
      orderBy: { field, direction: 'asc' },
      limit: PAGE,
    });
    const documents = page.map(({ json }) => JSON.parse(json) as Doc);
    yield* documents;
    await breathe();
    if (page.length < PAGE) return;
    after = BigInt(documents.at(-1)!.created);
  }
}
