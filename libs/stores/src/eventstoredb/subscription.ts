/** Following the log for good: a call of the server's, begun again wherever it broke off. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type LogPage, LOG_START, type RecordedEvent, type SubscribeOptions } from '#libs/sourcing';
import { recordedEvent } from './codec.ts';
import type { Connection } from './connection.ts';
import { batchesOf } from './messages.ts';
import { isNoPlace, recordOf } from './reads.ts';
import { type Place, subscriptionRequest } from './requests.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 5_000;

/**
 * The server filters out its own events and the prefix is looked for here. Left to the server, it would tell only now
 * and then how far it has looked, and a view could stand still before a head that is an event of another prefix.
 *
 * The server drops a subscription that it finds slow, and every one when it goes away. A place that the server does not
 * know throws; all else is tried again, after pauses that grow to five seconds.
 */
export async function* follow(
  connection: Connection,
  after: bigint,
  { prefix = '', signal, limit = 500 }: SubscribeOptions,
): AsyncGenerator<LogPage> {
  let handled = after;
  /** Where the next call begins: an event, or a checkpoint that spares the server what it has filtered out. */
  let from: Place | null = after === LOG_START ? null : { commit: after, prepare: after };
  for (let failures = 0; !signal.aborted; failures += 1) {
    if (failures > 0) await pause(failures, signal);
    const begun = performance.now();
    let heard = false;
    try {
      for await (const batch of batchesOf(connection.read(subscriptionRequest(from)), limit, signal)) {
        heard = true;
        const events: RecordedEvent[] = [];
        let place = from;
        let position = handled;
        for (const message of batch) {
          const checkpoint = message.getCheckpoint();
          const record = recordOf(message);
          if (checkpoint !== undefined)
            place = {
              commit: BigInt(checkpoint.getCommitPosition()),
              prepare: BigInt(checkpoint.getPreparePosition()),
            };
          if (record === undefined || BigInt(record.getCommitPosition()) <= position) continue;
          position = BigInt(record.getCommitPosition());
          place = { commit: position, prepare: position };
          const event = recordedEvent(record);
          if (event?.stream.startsWith(prefix) === true) events.push(event);
        }
        if (signal.aborted) return;
        if (position > handled) {
          failures = 0;
          handled = position;
          yield { events, checkpoint: position };
        }
        from = place;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!heard && isNoPlace(error))
        throw new Error(`EventStoreDB can't follow its log from ${handled}: no event stands there`, { cause: error });
    }
    if (performance.now() - begun > LONGEST_PAUSE_MS) failures = 0;
  }
}

async function pause(failures: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
  // Many that were dropped at once do not come back at once.
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
}
