/** Compares the live views of a ledger with a clean rebuild elsewhere, row by row. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { BSON, type Db, MongoClient } from 'mongodb';
import { buildView } from '#libs/sourcing';
import { openEventStore, openViewStore } from '#libs/stores';
import { signalsView } from '#libs/views';
import { temporaryFolder } from './guard.ts';

/** Long enough to tell a hang only. What stands in for MongoDB reads a whole collection for each document it saves. */
const CATCH_UP_MS = { file: 30_000, server: 300_000 };

export interface ViewComparison {
  readonly documents: number;
  readonly problems: readonly string[];
  /** Versions of the view that are there: the live one, and builds left unfinished. */
  readonly versions: readonly string[];
}

/** The views of a folder whose events are a file in it. */
export function compareViews(dataDir: string, viewsPath = `${dataDir}/views.db`): Promise<ViewComparison> {
  return compareViewsIn(`sqlite:${dataDir}/events.db`, `sqlite:${viewsPath}`);
}

/** Waits until the live view has handled all events, then compares. Nothing may write meanwhile. */
export async function compareViewsIn(eventsUrl: string, viewsUrl: string): Promise<ViewComparison> {
  const fresh = placeFor(viewsUrl);
  const events = await openEventStore(eventsUrl, { threads: false });
  const views = await openViewStore(viewsUrl, { threads: false });
  const rebuilt = await openViewStore(fresh.url, { threads: false });
  try {
    const head = await events.head();
    const deadline = Date.now() + CATCH_UP_MS[viewsUrl.startsWith('mongodb') ? 'server' : 'file'];
    let live = await views.live(signalsView.name);
    while (live === null || live.checkpoint < head) {
      if (Date.now() > deadline)
        return { documents: 0, problems: [`the view is at ${live?.checkpoint}, the log at ${head}`], versions: [] };
      await sleep(20);
      live = await views.live(signalsView.name);
    }
    const at = await buildView(signalsView, events, rebuilt);
    const problems = (await views.parked({ view: signalsView.name, version: live.version })).map(
      ({ stream, reason }) => `${stream} is parked: ${reason}`,
    );
    const [left, right] = [await rowsOf(viewsUrl, live.version), await rowsOf(fresh.url, at!.version)];
    if (left.length !== right.length) problems.push(`${left.length} documents, ${right.length} in a clean rebuild`);
    for (const [index, row] of left.entries())
      if (row !== right[index]) problems.push(`${row}\nin a clean rebuild: ${right[index]}`);
    return { documents: left.length, problems: problems.slice(0, 5), versions: await views.versions(signalsView.name) };
  } finally {
    await rebuilt.close();
    await views.close();
    await events.close();
    await fresh.remove();
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
async function rowsOf(url: string, version: string): Promise<readonly string[]> {
  return url.startsWith('mongodb') ? recordsOf(url, version) : rowsOfFile(url.slice('sqlite:'.length), version);
}

async function recordsOf(url: string, version: string): Promise<readonly string[]> {
  return inDatabase(url, async (db) => {
    const view = await db.collection<{ _id: string; versions: object }>('views').findOne({ _id: signalsView.name });
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

function rowsOfFile(path: string, version: string): readonly string[] {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  try {
    return db
      .prepare(`SELECT * FROM "${signalsView.name}@${version}" ORDER BY id`)
      .all()
      .map((row) => JSON.stringify(row));
  } finally {
    db.close();
  }
}
