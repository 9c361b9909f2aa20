/** The stores that servers of a run share, which no kill touches: where they are, and how they are looked at beside the servers. */
import { streamOf } from '../../libs/stores/src/eventstoredb/codec.ts';
import { connect } from '../../libs/stores/src/eventstoredb/connection.ts';
import type { Message } from '../../libs/stores/src/eventstoredb/messages.ts';
import { type StreamNames, streamNames } from '../../libs/stores/src/eventstoredb/names.ts';
import { recordOf } from '../../libs/stores/src/eventstoredb/reads.ts';
import { logRequest } from '../../libs/stores/src/eventstoredb/requests.ts';
import { partsOfUrl } from '../../libs/stores/src/eventstoredb/url.ts';
import { type Combination, endStoresOf, storesOf } from '../support/stores.ts';
import { LogCheck, type LogRow } from './log-check.ts';
import { compareViewsIn, type ViewComparison } from './view-check.ts';

export interface SharedStores {
  /** What a server on them is told. */
  readonly environment: Readonly<Record<string, string>>;
  /** A check that has read nothing of the run. */
  newCheck(): LogCheck;
  /** Lets it read the log on from where it was. */
  read(check: LogCheck): Promise<void>;
  /** Waits until the views have handled all events, and compares them with a clean rebuild. Nothing may write meanwhile. */
  compareViews(): Promise<ViewComparison>;
  close(): Promise<void>;
}

/** Those of a folder. */
export async function openSharedStores(dataDir: string, stores: Combination): Promise<SharedStores> {
  const { environment } = await storesOf(dataDir, stores);
  const { EVENT_STORE_URL, VIEW_STORE_URL } = environment;
  const rest = {
    environment,
    compareViews: () => compareViewsIn(EVENT_STORE_URL, VIEW_STORE_URL),
    close: () => endStoresOf(dataDir),
  };
  if (stores.startsWith('sqlite+'))
    return { ...rest, newCheck: () => new LogCheck(dataDir), read: async (check) => check.read() };
  return {
    ...rest,
    newCheck: () => new LogCheck(dataDir, 'in two appends'),
    read: async (check) => check.take(await rowsAfter(EVENT_STORE_URL, check.position)),
  };
}

/** Events of an EventStoreDB, in the words of its protocol: the adapter has its part in the connection only. */
async function rowsAfter(url: string, position: number): Promise<readonly LogRow[]> {
  const { server, ledger } = partsOfUrl(url);
  const names = streamNames(ledger);
  const connection = connect(server);
  try {
    const from = position === 0 ? null : BigInt(position);
    const call = await connection.read(logRequest(names, from, Number.MAX_SAFE_INTEGER));
    const rows: LogRow[] = [];
    for await (const message of call as AsyncIterable<Message>) {
      const row = rowOf(message, names);
      if (row !== null && row.position > position) rows.push(row);
    }
    return rows;
  } finally {
    connection.release();
  }
}

/** Null for what is no event of the log. */
function rowOf(message: Message, names: StreamNames): LogRow | null {
  const record = recordOf(message);
  const stream = record === undefined ? null : names.own(streamOf(record));
  if (record === undefined || stream === null) return null;
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
  const kept = JSON.parse(text(record.getCustomMetadata_asU8())) as {
    readonly time: string;
    readonly metadata: { readonly requestId: string; readonly commandId: string };
  };
  const type = record.getMetadataMap().get('type')!;
  const data = JSON.parse(text(record.getData_asU8())) as { readonly events?: number };
  return {
    position: Number(record.getCommitPosition()),
    stream,
    revision: Number(record.getStreamRevision()),
    id: record.getId()!.getString(),
    type,
    time: kept.time,
    requestId: kept.metadata.requestId,
    commandId: kept.metadata.commandId,
    reserved: type === 'IdempotencyKeyReserved' ? data.events! : null,
  };
}
