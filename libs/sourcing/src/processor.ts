/**
 * Keeps one view up to date: subscribe from its checkpoint, fold a batch, save documents, then the checkpoint.
 *
 * Any number may run at once; they would do the same work twice and come to the same documents.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Folding } from './folding.ts';
import type { EventStore, SubscribeOptions } from './ports.ts';
import { buildView, isCurrent } from './rebuild.ts';
import type { ParkedStream, View, ViewDocument, ViewStore, ViewVersion } from './views.ts';

export interface ProcessorOptions {
  readonly signal: AbortSignal;
  readonly batchSize?: number;
  /** After each batch, with the new checkpoint. */
  readonly onProgress?: (checkpoint: bigint, events: number) => void;
  readonly onParked?: (parked: ParkedStream) => void;
  /**
   * A round failed, and the next begins after `retryIn` milliseconds; or the subscription broke off, which its store
   * begins again by itself, the first time after `retryIn`, and tells once until it has lasted.
   */
  readonly onError?: (error: unknown, retryIn: number) => void;
  /** A first build or a build of a newer version makes progress. */
  readonly onBuild?: (handled: bigint, head: bigint) => void;
}

/** What is asked of a subscription beside what every store does. */
export interface FollowOptions extends SubscribeOptions {
  /**
   * A store that begins a subscription again where it broke off tells so: once, before it first tries again after
   * `retryIn` milliseconds, and not again before one has lasted. A store that does not try again throws instead.
   */
  readonly onOutage?: (error: Error, retryIn: number) => void;
}

/** How long events are gathered after a batch that was not full. */
const GATHER_MS = 4;

/** How often an idle processor looks whether another version was made live. */
const WATCH_MS = 500;

/** Runs until the signal aborts. A failure (a store that is away) is reported and tried again from the checkpoint. */
export async function runProcessor<Doc extends ViewDocument>(
  view: View<Doc>,
  events: EventStore,
  views: ViewStore,
  options: ProcessorOptions,
): Promise<void> {
  let failures = 0;
  while (!options.signal.aborted) {
    try {
      await follow(view, events, views, {
        ...options,
        onProgress: (checkpoint, count) => {
          failures = 0;
          options.onProgress?.(checkpoint, count);
        },
      });
    } catch (error) {
      if (options.signal.aborted) return;
      failures += 1;
      const retryIn = Math.min(100 * 2 ** failures, 5_000);
      options.onError?.(error, retryIn);
      await sleep(retryIn, undefined, { signal: options.signal }).catch(() => undefined);
    }
  }
}

/** Follows the live version until the signal aborts or another version takes its place. */
async function follow<Doc extends ViewDocument>(
  view: View<Doc>,
  events: EventStore,
  views: ViewStore,
  { signal, batchSize = 500, onProgress, onParked, onError, onBuild }: ProcessorOptions,
): Promise<void> {
  let live = await views.live(view.name);
  if (live === null || !(await isCurrent(view, live, events))) {
    await buildView(view, events, views, {
      signal,
      ...(onBuild && { onProgress: onBuild }),
      ...(onParked && { onParked }),
    });
    live = await views.live(view.name);
  }
  if (live === null) return;
  const at = { view: view.name, version: live.version };
  const folding = new Folding(view, at, views, events);
  const superseded = new AbortController();
  const stop = AbortSignal.any([signal, superseded.signal]);
  const watch = setInterval(() => {
    isLive(views, at).then(
      (is) => is || superseded.abort(),
      () => undefined, // The next batch meets the same trouble, and tells it.
    );
  }, WATCH_MS);
  const options: FollowOptions = {
    prefix: view.streamPrefix,
    signal: stop,
    limit: batchSize,
    ...(onError && { onOutage: onError }),
  };
  try {
    for await (const page of events.subscribe(live.checkpoint, options)) {
      if (!(await isLive(views, at))) return;
      const { parked } = await folding.handle(page.events, page.checkpoint);
      for (const one of parked) onParked?.(one);
      onProgress?.(page.checkpoint, page.events.length);
      // A batch costs a transaction however small it is: what comes meanwhile goes into the next. A full one is followed
      // at once, but for a turn of the loop: stores that answer in place would keep this thread from hearing that it
      // shall stop.
      if (page.events.length === batchSize) await nextTurn();
      else await sleep(GATHER_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  } finally {
    clearInterval(watch);
  }
}

async function isLive(views: ViewStore, { view, version }: ViewVersion): Promise<boolean> {
  return (await views.live(view))?.version === version;
}

/**
 * Waits until a view has handled everything up to a position, at most `timeoutMs`.
 * Answers whether it has.
 */
export async function waitForPosition(
  views: ViewStore,
  view: string,
  position: bigint,
  timeoutMs: number,
  pollMs = 5,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const live = await views.live(view);
    if (live !== null && live.checkpoint >= position) return true;
    if (performance.now() >= deadline) return false;
    await sleep(pollMs);
  }
}
