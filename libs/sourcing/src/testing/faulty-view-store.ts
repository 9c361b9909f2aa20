/** View stores that fail on purpose, wrapped around stores that work. */
import type { StoredDocument, ViewStore, ViewVersion } from '../views.ts';

/** Where a call may fail. A save has three places: a store without transactions can die between its parts. */
export type Step =
  'open' | 'save' | 'documents saved' | 'checkpoint saved' | 'park' | 'parked' | 'promote' | 'promoted' | 'drop';

/** A store whose saves are two steps, and that calls `fault` at each step. Throwing there is the process's end. */
export function withViewFaults(views: ViewStore, fault: (step: Step) => void | Promise<void>): ViewStore {
  return {
    ...views,
    open: async (view, version, eventStoreId) => {
      await fault('open');
      return views.open(view, version, eventStoreId);
    },
    save: async (at, documents, checkpoint) => {
      await fault('save');
      await views.save(at, documents, 0n);
      await fault('documents saved');
      await views.save(at, [], checkpoint);
      await fault('checkpoint saved');
    },
    park: async (at, parked) => {
      await fault('park');
      await views.park(at, parked);
      await fault('parked');
    },
    promote: async (at) => {
      await fault('promote');
      await views.promote(at);
      await fault('promoted');
    },
    drop: async (at) => {
      await fault('drop');
      await views.drop(at);
    },
  };
}

/** All documents of a version, byte for byte, with the streams that are parked. */
export async function contents(
  views: ViewStore,
  at: ViewVersion,
): Promise<{ documents: StoredDocument[]; parked: string[] }> {
  const documents: StoredDocument[] = [];
  for await (const { id, position, json } of views.all(at)) documents.push({ id, position, json });
  return { documents, parked: (await views.parked(at)).map(({ stream }) => stream) };
}

/** The same of the live version. */
export async function liveContents(views: ViewStore, view: string): ReturnType<typeof contents> {
  const live = await views.live(view);
  if (live === null) throw new Error(`${view} has no live version`);
  return contents(views, { view, version: live.version });
}
