/** What folding a batch comes to. */
import type { RecordedEvent } from './events.ts';
import type { ParkedStream, SavedDocument } from './views.ts';

export interface FoldedBatch {
  readonly documents: readonly SavedDocument[];
  /** Of a view with parts: how far streams are folded. True only once the documents are saved. */
  readonly progress: readonly SavedDocument[];
  readonly parked: readonly ParkedStream[];
}

/** Folds batches, saving nothing. It remembers what it used last. */
export interface Fold {
  /** @throws what a store throws: that is no fault of a stream. */
  fold(batch: readonly RecordedEvent[], isParked: (stream: string) => boolean): Promise<FoldedBatch>;
  /** What is remembered of a stream may be behind from now on. */
  forget(stream: string): void;
}
