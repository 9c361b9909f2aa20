/** Folding a batch of events into the documents of one version of a view. */
import type { RecordedEvent } from './events.ts';
import type { Fold, FoldedBatch } from './fold.ts';
import { PartsFold } from './parts.ts';
import type { EventStore } from './ports.ts';
import { withoutRefused } from './refused.ts';
import type { View, ViewDocument, ViewStore, ViewVersion } from './views.ts';
import { StreamsFold } from './whole-streams.ts';

/**
 * Folds batches for one version of a view. Documents used last are remembered: that is safe, because a document is
 * decided by its stream alone and a save never replaces a newer one.
 */
export class Folding<Doc extends ViewDocument> {
  readonly #view: View<Doc>;
  readonly #at: ViewVersion;
  readonly #views: ViewStore;
  readonly #fold: Fold;
  #parked: Set<string> | null = null;

  constructor(view: View<Doc>, at: ViewVersion, views: ViewStore, events: EventStore, capacity = 5_000) {
    this.#view = view;
    this.#at = at;
    this.#views = views;
    const Form = view.part === undefined ? StreamsFold : PartsFold;
    this.#fold = new Form(view, at, views, events, capacity);
  }

  /** Folds a batch and saves what came of it together with the checkpoint. */
  async handle(batch: readonly RecordedEvent[], checkpoint: bigint): Promise<FoldedBatch> {
    // Read again while any is parked: `parked replay`, in another process, frees streams.
    if (this.#parked === null || this.#parked.size > 0) {
      this.#parked = new Set((await this.#views.parked(this.#at)).map((parked) => parked.stream));
    }
    const isParked = this.#parked;
    const made = await this.#fold.fold(batch, (stream) => isParked.has(stream));
    const folded = withoutRefused(this.#view, this.#at, this.#views, made);
    for (const parked of folded.parked) {
      await this.#views.park(this.#at, parked);
      this.#parked.add(parked.stream);
      this.#fold.forget(parked.stream);
    }
    await saveFolded(this.#views, this.#at, folded, checkpoint);
    return folded;
  }
}

/** Documents first, then how far their streams are folded, then the checkpoint: what is told of is there. */
export async function saveFolded(
  views: ViewStore,
  at: ViewVersion,
  { documents, progress }: Pick<FoldedBatch, 'documents' | 'progress'>,
  checkpoint: bigint,
): Promise<void> {
  if (progress.length > 0) await views.save(at, documents, 0n);
  await views.save(at, progress.length > 0 ? progress : documents, checkpoint);
}
