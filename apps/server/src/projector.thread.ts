/** Keeps the views up to date on a thread of its own, so that folding never waits for requests nor they for it. */
import { parentPort, workerData } from 'node:worker_threads';
import { runProcessor, messageOf } from '#libs/sourcing';
import { openEventStore, openViewStore } from '#libs/stores';
import { views } from '#libs/views';

/** What the thread tells its parent, for the log. */
export type ProjectorNews =
  | { readonly news: 'parked'; readonly view: string; readonly stream: string; readonly reason: string }
  | { readonly news: 'failed'; readonly view: string; readonly reason: string; readonly retryIn: number }
  | { readonly news: 'building'; readonly view: string; readonly handled: string; readonly head: string }
  | { readonly news: 'stopped' };

const { eventStoreUrl, viewStoreUrl } = workerData as { eventStoreUrl: string; viewStoreUrl: string };
const port = parentPort!;
const tell = (news: ProjectorNews): void => port.postMessage(news);
const stopping = new AbortController();
port.once('message', () => stopping.abort());

const events = await openEventStore(eventStoreUrl, { threads: false });
const viewStore = await openViewStore(viewStoreUrl, { threads: false });

await Promise.all(
  views.map((view) =>
    runProcessor(view, events, viewStore, {
      signal: stopping.signal,
      onParked: ({ stream, reason }) => tell({ news: 'parked', view: view.name, stream, reason }),
      onError: (error, retryIn) =>
        tell({
          news: 'failed',
          view: view.name,
          reason: messageOf(error),
          retryIn,
        }),
      onBuild: (handled, head) =>
        tell({ news: 'building', view: view.name, handled: handled.toString(), head: head.toString() }),
    }),
  ),
);
await viewStore.close();
await events.close();
tell({ news: 'stopped' });
