/** Mending streams that a view could not fold. */
import { foldDocument, savedDocument, streamId } from './documents.ts';
import type { FoldedBatch } from './fold.ts';
import { saveFolded } from './folding.ts';
import { messageOf } from './message.ts';
import { foldParts } from './parts.ts';
import { type EventStore, StoreUnavailable } from './ports.ts';
import type { RecordedEvent } from './events.ts';
import type { View, ViewDocument, ViewStore } from './views.ts';

export interface Replayed {
  readonly mended: readonly string[];
  /** Those that still can't be folded, and why. */
  readonly parked: readonly { readonly stream: string; readonly reason: string }[];
}

/**
 * Folds the parked streams of the live version again from their events, with today's code.
 * @throws StoreUnavailable, with what is not yet mended still parked.
 */
export async function replayParked<Doc extends ViewDocument>(
  view: View<Doc>,
  events: EventStore,
  views: ViewStore,
): Promise<Replayed> {
  const mended: string[] = [];
  const parked: { stream: string; reason: string }[] = [];
  const live = await views.live(view.name);
  if (live === null) return { mended, parked };
  const at = { view: view.name, version: live.version };

  async function foldAnew(stream: string): Promise<void> {
    await saveFolded(views, at, foldStream(view, stream, await events.readStream(stream)), 0n);
  }

  for (const { stream } of await views.parked(at)) {
    try {
      await foldAnew(stream);
      await views.unpark(at, stream);
      // Once more: an event that a projector skipped just before the stream was freed must not be missed.
      await foldAnew(stream);
      mended.push(stream);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      parked.push({ stream, reason: messageOf(error) });
    }
  }
  return { mended, parked };
}

/** Every document of a stream, folded from its first event. */
function foldStream<Doc extends ViewDocument>(
  view: View<Doc>,
  stream: string,
  events: readonly RecordedEvent[],
): Pick<FoldedBatch, 'documents' | 'progress'> {
  if (view.part !== undefined) return foldParts(view, stream, events);
  const document = foldDocument(view, null, events);
  const last = events.at(-1);
  if (document === null || last === undefined) return { documents: [], progress: [] };
  return { documents: [savedDocument(view, streamId(view, stream), document, last.position)], progress: [] };
}
