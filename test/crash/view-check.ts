/** Compares the live views of a ledger with a clean rebuild elsewhere, row by row. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { BSON, type Db, MongoClient } from 'mongodb';
import { buildView, type EventStore, type View, type ViewStore, type ViewVersion } from '#libs/sourcing';
import { openEventStore, openViewStore } from '#libs/stores';
import { accountsView, ordersView, signalsView } from '#libs/views';
import { temporaryFolder } from './guard.ts';

/** Long enough to tell a hang only. What stands in for MongoDB reads a whole collection for each document it saves. */
const CATCH_UP_MS = { file: 30_000, server: 300_000 };

const VIEWS: readonly View[] = [signalsView, accountsView, ordersView];

export interface ViewComparison {
  /** Signals. */
  readonly documents: number;
  readonly orders: number;
  readonly problems: readonly string[];
  /** Versions of the view of signals that are there: the live one, and builds left unfinished. */
  readonly versions: readonly string[];
}

/** The views of a folder whose events are a file in it. */
export function compareViews(dataDir: string, viewsPath = `${dataDir}/views.db`): Promise<ViewComparison> {
  return compareViewsIn(`sqlite:${dataDir}/events.db`, `sqlite:${viewsPath}`);
}

/** Waits until the live views have handled all events, then compares. Nothing may write meanwhile. */
export async function compareViewsIn(eventsUrl: string, viewsUrl: string): Promise<ViewComparison> {
  const fresh = placeFor(viewsUrl);
  const events = await openEventStore(eventsUrl, { threads: false });
  const views = await openViewStore(viewsUrl, { threads: false });
  const rebuilt = await openViewStore(fresh.url, { threads: false });
  try {
    const deadline = Date.now() + CATCH_UP_MS[viewsUrl.startsWith('mongodb') ? 'server' : 'file'];
    const problems: string[] = [];
    const counts = new Map<string, number>();
    for (const view of VIEWS) {
      const live = await caughtUp(view, events, views, deadline);
      if (live === null) {
        problems.push(`the view ${view.name} did not catch up with the log`);
        continue;
      }
      const at = await buildView(view, events, rebuilt);
      for (const { stream, reason } of await views.parked({ view: view.name, version: live.version }))
        problems.push(`${stream} is parked in ${view.name}: ${reason}`);
      const [left, right] = [
        await rowsOf(viewsUrl, { view: view.name, version: live.version }),
        await rowsOf(fresh.url, at!),
      ];
      if (left.length !== right.length)
        problems.push(`${left.length} documents of ${view.name}, ${right.length} in a clean rebuild`);
      for (const [index, row] of left.entries())
        if (row !== right[index]) problems.push(`${row}\nin a clean rebuild: ${right[index]}`);
      counts.set(view.name, left.length);
    }
    const accounts = counts.get(accountsView.name) ?? 0;
    return {
      documents: counts.get(signalsView.name) ?? 0,
      // Beside the orders stands, for each account that has an event, how far they are folded.
      orders: (counts.get(ordersView.name) ?? 0) - accounts,
      problems: problems.slice(0, 5),
      versions: await views.versions(signalsView.name),
    };
  } finally {
    await rebuilt.close();
    await views.close();
    await events.close();
    await fresh.remove();
  }
}

/** What is live once it has handled all events; null where it has not in time. */
async function caughtUp(
  { name }: View,
  events: EventStore,
  views: ViewStore,
  deadline: number,
): ReturnType<ViewStore['live']> {
  const head = await events.head();
  for (;;) {
    const live = await views.live(name);
    if (live !== null && live.checkpoint >= head) return live;
    if (Date.now() > deadline) return null;
    await sleep(20);
  }
}

/** Where views of the same kind can be built afresh. */
function placeFor(viewsUrl: string): { readonly url: string; readonly remove: () => Promise<void> } {
  if (!viewsUrl.startsWith('mongodb')) {
    const folder = temporaryFolder('views');
    return { url: `sqlite:${folder.path}/views.db`, remove: async () => folder.remove() };
  }
  const url = viewsUrl.replace(/^(mongodb[^/]*\/\/[^/]*\/[^?]*)/, '$1_rebuilt');
  return { url, remove: () => inDatabase(url, async (db) => void (await db.dropDatabase())) };
}

/** Every column of every document: the JSON, its position, and the values it is found by. */
async function rowsOf(url: string, at: ViewVersion): Promise<readonly string[]> {
  return url.startsWith('mongodb') ? recordsOf(url, at) : rowsOfFile(url.slice('sqlite:'.length), at);
}

async function recordsOf(url: string, { view: name, version }: ViewVersion): Promise<readonly string[]> {
  return inDatabase(url, async (db) => {
    const view = await db.collection<{ _id: string; versions: object }>('views').findOne({ _id: name });
    const versions: readonly { version: string; collection: string }[] = Object.values(view!.versions);
    const { collection } = versions.find((one) => one.version === version)!;
    const records = await db.collection<{ _id: string }>(collection).find().sort({ _id: 1 }).toArray();
    return records.map((record) => BSON.EJSON.stringify(record));
  });
}

async function inDatabase<Result>(url: string, use: (db: Db) => Promise<Result>): Promise<Result> {
  const client = new MongoClient(url);
  try {
    return await use(client.db());
  } finally {
    await client.close();
  }
}

function rowsOfFile(path: string, { view, version }: ViewVersion): readonly string[] {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  try {
    return db
      .prepare(`SELECT * FROM "${view}@${version}" ORDER BY id`)
      .all()
      .map((row) => JSON.stringify(row));
  } finally {
    db.close();
  }
}
