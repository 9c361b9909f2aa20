/** Folding a batch of events into the documents of one version of a view. */
import { messageOf } from './message.ts';
import type { RecordedEvent } from './events.ts';
import type { EventStore } from './ports.ts';
import { RecentlyUsed } from './recently-used.ts';
import type { ParkedStream, SavedDocument, View, ViewDocument, ViewStore, ViewVersion } from './views.ts';

/** A document in hand, with the position it stands at. */
interface Held<Doc> {
  readonly document: Doc;
  readonly position: bigint;
}

interface Changed<Doc> extends Held<Doc> {
  readonly stream: string;
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
export function foldDocument<Doc extends ViewDocument>(
  view: View<Doc>,
  document: Doc | null,
  events: readonly RecordedEvent[],
): Doc | null {
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
  readonly #held: RecentlyUsed<Held<Doc>>;
  #parked: Set<string> | null = null;

  constructor(view: View<Doc>, at: ViewVersion, views: ViewStore, events: EventStore, capacity = 5_000) {
    this.#view = view;
    this.#at = at;
    this.#views = views;
    this.#events = events;
    this.#held = new RecentlyUsed(capacity);
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
    const loaded = await this.#load(batch);
    const changed = new Map<string, Changed<Doc>>();
    const parked = new Map<string, ParkedStream>();
    const park = ({ stream, position }: { stream: string; position: bigint }, error: unknown): void => {
      parked.set(stream, { stream, position, reason: messageOf(error) });
    };
    for (const event of batch) {
      if (this.#parked!.has(event.stream) || parked.has(event.stream)) continue;
      const id = documentId(this.#view, event.stream);
      const before = (changed.get(id) ?? this.#held.get(id) ?? loaded.get(id))?.document ?? null;
      const revision = before?.revision ?? -1;
      if (event.revision <= revision) continue;
      // Another projector was ahead: what this one lacks is read. A store that is away is no fault of the stream.
      const events = event.revision === revision + 1 ? [event] : await this.#upTo(event, revision + 1);
      try {
        const document = foldDocument(this.#view, before, events);
        if (document?.revision !== event.revision)
          throw new Error(`${event.stream} lacks events before revision ${event.revision}`);
        changed.set(id, { document, position: event.position, stream: event.stream });
      } catch (error) {
        park(event, error);
      }
    }
    const documents: SavedDocument[] = [];
    for (const [id, held] of changed) {
      try {
        documents.push(savedDocument(this.#view, id, held.document, held.position));
        this.#held.set(id, held);
      } catch (error) {
        park(held, error);
      }
    }
    return { documents, parked: [...parked.values()] };
  }

  async #upTo(event: RecordedEvent, from: number): Promise<readonly RecordedEvent[]> {
    const events = await this.#events.readStream(event.stream, from);
    return events.filter(({ revision }) => revision <= event.revision);
  }

  /** Loads the documents that a batch goes on with; a stream's first event needs none. */
  async #load(batch: readonly RecordedEvent[]): Promise<ReadonlyMap<string, Held<Doc>>> {
    const wanted = new Set<string>();
    for (const event of batch) {
      const id = documentId(this.#view, event.stream);
      if (event.revision > 0 && this.#held.get(id) === undefined) wanted.add(id);
    }
    if (wanted.size === 0) return new Map();
    const loaded = await this.#views.load(this.#at, [...wanted]);
    return new Map(loaded.map(({ id, position, json }) => [id, { document: JSON.parse(json) as Doc, position }]));
  }
}

/** A document in the form in which it is kept. */
export function savedDocument<Doc extends ViewDocument>(
  view: View<Doc>,
  id: string,
  document: Doc,
  position: bigint,
): SavedDocument {
  return { id, position, json: JSON.stringify(document), fields: view.fields(document) };
}
