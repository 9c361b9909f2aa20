/** Folding batches into documents that fold whole streams. */
import { foldDocument, type Held, savedDocument, streamId } from './documents.ts';
import type { RecordedEvent } from './events.ts';
import type { Fold, FoldedBatch } from './fold.ts';
import { messageOf } from './message.ts';
import type { EventStore } from './ports.ts';
import { RecentlyUsed } from './recently-used.ts';
import type { ParkedStream, SavedDocument, View, ViewDocument, ViewStore, ViewVersion } from './views.ts';

interface Changed<Doc> extends Held<Doc> {
  readonly stream: string;
}

export class StreamsFold<Doc extends ViewDocument> implements Fold {
  readonly #view: View<Doc>;
  readonly #at: ViewVersion;
  readonly #views: ViewStore;
  readonly #events: EventStore;
  readonly #held: RecentlyUsed<Held<Doc>>;

  constructor(view: View<Doc>, at: ViewVersion, views: ViewStore, events: EventStore, capacity: number) {
    this.#view = view;
    this.#at = at;
    this.#views = views;
    this.#events = events;
    this.#held = new RecentlyUsed(capacity);
  }

  forget(stream: string): void {
    this.#held.delete(streamId(this.#view, stream));
  }

  async fold(batch: readonly RecordedEvent[], isParked: (stream: string) => boolean): Promise<FoldedBatch> {
    const loaded = await this.#load(batch);
    const changed = new Map<string, Changed<Doc>>();
    const parked = new Map<string, ParkedStream>();
    const park = ({ stream, position }: { stream: string; position: bigint }, error: unknown): void => {
      parked.set(stream, { stream, position, reason: messageOf(error) });
    };
    for (const event of batch) {
      if (isParked(event.stream) || parked.has(event.stream)) continue;
      const id = streamId(this.#view, event.stream);
      const before = (changed.get(id) ?? this.#held.get(id) ?? loaded.get(id))?.document ?? null;
      const revision = before?.revision ?? -1;
      if (event.revision <= revision) continue;
      // Another projector was ahead: what this one lacks is read. A store that is away is no fault of the stream.
      const events = event.revision === revision + 1 ? [event] : await eventsUpTo(this.#events, event, revision + 1);
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
    return { documents, progress: [], parked: [...parked.values()] };
  }

  /** Loads the documents that a batch goes on with; a stream's first event needs none. */
  async #load(batch: readonly RecordedEvent[]): Promise<ReadonlyMap<string, Held<Doc>>> {
    const wanted = new Set<string>();
    for (const event of batch) {
      const id = streamId(this.#view, event.stream);
      if (event.revision > 0 && this.#held.get(id) === undefined) wanted.add(id);
    }
    return loadDocuments(this.#views, this.#at, wanted);
  }
}

/** The events of a stream from a revision on, up to and with one of them. */
export async function eventsUpTo(
  events: EventStore,
  event: RecordedEvent,
  from: number,
): Promise<readonly RecordedEvent[]> {
  return (await events.readStream(event.stream, from)).filter(({ revision }) => revision <= event.revision);
}

/** Those that are there, by id. */
export async function loadDocuments<Doc>(
  views: ViewStore,
  at: ViewVersion,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Held<Doc>>> {
  if (ids.size === 0) return new Map();
  const loaded = await views.load(at, [...ids]);
  return new Map(loaded.map(({ id, position, json }) => [id, { document: JSON.parse(json) as Doc, position }]));
}
