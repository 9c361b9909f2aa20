/** Taking the messages of a call in batches, no faster than they are asked for. */
import { PassThrough, pipeline } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadCall } from './connection.ts';

export type Message = streams.ReadResp;

/**
 * The messages of a call as it sends them: what is there, at most `limit`, never an empty batch. While nobody asks, some
 * `limit` more are held and the server has to wait. Leaving the loop cancels the call; so does the signal, whose reason is then thrown.
 */
export async function* batchesOf(
  opening: Promise<ReadCall>,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Message[]> {
  const call = await opened(opening, signal);
  const stop = (): void => call.cancel();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const buffer = new PassThrough({ objectMode: true, writableHighWaterMark: 1, readableHighWaterMark: limit });
  // Its failures reach the loop through the buffer.
  pipeline(call, buffer, () => undefined);
  try {
    for await (const first of buffer as AsyncIterable<Message>) {
      const batch = [first];
      take(buffer, batch, limit);
      // Messages come one by one: a turn of the loop lets those gather that came together.
      await nextTurn();
      take(buffer, batch, limit);
      yield batch;
    }
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    call.cancel();
  }
}

/** What is there already, until the batch is full. */
function take(buffer: PassThrough, batch: Message[], limit: number): void {
  while (batch.length < limit) {
    const next = buffer.read() as Message | null;
    if (next === null) return;
    batch.push(next);
  }
}

/** The call once it is there. One that comes after the signal aborted is cancelled. */
async function opened(opening: Promise<ReadCall>, signal: AbortSignal): Promise<ReadCall> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    const call = await Promise.race([opening, aborted]);
    quiet(call);
    return call;
  } catch (error) {
    opening.then(
      (late) => {
        quiet(late);
        late.cancel();
      },
      () => undefined,
    );
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A call that was cancelled says so as an error, also when nobody reads on: unheard, that would end the process. */
function quiet(call: ReadCall): void {
  call.on('error', () => undefined);
}
