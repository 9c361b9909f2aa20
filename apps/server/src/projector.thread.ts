/** Keeps the views up to date on a thread of its own, so that folding never waits for requests nor they for it. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, runProcessor, whileLeading } from '#libs/sourcing';
import { openCoordination, openEventStore, openViewStore } from '#libs/stores';
import { views } from '#libs/views';

/** What the thread tells its parent, for the log. */
export type ProjectorNews =
  | { readonly news: 'parked'; readonly view: string; readonly stream: string; readonly reason: string }
  | { readonly news: 'failed'; readonly view: string; readonly reason: string; readonly retryIn: number }
  | { readonly news: 'building'; readonly view: string; readonly handled: string; readonly head: string }
  | { readonly news: 'leading' }
  | { readonly news: 'standby' }
  | { readonly news: 'stopped' };

export interface ProjectorSettings {
  readonly eventStoreUrl: string;
  readonly viewStoreUrl: string;
  readonly dataDir: string;
}

const { eventStoreUrl, viewStoreUrl, dataDir } = workerData as ProjectorSettings;
const port = parentPort!;
const tell = (news: ProjectorNews): void => port.postMessage(news);
const stopping = new AbortController();
port.once('message', () => stopping.abort());

const events = await openEventStore(eventStoreUrl, { threads: false });
const viewStore = await openViewStore(viewStoreUrl, { threads: false });
const coordination = await openCoordination({ viewStoreUrl, dataDir });

// Two that fold at once come to the same documents; the lease only spares the second one's work.
await whileLeading(coordination, 'projector', fold, {
  signal: stopping.signal,
  onLeading: () => tell({ news: 'leading' }),
  onStandby: () => tell({ news: 'standby' }),
  onError: (error) => tell({ news: 'failed', view: 'all', reason: messageOf(error), retryIn: 1_000 }),
});
await coordination.close();
await viewStore.close();
await events.close();
tell({ news: 'stopped' });

async function fold(signal: AbortSignal): Promise<void> {
  await Promise.all(
    views.map((view) =>
      runProcessor(view, events, viewStore, {
        signal,
        onParked: ({ stream, reason }) => tell({ news: 'parked', view: view.name, stream, reason }),
        onError: (error, retryIn) => tell({ news: 'failed', view: view.name, reason: messageOf(error), retryIn }),
        onBuild: (handled, head) =>
          tell({ news: 'building', view: view.name, handled: handled.toString(), head: head.toString() }),
      }),
    ),
  );
}
