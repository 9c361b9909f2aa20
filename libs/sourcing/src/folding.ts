/** Folding a batch of events into the documents of one version of a view. */
import type { RecordedEvent } from './events.ts';
import type { EventStore } from './ports.ts';
import type { ParkedStream, SavedDocument, StoredDocument, View, ViewDocument, ViewStore, ViewVersion } from './views.ts';

/** A document in hand, with the position it stands at. */
interface Held<Doc> {
  readonly document: Doc;
  readonly position: bigint;
}

export interface FoldedBatch {
  readonly documents: readonly SavedDocument[];
  readonly parked: readonly ParkedStream[];
}

/** The id of the document that folds a stream. */
export function documentId(view: View, stream: string): string {
  return stream.slice(view.streamPrefix.length);
}

/** A document as kept, folded further by the events of its stream that it lacks. */
export function foldDocument<Doc extends ViewDocument>(view: View<Doc>, document: Doc | null, events: readonly RecordedEvent[]): Doc | null {
  let current = document;
  for (const event of events) {
    if (current !== null && event.revision <= current.revision) continue;
    current = view.project(current, event);
  }
  return current;
}

/**
 * Folds batches for one version of a view. Documents used last are remembered: that is safe, because a document is
 * decided by its stream alone and a save never replaces a newer one.
 */
export class Folding<Doc extends ViewDocument> {
  readonly #view: View<Doc>;
  readonly #at: ViewVersion;
  readonly #views: ViewStore;
  readonly #events: EventStore;
  readonly #held = new Map<string, Held<Doc>>();
  readonly #capacity: number;
  #parked: Set<string> | null = null;

  constructor(view: View<Doc>, at: ViewVersion, views: ViewStore, events: EventStore, capacity = 5_000) {
    this.#view = view;
    this.#at = at;
    this.#views = views;
    this.#events = events;
    this.#capacity = capacity;
  }

  /** Folds a batch and saves what came of it together with the checkpoint. */
  async handle(batch: readonly RecordedEvent[], checkpoint: bigint): Promise<FoldedBatch> {
    // Read again while any is parked: `parked replay`, in another process, frees streams.
    if (this.#parked === null || this.#parked.size > 0) {
      this.#parked = new Set((await this.#views.parked(this.#at)).map((parked) => parked.stream));
    }
    const folded = await this.#fold(batch);
    for (const parked of folded.parked) {
      await this.#views.park(this.#at, parked);
      this.#parked.add(parked.stream);
      this.#held.delete(documentId(this.#view, parked.stream));
    }
    await this.#views.save(this.#at, folded.documents, checkpoint);
    return folded;
  }

  async #fold(batch: readonly RecordedEvent[]): Promise<FoldedBatch> {
    await this.#load(batch);
    const changed = new Map<string, Held<Doc>>();
    const parked: ParkedStream[] = [];
    for (const event of batch) {
      if (this.#parked!.has(event.stream) || parked.some((one) => one.stream === event.stream)) continue;
      const id = documentId(this.#view, event.stream);
      const before = changed.get(id) ?? this.#held.get(id);
      if (before !== undefined && event.revision <= before.document.revision) continue;
      try {
        const document = await this.#project(before?.document ?? null, event);
        changed.set(id, { document, position: event.position });
      } catch (error) {
        parked.push({ stream: event.stream, position: event.position, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    const documents: SavedDocument[] = [];
    for (const [id, held] of changed) {
      this.#remember(id, held);
      documents.push({ id, position: held.position, json: JSON.stringify(held.document), fields: this.#view.fields(held.document) });
    }
    return { documents, parked };
  }

  /** One event further. Events that the document lacks before this one (another projector was ahead) are read first. */
  async #project(document: Doc | null, event: RecordedEvent): Promise<Doc> {
    const revision = document?.revision ?? -1;
    if (event.revision === revision + 1) return this.#view.project(document, event);
    const missing = await this.#events.readStream(event.stream, revision + 1);
    const caughtUp = foldDocument(this.#view, document, missing.filter((one) => one.revision <= event.revision));
    if (caughtUp?.revision !== event.revision) throw new Error(`${event.stream} lacks events before revision ${event.revision}`);
    return caughtUp;
  }

  /** Loads the documents that a batch goes on with; a stream's first event needs none. */
  async #load(batch: readonly RecordedEvent[]): Promise<void> {
    const wanted = new Set<string>();
    for (const event of batch) {
      const id = documentId(this.#view, event.stream);
      if (event.revision > 0 && !this.#held.has(id)) wanted.add(id);
    }
    if (wanted.size === 0) return;
    for (const stored of await this.#views.load(this.#at, [...wanted])) this.#held.set(stored.id, parseStored<Doc>(stored));
  }

  #remember(id: string, held: Held<Doc>): void {
    this.#held.delete(id);
    this.#held.set(id, held);
    if (this.#held.size <= this.#capacity) return;
    for (const oldest of this.#held.keys()) {
      this.#held.delete(oldest);
      if (this.#held.size <= this.#capacity) return;
    }
  }
}

function parseStored<Doc>(stored: StoredDocument): Held<Doc> {
  return { document: JSON.parse(stored.json) as Doc, position: stored.position };
}
