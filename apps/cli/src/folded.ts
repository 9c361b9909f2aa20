/** What the views of accounts have folded of the log, and which accounts they lack something of. */
import {
  type EventStore,
  isCurrent,
  type View,
  type ViewDocument,
  type ViewState,
  type ViewStore,
} from '#libs/sourcing';
import { ACCOUNT_STREAM_PREFIX } from '#libs/views';

/** Events read in one go. */
const PAGE = 1_000;

/**
 * The live version of a view; null where there is none of these events. One of others, such as those from before a
 * restore, says nothing of these.
 */
export async function liveOf<Doc extends ViewDocument>(
  view: View<Doc>,
  events: EventStore,
  views: ViewStore,
): Promise<ViewState | null> {
  const live = await views.live(view.name);
  return live !== null && (await isCurrent(view as unknown as View, live, events)) ? live : null;
}

/** Ids of the accounts of which something is told after a position. */
export async function changedSince(events: EventStore, position: bigint): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  const head = await events.head();
  for (let after = position; after < head;) {
    const page = await events.readAll(after, PAGE, ACCOUNT_STREAM_PREFIX);
    for (const { stream } of page.events) ids.add(stream.slice(ACCOUNT_STREAM_PREFIX.length));
    after = page.checkpoint;
  }
  return ids;
}
