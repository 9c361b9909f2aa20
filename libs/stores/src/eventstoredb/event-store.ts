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
  StoreUnavailable,
} from '#libs/sourcing';
import type { TellsCommits } from '../commits.ts';
import { type AppendLimits, createAppends } from './appends.ts';
import { type Proposal, proposals } from './codec.ts';
import { connect } from './connection.ts';
import { LEDGER_ID_STREAM, streamNames } from './names.ts';
import { createReads } from './reads.ts';
import { follow } from './subscription.ts';
import { partsOfUrl } from './url.ts';

export interface EventStoreDbOptions extends Partial<AppendLimits> {
  /** Milliseconds after which a request to read is given up. */
  readonly readDeadlineMs?: number;
}

/** Tries to find or to make the ledger's id: another process may make it at the same time. */
const ID_ATTEMPTS = 3;

/** A revision that the stream of the id, which has one event, never gets to. */
const NEVER_REACHED = Number.MAX_SAFE_INTEGER;

/**
 * A log in the EventStoreDB that a URL `esdb://…` or `esdb+discover://…` names. What others write into the database is
 * passed over, also other ledgers, which are told apart by the option `ledger` of the URL; positions are of the whole
 * database. Throws where the URL is none; the server is looked for when it is first asked.
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
  const { server, ledger } = partsOfUrl(url);
  const names = streamNames(ledger);
  const connection = connect(server);
  const closed = new AbortController();
  const reads = createReads(connection, names, readDeadlineMs, closed.signal);
  const appends = createAppends(
    // What is written to a call before there is a connection can't be told from what was sent and lost.
    async (signal) => {
      await reads.reach(signal);
      return connection.batchAppend();
    },
    names,
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
      known = await reads.ledgerId();
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
    await appends.append(LEDGER_ID_STREAM, NO_STREAM, [ledgerMade(made)]);
  }

  /**
   * An append that can't be carried out, for its stream never gets so far: where the server says so, it would take
   * writes. The very event of the id once more would do as well, were it not written where the database was emptied.
   */
  async function ready(): Promise<void> {
    const own = await id();
    const there = await reads.ledgerId();
    if (there === null) throw new StoreUnavailable(`EventStoreDB no longer holds the ledger ${own}`);
    if (there !== own) throw new StoreUnavailable(`EventStoreDB holds the ledger ${there}, not ${own}`);
    try {
      await appends.append(LEDGER_ID_STREAM, NEVER_REACHED, [ledgerMade(randomUUID())]);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      if (error.actual === NO_STREAM) throw new StoreUnavailable(`EventStoreDB no longer holds the ledger ${own}`);
    }
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
      follow(connection, names, after, { ...options, signal: AbortSignal.any([options.signal, closed.signal]) }),
    head: () => reads.head(),
    ready,
    close: () => (closing ??= close()),
    onCommit: (tell) => void (tellCommit = tell),
  };
}

function ledgerMade(id: string): Proposal {
  return { id, type: 'LedgerMade', data: Buffer.from('{}'), kept: Buffer.from('{}') };
}
