/** Building a version of a view beside the live one, then switching: readers never see a hole. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Folding } from './folding.ts';
import { type EventStore, StoreUnavailable } from './ports.ts';
import type { ParkedStream, View, ViewDocument, ViewState, ViewStore, ViewVersion } from './views.ts';

export interface BuildOptions {
  readonly signal?: AbortSignal;
  readonly batchSize?: number;
  /**
   * After each batch: the position handled, the head as last seen, and how many events the batch had. Positions tell how
   * much is left as a share only: in some stores they are places in a file.
   */
  readonly onProgress?: (handled: bigint, head: bigint, events: number) => void;
  readonly onParked?: (parked: ParkedStream) => void;
  /** Build anew even where an unfinished build could be continued. */
  readonly afresh?: boolean;
}

/** Documents kept in memory while a version is built: most streams live for a while, then never again. */
const HELD_WHILE_BUILDING = 20_000;

/** Whether a version was built by this code from this store. */
export async function isCurrent(view: View, state: ViewState, events: EventStore): Promise<boolean> {
  return (
    majorOf(state.version) === view.version &&
    state.eventStoreId === (await events.id()) &&
    state.checkpoint <= (await events.head())
  );
}

/**
 * Builds a version beside the live one and makes it live. Stopped, it answers null and leaves the unfinished version in
 * place; the next call goes on with it. The live version serves all the while.
 * @throws what a store throws; the unfinished version stays then too.
 */
export async function buildView<Doc extends ViewDocument>(
  view: View<Doc>,
  events: EventStore,
  views: ViewStore,
  { signal, batchSize = 1_000, onProgress, onParked, afresh = false }: BuildOptions = {},
): Promise<ViewVersion | null> {
  const at = await chooseVersion(view, events, views, afresh);
  let { checkpoint } = await views.open(view, at.version, await events.id());
  const folding = new Folding(view, at, views, events, HELD_WHILE_BUILDING);

  /** Answers how many batches it took, or null when it was stopped. */
  async function advanceTo(head: bigint): Promise<number | null> {
    let batches = 0;
    for (; checkpoint < head; batches += 1) {
      if (signal?.aborted) return null;
      const page = await events.readAll(checkpoint, batchSize, view.streamPrefix);
      if (page.checkpoint <= checkpoint)
        throw new StoreUnavailable(`the log can't be read beyond ${checkpoint}, and has its head at ${head}`);
      const { parked } = await folding.handle(page.events, page.checkpoint);
      for (const one of parked) onParked?.(one);
      checkpoint = page.checkpoint;
      onProgress?.(checkpoint, head, page.events.length);
      // Stores that answer in place would keep this thread from hearing that it shall stop.
      await nextTurn();
    }
    return batches;
  }

  // What came during a round is the next one's. Batches are counted, for positions are not: the difference of two may
  // be one event or thousands.
  for (let batches: number | null = Infinity; batches > 1;) {
    batches = await advanceTo(await events.head());
    if (batches === null) return null;
  }
  await views.promote(at);
  // A processor that followed the version before may just have handled events there; none may be missing here until the next.
  await advanceTo(await events.head());
  for (const version of await views.versions(view.name)) {
    // Code newer than this may be building its own.
    if (version !== at.version && majorOf(version) <= view.version) await views.drop({ view: view.name, version });
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

function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
