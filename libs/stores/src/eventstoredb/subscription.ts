/** Following the log for good: a call of the server's, begun again wherever it broke off. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type FollowOptions,
  type LogPage,
  LOG_START,
  messageOf,
  type RecordedEvent,
  StoreUnavailable,
} from '#libs/sourcing';
import { recordedEvent } from './codec.ts';
import type { Connection } from './connection.ts';
import { batchesOf } from './messages.ts';
import { isNoPlace, recordOf } from './reads.ts';
import { type Place, subscriptionRequest } from './requests.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 5_000;

/** A call that was heard for so long ends the outage before it: breaks that come faster than that are one. */
const LASTED_MS = 5_000;

/**
 * The server filters out its own events and the prefix is looked for here. Left to the server, it would tell only now
 * and then how far it has looked, and a view could stand still before a head that is an event of another prefix.
 *
 * The server drops a subscription that it finds slow, and every one when it goes away. A place that the server does not
 * know throws; all else is tried again, after pauses that grow to five seconds, and told once an outage.
 */
export async function* follow(
  connection: Connection,
  after: bigint,
  { prefix = '', signal, limit = 500, onOutage }: FollowOptions,
): AsyncGenerator<LogPage> {
  let handled = after;
  /** Where the next call begins: an event, or a checkpoint that spares the server what it has filtered out. */
  let from: Place | null = after === LOG_START ? null : { commit: after, prepare: after };
  let failures = 0;
  let told = false;
  while (!signal.aborted) {
    const begun = performance.now();
    let heardAt = Infinity;
    let reason = 'the server ended the call';
    try {
      for await (const batch of batchesOf(connection.read(subscriptionRequest(from)), limit, signal)) {
        heardAt = Math.min(heardAt, performance.now());
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
      if (heardAt === Infinity && isNoPlace(error))
        throw new Error(`EventStoreDB can't follow its log from ${handled}: no event stands there`, { cause: error });
      reason = messageOf(error);
    }
    if (signal.aborted) return;
    const endedAt = performance.now();
    if (endedAt - begun > LONGEST_PAUSE_MS) failures = 0;
    if (endedAt - heardAt > LASTED_MS) told = false;
    failures += 1;
    const retryIn = pauseAfter(failures);
    if (!told) {
      told = true;
      onOutage?.(new StoreUnavailable(`EventStoreDB can't be followed: ${reason}`), retryIn);
    }
    await sleep(retryIn, undefined, { signal }).catch(() => undefined);
  }
}

/** Milliseconds. Many that were dropped at once do not come back at once. */
function pauseAfter(failures: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
  return Math.round(longest * (0.5 + Math.random() / 2));
}
