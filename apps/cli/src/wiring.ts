/** From settings to stores. The only file of the command line that knows which stores there are. */
import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Coordination, EventStore, ViewStore } from '#libs/sourcing';
import { coordinationExists, MINIMUM_SQLITE, openCoordination, openEventStore, openViewStore } from '#libs/stores';
import { readSettings, type Settings } from '../../server/src/settings.ts';
import { CommandError } from './output.ts';

export { MINIMUM_SQLITE };

/** Options that every command takes. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly settings: Settings;
}

/** The stores, opened. All but the events are opened by the first who asks: most commands need no more. */
export interface Ledger {
  readonly events: EventStore;
  readonly views: () => Promise<ViewStore>;
  /** Null where no server has made it yet. */
  readonly coordination: () => Promise<Coordination | null>;
}

/** The options given before or after a command's name, over the settings of the environment. */
export function globalOptions(command: Command): GlobalOptions {
  const { json, dataDir } = command.optsWithGlobals<{ json?: true; dataDir?: string }>();
  return {
    json: json === true,
    settings: readSettings(dataDir === undefined ? process.env : { ...process.env, DATA_DIR: dataDir }),
  };
}

/** Whether the file of an embedded store is there; a store that is no file is taken to be. */
export function storeExists(url: string): boolean {
  return !url.startsWith('sqlite:') || existsSync(url.slice('sqlite:'.length));
}

/**
 * Opens the stores for the time of `use`. `existing`: refuses to make a new ledger, since a command that only looks at
 * one was then given the wrong folder.
 */
export async function withLedger<Result>(
  settings: Settings,
  use: (ledger: Ledger) => Promise<Result>,
  { existing = false }: { existing?: boolean } = {},
): Promise<Result> {
  if (existing && !storeExists(settings.EVENT_STORE_URL)) {
    throw new CommandError(
      'no_ledger',
      `there is no ledger at ${settings.EVENT_STORE_URL} yet: start the server, add a channel, or name another folder with --data-dir`,
    );
  }
  const events = await openEventStore(settings.EVENT_STORE_URL, { threads: false });
  let views: ViewStore | undefined;
  let coordination: Coordination | undefined;
  const place = { viewStoreUrl: settings.VIEW_STORE_URL, dataDir: settings.DATA_DIR };
  try {
    return await use({
      events: takingTurns(events),
      views: async () => (views ??= await openViewStore(settings.VIEW_STORE_URL, { threads: false })),
      coordination: async () =>
        coordinationExists(place) ? (coordination ??= await openCoordination(place, { threads: false })) : null,
    });
  } finally {
    await coordination?.close();
    await views?.close();
    await events.close();
  }
}

/**
 * A store without threads answers before the event loop turns. Long work would then never hear of Ctrl-C, so each
 * read of the log and each append lets the loop turn once.
 */
function takingTurns(events: EventStore): EventStore {
  const { appendAll } = events;
  return {
    ...events,
    append: async (append) => {
      await nextTurn();
      return events.append(append);
    },
    ...(appendAll !== undefined && {
      appendAll: async (appends) => {
        await nextTurn();
        return appendAll(appends);
      },
    }),
    readAll: async (...args) => {
      await nextTurn();
      return events.readAll(...args);
    },
  };
}
