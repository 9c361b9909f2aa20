/** The `EventStore` port on EventStoreDB. */
import { randomUUID } from 'node:crypto';
import {
  type Append,
  type Appended,
  type EventStore,
  type FollowOptions,
  messageOf,
  NO_STREAM,
  OutcomeUnknown,
  RevisionConflict,
} from '#libs/sourcing';
import type { TellsCommits } from '../commits.ts';
import { type AppendLimits, createAppends } from './appends.ts';
import { proposals } from './codec.ts';
import { connect } from './connection.ts';
import { createReads } from './reads.ts';
import { LEDGER_ID_STREAM } from './requests.ts';
import { follow } from './subscription.ts';

export interface EventStoreDbOptions extends Partial<AppendLimits> {
  /** Milliseconds after which a request to read is given up. */
  readonly readDeadlineMs?: number;
}

/** Tries to find or to make the ledger's id: another process may make it at the same time. */
const ID_ATTEMPTS = 3;

/**
 * A log in the EventStoreDB that a URL `esdb://…` or `esdb+discover://…` names. The database is the ledger's own: what
 * others write into it is passed over. Throws where the URL is none; the server is looked for when it is first asked.
 *
 * It appends to one stream at a time (no `appendAll`), and each append is a commit of its own. An open store may keep the process running: close it.
 */
export async function openEventStoreDb(
  url: string,
  {
    deadlineMs = 5_000,
    readDeadlineMs = 10_000,
    maxInFlight = 256,
    maxWaiting = 10_000,
    giveUpMs = 30_000,
  }: EventStoreDbOptions = {},
): Promise<EventStore & TellsCommits> {
  const connection = connect(url);
  const closed = new AbortController();
  const reads = createReads(connection, readDeadlineMs, closed.signal);
  const appends = createAppends(
    // What is written to a call before there is a connection can't be told from what was sent and lost.
    async (signal) => {
      await reads.reach(signal);
      return connection.batchAppend();
    },
    { deadlineMs, maxInFlight, maxWaiting, giveUpMs },
  );
  let closing: Promise<void> | null = null;
  let known: string | null = null;
  let tellCommit: (events: number) => void = () => undefined;

  async function append(asked: Append): Promise<Appended> {
    const { stream, expected } = asked;
    const { revision, position } = await appends.append(stream, expected, proposals(asked));
    tellCommit(asked.events.length);
    if (position !== null) return { revision, position };
    // Some servers leave the position out of the answer to a repeat.
    const events = await reads.readStream(stream, revision).catch((error: unknown) => {
      throw new OutcomeUnknown(`an append to ${stream} has no position: ${messageOf(error)}`, { cause: error });
    });
    const last = events[0];
    if (last === undefined) throw new OutcomeUnknown(`an append to ${stream} has no position`);
    return { revision, position: last.position };
  }

  async function id(): Promise<string> {
    for (let attempt = 1; known === null; attempt += 1) {
      known = await reads.firstId(LEDGER_ID_STREAM);
      if (known !== null) break;
      await makeId(randomUUID()).catch((error: unknown) => {
        const madeByNow = error instanceof RevisionConflict || error instanceof OutcomeUnknown;
        if (!madeByNow || attempt === ID_ATTEMPTS) throw error;
      });
    }
    return known;
  }

  /** The ledger's id is that of the only event of its stream. */
  async function makeId(made: string): Promise<void> {
    const proposed = { id: made, type: 'LedgerMade', data: Buffer.from('{}'), kept: Buffer.from('{}') };
    await appends.append(LEDGER_ID_STREAM, NO_STREAM, [proposed]);
  }

  async function close(): Promise<void> {
    await appends.close();
    closed.abort(new Error('the event store is closed'));
    connection.release();
  }

  return {
    id,
    append,
    readStream: (stream, from = 0) => reads.readStream(stream, from),
    readAll: (after, limit, prefix = '') => reads.readAll(after, limit, prefix),
    subscribe: (after, options: FollowOptions) =>
      follow(connection, after, { ...options, signal: AbortSignal.any([options.signal, closed.signal]) }),
    head: () => reads.head(),
    // The very event of the id once more: the server answers as the first time and writes nothing, but only where it
    // would take a write.
    ready: async () => makeId(await id()),
    close: () => (closing ??= close()),
    onCommit: (tell) => void (tellCommit = tell),
  };
}
