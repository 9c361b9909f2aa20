/**
 * Keeps one view up to date: subscribe from its checkpoint, fold a batch, save documents, then the checkpoint.
 *
 * Any number may run at once; they would do the same work twice and come to the same documents.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Folding } from './folding.ts';
import type { EventStore } from './ports.ts';
import { buildView, isCurrent } from './rebuild.ts';
import type { ParkedStream, View, ViewDocument, ViewStore } from './views.ts';

export interface ProcessorOptions {
  readonly signal: AbortSignal;
  readonly batchSize?: number;
  /** After each batch, with the new checkpoint. */
  readonly onProgress?: (checkpoint: bigint, events: number) => void;
  readonly onParked?: (parked: ParkedStream) => void;
  /** A round failed; the next begins after `retryIn` milliseconds. */
  readonly onError?: (error: unknown, retryIn: number) => void;
  /** A first build or a build of a newer version makes progress. */
  readonly onBuild?: (handled: bigint, head: bigint) => void;
}

/** The version that was followed is no longer the live one. */
class Superseded extends Error {}

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
      if (error instanceof Superseded) continue;
      failures += 1;
      const retryIn = Math.min(100 * 2 ** failures, 5_000);
      options.onError?.(error, retryIn);
      await sleep(retryIn, undefined, { signal: options.signal }).catch(() => undefined);
    }
  }
}

async function follow<Doc extends ViewDocument>(
  view: View<Doc>,
  events: EventStore,
  views: ViewStore,
  { signal, batchSize = 500, onProgress, onParked, onBuild }: ProcessorOptions,
): Promise<void> {
  let live = await views.live(view.name);
  if (live === null || !(await isCurrent(view, live, events))) {
    await buildView(view, events, views, { signal, ...(onBuild && { onProgress: onBuild }) });
    live = await views.live(view.name);
  }
  if (live === null) return;
  const at = { view: view.name, version: live.version };
  const folding = new Folding(view, at, views, events);
  for await (const page of events.subscribe(live.checkpoint, { prefix: view.streamPrefix, signal, limit: batchSize })) {
    if ((await views.live(view.name))?.version !== at.version) throw new Superseded();
    const { parked } = await folding.handle(page.events, page.checkpoint);
    for (const one of parked) onParked?.(one);
    onProgress?.(page.checkpoint, page.events.length);
  }
}

/**
 * Waits until a view has handled everything up to a position, at most `timeoutMs`.
 * Answers whether it has.
 */
export async function waitForPosition(views: ViewStore, view: string, position: bigint, timeoutMs: number, pollMs = 5): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const live = await views.live(view);
    if (live !== null && live.checkpoint >= position) return true;
    if (performance.now() >= deadline) return false;
    await sleep(pollMs);
  }
}
