/** Compares the live views of a folder with a clean rebuild in another file, row by row. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildView } from '#libs/sourcing';
import { openEventStore, openViewStore } from '#libs/stores';
import { signalsView } from '#libs/views';
import { temporaryFolder } from './guard.ts';

const CATCH_UP_MS = 30_000;

export interface ViewComparison {
  readonly documents: number;
  readonly problems: readonly string[];
  /** Versions of the view that are there: the live one, and builds left unfinished. */
  readonly versions: readonly string[];
}

/** Waits until the live view has handled all events, then compares. Nothing may write meanwhile. */
export async function compareViews(dataDir: string, viewsPath = `${dataDir}/views.db`): Promise<ViewComparison> {
  const fresh = temporaryFolder('views');
  const events = await openEventStore(`sqlite:${dataDir}/events.db`, { threads: false });
  const views = await openViewStore(`sqlite:${viewsPath}`, { threads: false });
  const rebuilt = await openViewStore(`sqlite:${fresh.path}/views.db`, { threads: false });
  try {
    const head = await events.head();
    const deadline = Date.now() + CATCH_UP_MS;
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
    const [left, right] = [rowsOf(viewsPath, live.version), rowsOf(`${fresh.path}/views.db`, at!.version)];
    if (left.length !== right.length) problems.push(`${left.length} documents, ${right.length} in a clean rebuild`);
    for (const [index, row] of left.entries())
      if (row !== right[index]) problems.push(`${row}\nin a clean rebuild: ${right[index]}`);
    return { documents: left.length, problems: problems.slice(0, 5), versions: await views.versions(signalsView.name) };
  } finally {
    await rebuilt.close();
    await views.close();
    await events.close();
    fresh.remove();
  }
}

/** Every column of every document: the JSON, its position, and the values it is found by. */
function rowsOf(path: string, version: string): string[] {
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
