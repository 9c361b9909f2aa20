/** What the driver's errors mean. */
import {
  MongoBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb';
import { messageOf, StoreUnavailable } from '#libs/sourcing';

/**
 * Codes of a server that can't answer now, by the names of MongoDB's error codes: unreachable, timed out, shutting
 * down, not primary (any more), write concern not reached, a cursor lost with the server that had it.
 */
const AWAY = new Set([
  6, 7, 43, 50, 64, 79, 89, 91, 100, 133, 189, 262, 9_001, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436,
]);

/** What the system says of a connection that is gone: the driver hands on what it met while it wrote a command. */
const CONNECTION_GONE = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** The driver's own connections were closed during the call, and are opened anew; not all of these are exported. */
const REOPENING = new Set([
  'MongoClientClosedError',
  'MongoTopologyClosedError',
  'MongoPoolClosedError',
  'MongoNotConnectedError',
]);

const DUPLICATE_KEY = 11_000;
const NAMESPACE_NOT_FOUND = 26;

/**
 * Whatever became of the call, another try is safe: documents are saved only over older ones, and counters lose a
 * window at most. So a server that is away is `StoreUnavailable`, and every other error what it was.
 */
export async function answered<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (isAway(error))
      throw new StoreUnavailable(`the document store does not answer: ${messageOf(error)}`, 1, { cause: error });
    throw error;
  }
}

export function isAway(error: unknown): boolean {
  if (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoOperationTimeoutError ||
    error instanceof MongoWriteConcernError
  )
    return true;
  if (CONNECTION_GONE.has((error as NodeJS.ErrnoException | null)?.code)) return true;
  // The names of hosts could not be looked up: `querySrv`, `queryTxt`.
  if ((error as NodeJS.ErrnoException | null)?.syscall?.startsWith('query') === true) return true;
  if (!(error instanceof MongoError)) return false;
  // The driver wraps in this one whatever ended a bulk.
  if (error instanceof MongoBulkWriteError && error.errorResponse instanceof Error && isAway(error.errorResponse))
    return true;
  if (error instanceof MongoBulkWriteError && error.result.getWriteConcernError() !== undefined) return true;
  // No connection came free; the driver does not export its class.
  if (error.name === 'MongoWaitQueueTimeoutError' || REOPENING.has(error.name)) return true;
  return error instanceof MongoServerError && AWAY.has(Number(error.code));
}

/** A document of this id is there. Of a bulk: one of its statements met one. */
export function isDuplicateKey(error: unknown): boolean {
  if (!(error instanceof MongoServerError)) return false;
  if (error.code === DUPLICATE_KEY) return true;
  return error instanceof MongoBulkWriteError && [error.writeErrors].flat().some(({ code }) => code === DUPLICATE_KEY);
}

/** Before release 7 a server refuses to drop a collection that is not there. */
export function isNotThere(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND;
}

/** Of two upserts that make one document at once the server may refuse the second: by then the document is there. */
export async function upserted<Result>(upsert: () => Promise<Result>): Promise<Result> {
  try {
    return await upsert();
  } catch (error) {
    if (isDuplicateKey(error)) return upsert();
    throw error;
  }
}
