/** Reading streams and the log. Whatever fails here, nothing was written, and another try may go better. */
import { setMaxListeners } from 'node:events';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { type LogPage, LOG_START, messageOf, type RecordedEvent, StoreUnavailable } from '#libs/sourcing';
import { recordedEvent, streamOf, uuidText } from './codec.ts';
import type { Connection } from './connection.ts';
import { batchesOf, type Message } from './messages.ts';
import { LEDGER_ID_STREAM, type StreamNames } from './names.ts';
import { lastRequest, logRequest, streamRequest } from './requests.ts';

/** Events one request asks for: each request has a deadline of its own. */
const PAGE = 1_000;

/** Messages held ahead of what is taken. */
const AHEAD = 256;

/** Events looked at for a page of the log that is to hold few of a prefix. */
const LEAST_LOOKED_AT = 500;

export interface Reads {
  readStream(stream: string, from: number): Promise<readonly RecordedEvent[]>;
  readAll(after: bigint, limit: number, prefix: string): Promise<LogPage>;
  /** Position of the last event of the log, or `LOG_START`. */
  head(): Promise<bigint>;
  /** The ledger's id; null where none was made. */
  ledgerId(): Promise<string | null>;
  /** Resolves when the server answers, or throws. */
  reach(signal: AbortSignal): Promise<void>;
}

type Record = streams.ReadResp.ReadEvent.RecordedEvent;

/** gRPC's codes for a request that can't be carried out: 2 from servers of today, 3 as a later one may put it. */
const NOT_A_PLACE: ReadonlySet<unknown> = new Set([2, 3]);

/** The server holds that there is no event at this place. */
export function isNoPlace(error: unknown): boolean {
  return error instanceof Error && NOT_A_PLACE.has((error as { readonly code?: unknown }).code);
}

export function recordOf(message: Message): Record | undefined {
  return message.getEvent()?.getEvent();
}

/** Streams are told by their own names. `deadlineMs` is for each request. */
export function createReads(
  connection: Connection,
  names: StreamNames,
  deadlineMs: number,
  closed: AbortSignal,
): Reads {
  // Every request listens to it while it runs, and there may be many.
  setMaxListeners(0, closed);

  /** What a request is answered with, until `take` answers that it has enough. */
  async function ask(request: streams.ReadReq, take: (record: Record) => boolean, signal = closed): Promise<void> {
    const over = new AbortController();
    const stop = (): void => over.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const timer = setTimeout(() => over.abort(new Error(`it did not answer within ${deadlineMs} ms`)), deadlineMs);
    try {
      for await (const batch of batchesOf(connection.read(request), AHEAD, over.signal)) {
        for (const message of batch) {
          const record = recordOf(message);
          if (record !== undefined && !take(record)) return;
        }
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  /** The same of requests for the log: what is not of it is passed over. */
  function askLog(request: streams.ReadReq, take: (record: Record, stream: string) => boolean): Promise<void> {
    return ask(request, (record) => {
      const stream = names.own(streamOf(record));
      return stream === null || take(record, stream);
    });
  }

  async function readStream(stream: string, onServer: string, from: number): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for (;;) {
      const before = events.length;
      await ask(streamRequest(onServer, from + before, PAGE), (record) => {
        const event = recordedEvent(record, stream);
        if (event === null)
          throw new Error(`event ${record.getStreamRevision()} of ${stream} was not written by a ledger`);
        events.push(event);
        return true;
      });
      if (events.length - before < PAGE) return events;
    }
  }

  /** One page, from the place `from` on. What stands at `after` or before it was read already. */
  async function page(from: bigint | null, after: bigint, limit: number, prefix: string): Promise<LogPage> {
    const events: RecordedEvent[] = [];
    let checkpoint = after;
    const count = prefix === '' ? limit : Math.max(limit, LEAST_LOOKED_AT);
    await askLog(logRequest(names, from, count + 1 + names.besides), (record, stream) => {
      const position = BigInt(record.getCommitPosition());
      if (position <= after) return true;
      const event = stream.startsWith(prefix) ? recordedEvent(record, stream) : null;
      if (event !== null) events.push(event);
      checkpoint = position;
      return events.length < limit;
    });
    return { events, checkpoint };
  }

  const idRequest = (): streams.ReadReq => streamRequest(names.onServer(LEDGER_ID_STREAM), 0, 1);

  async function last(): Promise<readonly bigint[]> {
    const positions: bigint[] = [];
    await askLog(
      lastRequest(names, LEAST_LOOKED_AT),
      (record) => positions.push(BigInt(record.getCommitPosition())) > 0,
    );
    return positions;
  }

  /**
   * The server reads from the place of an event only, and `after` is none: the callers of this port may ask from one
   * before a position they know, or from so many before the head.
   */
  async function pageFromBetween(after: bigint, limit: number, prefix: string): Promise<LogPage> {
    try {
      return await page(after + 1n, after, limit, prefix);
    } catch (error) {
      if (!isNoPlace(error)) throw error;
    }
    const positions = await last();
    const next = positions.findLast((position) => position > after);
    if (next === undefined) return { events: [], checkpoint: after };
    if (positions.every((position) => position > after))
      throw new NotAPosition(`${after} is no position of this event store`);
    return page(next, after, limit, prefix);
  }

  return {
    readStream: async (stream, from) => reading(readStream(stream, names.onServer(stream), from)),
    readAll: (after, limit, prefix) =>
      reading(
        page(after === LOG_START ? null : after, after, limit, prefix).catch((error: unknown) => {
          if (after === LOG_START || !isNoPlace(error)) throw error;
          return pageFromBetween(after, limit, prefix);
        }),
      ),
    head: () =>
      reading(
        (async () => {
          let head = LOG_START;
          await askLog(lastRequest(names, 1 + names.besides), (record) => {
            head = BigInt(record.getCommitPosition());
            return false;
          });
          return head;
        })(),
      ),
    ledgerId: () =>
      reading(
        (async () => {
          let first: string | null = null;
          await ask(idRequest(), (record) => {
            first = uuidText(record.getId()!);
            return false;
          });
          return first;
        })(),
      ),
    reach: (signal) => ask(idRequest(), () => false, signal),
  };
}

/** Asked for the events after a position that no event has. */
class NotAPosition extends Error {
  override readonly name = 'NotAPosition';
}

async function reading<Result>(read: Promise<Result>): Promise<Result> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NotAPosition) throw error;
    throw new StoreUnavailable(`the event log can't be read: ${messageOf(error)}`, 1, { cause: error });
  }
}
