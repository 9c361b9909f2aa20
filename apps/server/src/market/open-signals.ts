/** Which signals are open, as the view has them. */
import type { ViewStore } from '#libs/sourcing';
import { type SignalDocument, signalsView } from '#libs/views';

/** Open signals read in one go. */
const PAGE = 500;

/**
 * Gives every signal that the view has as open, page by page. Answers the position that the log is to be followed from:
 * before the first build there is no view, and the log tells all.
 */
export async function readOpenSignals(
  views: ViewStore,
  onPage: (documents: readonly SignalDocument[]) => Promise<void>,
): Promise<bigint> {
  const live = await views.live(signalsView.name);
  if (live === null) return 0n;
  const from = live.checkpoint;
  for (let after = -1n; ;) {
    const page = await views.find(signalsView.name, {
      where: [{ field: 'open', is: 'gt', value: after }],
      orderBy: { field: 'open', direction: 'asc' },
      limit: PAGE,
    });
    const documents = page.map(({ json }) => JSON.parse(json) as SignalDocument);
    await onPage(documents);
    if (page.length < PAGE) return from;
    after = BigInt(documents.at(-1)!.created);
  }
}
