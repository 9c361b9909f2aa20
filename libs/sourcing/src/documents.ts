/** Documents of a view: their ids, the events they fold, and the form in which they are kept. */
import type { RecordedEvent } from './events.ts';
import type { SavedDocument, View, ViewDocument } from './views.ts';

/** A document in hand, with the position it stands at. */
export interface Held<Doc> {
  readonly document: Doc;
  readonly position: bigint;
}

/** What a view knows a stream by. */
export function streamId(view: Pick<View, 'streamPrefix'>, stream: string): string {
  return stream.slice(view.streamPrefix.length);
}

/** The id of the document that an event is folded into; null where the event concerns none. */
export function documentId(view: Pick<View, 'streamPrefix' | 'part'>, event: RecordedEvent): string | null {
  const id = streamId(view, event.stream);
  if (view.part === undefined) return id;
  const part = view.part(event);
  return part === null ? null : `${id}.${part}`;
}

/**
 * A document as kept, folded further by the events of its stream that it lacks. Where a view has several documents of a
 * stream, those of the others are left out; a document that is not there yet is then told apart by its `id`.
 */
export function foldDocument<Doc extends ViewDocument>(
  view: View<Doc>,
  document: Doc | null,
  events: readonly RecordedEvent[],
  id = document?.id,
): Doc | null {
  let current = document;
  for (const event of events) {
    if (current !== null && event.revision <= current.revision) continue;
    if (view.part !== undefined && documentId(view, event) !== id) continue;
    current = view.project(current, event);
  }
  return current;
}

/** A document in the form in which it is kept. */
export function savedDocument<Doc extends ViewDocument>(
  view: Pick<View<Doc>, 'fields'>,
  id: string,
  document: Doc,
  position: bigint,
): SavedDocument {
  return { id, position, json: JSON.stringify(document), fields: view.fields(document) };
}
