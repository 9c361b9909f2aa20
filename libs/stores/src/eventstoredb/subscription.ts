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
import { recordedEvent, streamOf } from './codec.ts';
import type { Connection } from './connection.ts';
import { batchesOf } from './messages.ts';
import type { StreamNames } from './names.ts';
import { isNoPlace, recordOf } from './reads.ts';
import { subscriptionRequest } from './requests.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 5_000;

/** A call that was heard for so long ends the outage before it: breaks that come faster than that are one. */
const LASTED_MS = 5_000;

/**
 * The server filters out what is not the ledger's, and the prefix is looked for here. Left to the server, it would tell only now
 * and then how far it has looked, and a view could stand still before a head that is an event of another prefix.
 *
 * Only events that have come move the place to go on from, and the checkpoint that is told. What the server tells of its
 * own progress is no proof: before 24.10 and 25.0 it sent checkpoints at the end of its log, where the next event will
 * stand, and at the last place of all, and whoever resumed there missed what came meanwhile. The price is that a call
 * that is begun again looks once more at what was filtered out after the last event.
 *
 * The server drops a subscription that it finds slow, and every one when it goes away. A place that the server does not
 * know throws; all else is tried again, after pauses that grow to five seconds, and told once an outage.
 */
export async function* follow(
  connection: Connection,
  names: StreamNames,
  after: bigint,
  { prefix = '', signal, limit = 500, onOutage }: FollowOptions,
): AsyncGenerator<LogPage> {
  let handled = after;
  let failures = 0;
  let told = false;
  while (!signal.aborted) {
    const begun = performance.now();
    let heardAt = Infinity;
    let reason = 'the server ended the call';
    try {
      const request = subscriptionRequest(names, handled === LOG_START ? null : handled);
      for await (const batch of batchesOf(connection.read(request), limit, signal)) {
        heardAt = Math.min(heardAt, performance.now());
        const events: RecordedEvent[] = [];
        let position = handled;
        for (const message of batch) {
          const record = recordOf(message);
          if (record === undefined || BigInt(record.getCommitPosition()) <= position) continue;
          const stream = names.own(streamOf(record));
          if (stream === null) continue;
          position = BigInt(record.getCommitPosition());
          const event = stream.startsWith(prefix) ? recordedEvent(record, stream) : null;
          if (event !== null) events.push(event);
        }
        if (signal.aborted) return;
        if (position > handled) {
          failures = 0;
          handled = position;
          yield { events, checkpoint: position };
        }
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
