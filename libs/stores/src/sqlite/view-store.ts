/** The `ViewStore` port on a SQLite file. */
import { type StoredDocument, StoreUnavailable, type View, type ViewState, type ViewStore } from '#libs/sourcing';
import { Thread, ThreadBusy, ThreadLost } from './thread.ts';
import { ViewDatabase, type ViewDefinition, type ViewRow, type ViewStateRow } from './view-database.ts';

/** Documents a page holds when all of them are read. */
const PAGE = 1_000;

type Call = <Method extends keyof ViewDatabase>(
  method: Method,
  ...args: Parameters<ViewDatabase[Method]>
) => Promise<ReturnType<ViewDatabase[Method]>>;

/**
 * Opens the views, making the file where it is not there or can't be used.
 * `threads: false` runs every call where it is made, for commands and for threads that are one themselves.
 */
export function openSqliteViewStore(path: string, { threads = true }: { threads?: boolean } = {}): ViewStore {
  const here = new ViewDatabase(path);
  if (!threads) return storeOn(async (method, ...args) => (here[method] as (...args: unknown[]) => never)(...args));
  here.close();
  const thread = new Thread('./views.thread', { path });
  return storeOn((method, ...args) =>
    method === 'close' ? (thread.close() as Promise<never>) : answered(thread.call(method, ...args)),
  );
}

/** Documents are saved again, or read again, without harm: whatever became of the call, another try is safe. */
async function answered<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ThreadBusy || error instanceof ThreadLost)
      throw new StoreUnavailable(error.message, 1, { cause: error });
    throw error;
  }
}

function storeOn(call: Call): ViewStore {
  return {
    live: async (view) => stateOrNull(await call('live', view)),
    open: async (view, version, eventStoreId) =>
      stateFrom(await call('open', definitionOf(view), version, eventStoreId)),
    promote: (at) => call('promote', at),
    drop: (at) => call('drop', at),
    versions: (view) => call('versions', view),
    load: async (at, ids) => (await call('load', at, ids)).map(documentFrom),
    save: (at, documents, checkpoint) =>
      call(
        'save',
        at,
        documents.map((document) => ({ ...document, position: Number(document.position) })),
        Number(checkpoint),
      ),
    get: async (view, id) => {
      const row = await call('get', view, id);
      return row === null ? null : documentFrom(row);
    },
    find: async (view, options) => (await call('find', view, options)).map(documentFrom),
    count: (view, where) => call('count', view, where),
    all: async function* all(at) {
      let after = '';
      for (;;) {
        const rows = await call('page', at, after, PAGE);
        for (const row of rows) yield documentFrom(row);
        if (rows.length < PAGE) return;
        after = rows[rows.length - 1]!.id;
      }
    },
    park: (at, parked) => call('park', at, parked),
    unpark: (at, stream) => call('unpark', at, stream),
    parked: async (at) => (await call('parked', at)).map((row) => ({ ...row, position: BigInt(row.position) })),
    ready: () => call('ready'),
    close: () => call('close'),
  };
}

/** What a thread needs to know of a view: its functions can't travel. */
function definitionOf({ name, fieldTypes, indexes }: View): ViewDefinition {
  return { name, fieldTypes, indexes };
}

function documentFrom({ id, position, json }: ViewRow): StoredDocument {
  return { id, position: BigInt(position), json };
}

function stateFrom({ version, checkpoint, eventStoreId }: ViewStateRow): ViewState {
  return { version, checkpoint: BigInt(checkpoint), eventStoreId };
}

function stateOrNull(row: ViewStateRow | null): ViewState | null {
  return row === null ? null : stateFrom(row);
}
