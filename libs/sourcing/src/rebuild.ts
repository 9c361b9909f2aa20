/** Building a version of a view beside the live one, then switching: readers never see a hole. */
import { Folding, foldDocument, documentId } from './folding.ts';
import type { EventStore } from './ports.ts';
import type { View, ViewDocument, ViewState, ViewStore, ViewVersion } from './views.ts';

export interface BuildOptions {
  readonly signal?: AbortSignal;
  readonly batchSize?: number;
  /** After each batch: the position handled, and the head as last seen. */
  readonly onProgress?: (handled: bigint, head: bigint, events: number) => void;
  /** Build anew even where an unfinished build could be continued. */
  readonly afresh?: boolean;
}

/** Whether a version was built by this code from this store. */
export async function isCurrent(view: View, state: ViewState, events: EventStore): Promise<boolean> {
  return (
    Number.parseInt(state.version, 10) === view.version &&
    state.eventStoreId === (await events.id()) &&
    state.checkpoint <= (await events.head())
  );
}

/**
 * Builds a version beside the live one and makes it live. Stopped, it leaves the unfinished version in place and the
 * next call goes on with it; the live version serves all the while.
 */
export async function buildView<Doc extends ViewDocument>(
  view: View<Doc>,
  events: EventStore,
  views: ViewStore,
  { signal, batchSize = 2_000, onProgress, afresh = false }: BuildOptions = {},
): Promise<ViewVersion | null> {
  const at = await chooseVersion(view, events, views, afresh);
  let { checkpoint } = await views.open(view, at.version, await events.id());
  const folding = new Folding(view, at, views, events);
  for (;;) {
    const head = await events.head();
    while (checkpoint < head) {
      if (signal?.aborted) return null;
      const page = await events.readAll(checkpoint, batchSize, view.streamPrefix);
      await folding.handle(page.events, page.checkpoint);
      checkpoint = page.checkpoint;
      onProgress?.(checkpoint, head, page.events.length);
    }
    if ((await events.head()) - head < BigInt(batchSize)) break;
  }
  await views.promote(at);
  for (const version of await views.versions(view.name)) {
    if (version !== at.version) await views.drop({ view: view.name, version });
  }
  return at;
}

/** An unfinished build of this code from this store is continued; else a number no version has had. */
async function chooseVersion(view: View, events: EventStore, views: ViewStore, afresh: boolean): Promise<ViewVersion> {
  const live = await views.live(view.name);
  let highest = 0;
  for (const version of await views.versions(view.name)) {
    const [major, generation] = version.split('.').map(Number) as [number, number];
    if (major !== view.version) continue;
    highest = Math.max(highest, generation);
    if (version === live?.version) continue;
    const state = await views.open(view, version, await events.id());
    if (!afresh && (await isCurrent(view, state, events))) return { view: view.name, version };
    await views.drop({ view: view.name, version });
  }
  return { view: view.name, version: `${view.version}.${highest + 1}` };
}

/**
 * Folds parked streams again from their events, with today's code. Answers those that could be mended and those that
 * still can't.
 */
export async function replayParked<Doc extends ViewDocument>(
  view: View<Doc>,
  events: EventStore,
  views: ViewStore,
): Promise<{ mended: string[]; parked: { stream: string; reason: string }[] }> {
  const mended: string[] = [];
  const parked: { stream: string; reason: string }[] = [];
  const live = await views.live(view.name);
  if (live === null) return { mended, parked };
  const at = { view: view.name, version: live.version };
  for (const { stream } of await views.parked(at)) {
    try {
      foldDocument(view, null, await events.readStream(stream));
      await views.unpark(at, stream);
      // Read once more: an event that a projector skipped just before the stream was freed must not be missed.
      const all = await events.readStream(stream);
      const document = foldDocument(view, null, all);
      const last = all.at(-1);
      if (document !== null && last !== undefined) {
        const saved = { id: documentId(view, stream), position: last.position, json: JSON.stringify(document), fields: view.fields(document) };
        await views.save(at, [saved], 0n);
      }
      mended.push(stream);
    } catch (error) {
      parked.push({ stream, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { mended, parked };
}
