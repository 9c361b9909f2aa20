/** Documents that a store can't keep, however often it is tried: their streams are parked, the rest goes on. */
import type { FoldedBatch } from './fold.ts';
import type { SavedDocument, View, ViewStore, ViewVersion } from './views.ts';

/** What is left of a batch, with the streams of what the store refuses added to the parked ones. */
export function withoutRefused(
  { streamPrefix }: Pick<View, 'streamPrefix'>,
  at: ViewVersion,
  views: Pick<ViewStore, 'refusal'>,
  folded: FoldedBatch,
): FoldedBatch {
  const parked = new Map(folded.parked.map((one) => [one.stream, one]));
  const streamOf = ({ id }: SavedDocument): string => streamPrefix + id.split('.')[0]!;
  const documents = folded.documents.filter((document) => {
    const reason = views.refusal?.(at, document) ?? null;
    if (reason === null) return true;
    const stream = streamOf(document);
    if (!parked.has(stream)) parked.set(stream, { stream, position: document.position, reason });
    return false;
  });
  if (documents.length === folded.documents.length) return folded;
  // How far a stream is folded is told only where all of it is saved.
  const progress = folded.progress.filter((document) => !parked.has(streamOf(document)));
  return { documents, progress, parked: [...parked.values()] };
}
