/**
 * Folding batches into several documents of each stream.
 *
 * The revisions that a part folds are not contiguous, so a part alone can't tell whether it lacks one. For that the view
 * keeps how far each stream is folded, in a document of its own that is saved after the parts: all parts are there with
 * every event up to its revision. It may be behind the parts (a process died in between, another projector is just
 * saving), never ahead: an event that a part has already is then skipped by the part's own revision. A stream that goes
 * on further than one past it has events that nobody folded (skipped while it was parked): those are read.
 */
import { documentId, foldDocument, type Held, savedDocument, streamId } from './documents.ts';
import type { RecordedEvent } from './events.ts';
import type { Fold, FoldedBatch } from './fold.ts';
import { messageOf } from './message.ts';
import type { EventStore } from './ports.ts';
import { RecentlyUsed } from './recently-used.ts';
import type { ParkedStream, SavedDocument, View, ViewDocument, ViewStore, ViewVersion } from './views.ts';
import { eventsUpTo, loadDocuments } from './whole-streams.ts';

/** How far a stream is folded. */
interface Reached {
  /** -1: nothing of it is. */
  readonly revision: number;
  readonly position: bigint;
  /**
   * One for the time in which this projector follows the stream without a gap: parts remembered from another time may
   * lack what another projector folded since.
   */
  readonly time: object;
}

interface HeldPart<Doc> extends Held<Doc> {
  readonly time: object;
}

/** An event to be folded, and the part it goes into. */
interface Pending {
  readonly event: RecordedEvent;
  readonly id: string | null;
  readonly time: object;
}

type Park = (event: { readonly stream: string; readonly position: bigint }, error: unknown) => void;

export class PartsFold<Doc extends ViewDocument> implements Fold {
  readonly #view: View<Doc>;
  readonly #at: ViewVersion;
  readonly #views: ViewStore;
  readonly #events: EventStore;
  readonly #reached: RecentlyUsed<Reached>;
  readonly #held: RecentlyUsed<HeldPart<Doc>>;

  constructor(view: View<Doc>, at: ViewVersion, views: ViewStore, events: EventStore, capacity: number) {
    this.#view = view;
    this.#at = at;
    this.#views = views;
    this.#events = events;
    this.#reached = new RecentlyUsed(capacity);
    this.#held = new RecentlyUsed(capacity);
  }

  forget(stream: string): void {
    this.#reached.delete(stream);
  }

  async fold(batch: readonly RecordedEvent[], isParked: (stream: string) => boolean): Promise<FoldedBatch> {
    const parked = new Map<string, ParkedStream>();
    const park: Park = ({ stream, position }, error) => {
      if (!parked.has(stream)) parked.set(stream, { stream, position, reason: messageOf(error) });
    };
    const pending = await this.#pending(
      batch.filter(({ stream }) => !isParked(stream)),
      park,
    );
    const loaded = await this.#load(pending);
    const changed = new Map<string, HeldPart<Doc> & { readonly stream: string }>();
    const reached = new Map<string, Reached>();
    for (const { event, id, time } of pending) {
      const { stream, revision, position } = event;
      // What comes before an event that can't be folded is folded; from it on nothing is.
      const stopped = parked.get(stream);
      if (stopped !== undefined && position >= stopped.position) continue;
      try {
        if (id !== null) {
          const before = (changed.get(id) ?? this.#heldAt(id, time) ?? loaded.get(id))?.document ?? null;
          const document = foldDocument(this.#view, before, [event], id);
          if (document !== null && document !== before) changed.set(id, { document, position, stream, time });
        }
        reached.set(stream, { revision, position, time });
      } catch (error) {
        park(event, error);
      }
    }
    const documents: SavedDocument[] = [];
    for (const [id, part] of changed) {
      try {
        documents.push(savedDocument(this.#view, id, part.document, part.position));
        this.#held.set(id, part);
      } catch (error) {
        park(part, error);
      }
    }
    const progress: SavedDocument[] = [];
    for (const [stream, to] of reached) {
      if (parked.has(stream)) continue;
      progress.push(savedProgress(streamId(this.#view, stream), to));
      this.#reached.set(stream, to);
    }
    return { documents, progress, parked: [...parked.values()] };
  }

  /** The events of a batch that are not folded yet, and before each those that nobody folded. */
  async #pending(batch: readonly RecordedEvent[], park: Park): Promise<readonly Pending[]> {
    const reached = await this.#reachedBy(batch);
    const pending: Pending[] = [];
    for (const event of batch) {
      const { stream, revision, position } = event;
      const to = reached.get(stream)!;
      if (revision <= to.revision) continue;
      // A store that is away is no fault of the stream.
      const lacking = revision === to.revision + 1 ? [event] : await eventsUpTo(this.#events, event, to.revision + 1);
      if (lacking.length !== revision - to.revision) {
        park(event, new Error(`${stream} lacks events before revision ${revision}`));
        continue;
      }
      for (const one of lacking) {
        try {
          pending.push({ event: one, id: documentId(this.#view, one), time: to.time });
        } catch (error) {
          park(one, error);
        }
      }
      reached.set(stream, { revision, position, time: to.time });
    }
    return pending;
  }

  async #reachedBy(batch: readonly RecordedEvent[]): Promise<Map<string, Reached>> {
    const reached = new Map<string, Reached>();
    const wanted = new Set<string>();
    for (const { stream, revision } of batch) {
      if (reached.has(stream)) continue;
      const held = this.#reached.get(stream);
      // Before a stream's first event nothing is folded.
      if (held === undefined && revision > 0) wanted.add(streamId(this.#view, stream));
      reached.set(stream, held ?? { revision: -1, position: 0n, time: {} });
    }
    const loaded = await loadDocuments<ViewDocument>(this.#views, this.#at, wanted);
    for (const [id, { document, position }] of loaded)
      reached.set(this.#view.streamPrefix + id, { revision: document.revision, position, time: {} });
    return reached;
  }

  /** A part remembered from this time. */
  #heldAt(id: string, time: object): HeldPart<Doc> | undefined {
    const held = this.#held.get(id);
    return held?.time === time ? held : undefined;
  }

  async #load(pending: readonly Pending[]): Promise<ReadonlyMap<string, Held<Doc>>> {
    const wanted = new Set<string>();
    for (const { id, time } of pending) if (id !== null && this.#heldAt(id, time) === undefined) wanted.add(id);
    return loadDocuments(this.#views, this.#at, wanted);
  }
}

/** All parts of a stream, folded from its first event, and how far that is. */
export function foldParts<Doc extends ViewDocument>(
  view: View<Doc>,
  stream: string,
  events: readonly RecordedEvent[],
): Pick<FoldedBatch, 'documents' | 'progress'> {
  const parts = new Map<string, Held<Doc>>();
  for (const event of events) {
    const id = documentId(view, event);
    if (id !== null)
      parts.set(id, { document: view.project(parts.get(id)?.document ?? null, event), position: event.position });
  }
  const documents = [...parts].map(([id, { document, position }]) => savedDocument(view, id, document, position));
  const last = events.at(-1);
  return { documents, progress: last === undefined ? [] : [savedProgress(streamId(view, stream), last)] };
}

function savedProgress(id: string, { revision, position }: Pick<Reached, 'revision' | 'position'>): SavedDocument {
  return { id, position, json: JSON.stringify({ id, revision } satisfies ViewDocument), fields: {} };
}
