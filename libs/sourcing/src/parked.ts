/** Mending streams that a view could not fold. */
import { messageOf } from './message.ts';
import { documentId, foldDocument, savedDocument } from './folding.ts';
import { type EventStore, StoreUnavailable } from './ports.ts';
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

  async function saveFolded(stream: string): Promise<void> {
    const all = await events.readStream(stream);
    const document = foldDocument(view, null, all);
    const last = all.at(-1);
    if (document === null || last === undefined) return;
    await views.save(at, [savedDocument(view, documentId(view, stream), document, last.position)], 0n);
  }

  for (const { stream } of await views.parked(at)) {
    try {
      await saveFolded(stream);
      await views.unpark(at, stream);
      // Once more: an event that a projector skipped just before the stream was freed must not be missed.
      await saveFolded(stream);
      mended.push(stream);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      parked.push({ stream, reason: messageOf(error) });
    }
  }
  return { mended, parked };
}
