/** The double's side of `Read`: streams, `$all` either way, and subscriptions to `$all`. */
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { DoubleLog, DoubleRecord } from './log.ts';

export type ReadServerCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

/** Events that a live subscription may be behind by; 23.10 drops it then. */
const LIVE_BUFFER = 32;

/** Events looked at from one checkpoint to the next. */
const CHECKPOINT_EVERY = 32;

/** The place that servers call the end of all logs. */
const LAST_PLACE = 2n ** 64n - 1n;

/**
 * A checkpoint that a subscription sends where it finds no more, which servers before 24.10 and 25.0 did: the place where
 * the next event will stand, and the last of all places. Those sent it where a page was empty, and where nothing had
 * matched from the start; this one does each time it has caught up.
 */
export type WrongCheckpoint = 'end' | 'max';

class Refused extends Error {
  readonly code: status;
  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ReadHooks {
  readonly log: DoubleLog;
  /** Whether a subscription that is asked for is refused. */
  readonly refuses: () => boolean;
  /** A subscription begins; `drop` ends it. Answers what to call at its end. */
  readonly subscribed: (drop: () => void) => () => void;
  /** A subscription has sent an event. */
  readonly sent: () => void;
  /** What a subscription that has caught up sends beside; null: no checkpoint. */
  readonly wrongCheckpoint: () => WrongCheckpoint | null;
}

export async function read(call: ReadServerCall, { log, ...hooks }: ReadHooks): Promise<void> {
  call.on('error', () => undefined);
  const options = call.request.getOptions()!;
  try {
    if (options.hasStream()) await readStream(call, log, options);
    else if (options.hasSubscription()) await subscription(call, log, options, hooks);
    else await readAll(call, log, options);
    call.end();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (!call.cancelled) call.emit('error', { code: error.code, details: error.message });
  }
}

async function readStream(call: ReadServerCall, log: DoubleLog, options: streams.ReadReq.Options): Promise<void> {
  const asked = options.getStream()!;
  const name = Buffer.from(asked.getStreamIdentifier()!.getStreamName_asU8()).toString('utf8');
  const records = log.stream(name);
  if (records === undefined) {
    const response = new streams.ReadResp();
    const notFound = new streams.ReadResp.StreamNotFound();
    notFound.setStreamIdentifier(asked.getStreamIdentifier());
    response.setStreamNotFound(notFound);
    await write(call, response);
    return;
  }
  const from = asked.hasRevision() ? Number(asked.getRevision()) : 0;
  for (const record of records.slice(from, from + Number(options.getCount()))) await write(call, eventResponse(record));
}

/** From the given place on, that one first. */
async function readAll(call: ReadServerCall, log: DoubleLog, options: streams.ReadReq.Options): Promise<void> {
  const all = options.getAll()!;
  const wanted = filterOf(options);
  const backwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  let index = all.hasEnd() ? log.records.length - 1 : placeOf(log, all);
  for (let left = Number(options.getCount()); left > 0; index += backwards ? -1 : 1) {
    const record = log.records[index];
    if (record === undefined) return;
    if (!wanted(record)) continue;
    await write(call, eventResponse(record));
    left -= 1;
  }
}

/** After the given place, for good. */
async function subscription(
  call: ReadServerCall,
  log: DoubleLog,
  options: streams.ReadReq.Options,
  { refuses, subscribed, sent, wrongCheckpoint }: Omit<ReadHooks, 'log'>,
): Promise<void> {
  if (refuses()) throw new Refused(status.UNAVAILABLE, 'Server Is Not Ready');
  const all = options.getAll()!;
  const wanted = filterOf(options);
  let next = all.hasPosition() ? placeOf(log, all) + 1 : 0;
  let live = false;
  let dropped = false;
  let wake: () => void = () => undefined;
  const unlisten = log.listen(() => {
    if (live && log.records.length - next > LIVE_BUFFER) dropped = true;
    wake();
  });
  const ended = subscribed(() => {
    dropped = true;
    wake();
  });
  call.on('cancelled', () => wake());
  try {
    const confirmation = new streams.ReadResp();
    confirmation.setConfirmation(new streams.ReadResp.SubscriptionConfirmation());
    await write(call, confirmation);
    let lookedAt = 0;
    while (!call.cancelled) {
      if (dropped)
        throw new Refused(
          status.ABORTED,
          'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
        );
      const record = log.records[next];
      if (record === undefined) {
        const wrong = wrongCheckpoint();
        if (wrong !== null) {
          const place = wrong === 'end' ? log.end : LAST_PLACE;
          await write(call, checkpointResponse(place, place));
        }
        const caughtUp = new streams.ReadResp();
        caughtUp.setCaughtUp(new streams.ReadResp.CaughtUp());
        await write(call, caughtUp);
        live = true;
        if (next === log.records.length && !dropped) await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      next += 1;
      lookedAt += 1;
      if (wanted(record)) {
        sent();
        await write(call, eventResponse(record));
      }
      if (lookedAt % CHECKPOINT_EVERY === 0) await write(call, checkpointResponse(record.position));
    }
  } finally {
    unlisten();
    ended();
  }
}

/** Waits while the caller takes nothing. */
async function write(call: ReadServerCall, response: streams.ReadResp): Promise<void> {
  if (call.cancelled || call.write(response)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      call.off('drain', go);
      call.off('cancelled', go);
      resolve();
    };
    call.on('drain', go);
    call.on('cancelled', go);
  });
}

function placeOf(log: DoubleLog, all: streams.ReadReq.Options.AllOptions): number {
  const position = all.getPosition();
  if (position === undefined) return 0;
  const commit = BigInt(position.getCommitPosition());
  if (commit === LAST_PLACE) return log.records.length - 1;
  const index = log.indexAt(commit);
  if (index === null) throw new Refused(status.UNKNOWN, 'Unexpected ReadAllResult: Error');
  return index;
}

function filterOf(options: streams.ReadReq.Options): (record: DoubleRecord) => boolean {
  const names = options.getFilter()?.getStreamIdentifier();
  if (names === undefined) return () => true;
  if (names.getRegex() === '') return ({ stream }) => names.getPrefixList().some((prefix) => stream.startsWith(prefix));
  const pattern = new RegExp(names.getRegex());
  return ({ stream }) => pattern.test(stream);
}

function checkpointResponse(commit: bigint, prepare = 0n): streams.ReadResp {
  const checkpoint = new streams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(commit));
  checkpoint.setPreparePosition(String(prepare));
  const response = new streams.ReadResp();
  response.setCheckpoint(checkpoint);
  return response;
}

function eventResponse(record: DoubleRecord): streams.ReadResp {
  const id = new shared.UUID();
  id.setString(record.id);
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(record.stream, 'utf8'));
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(id);
  recorded.setStreamIdentifier(identifier);
  recorded.setStreamRevision(String(record.revision));
  recorded.setCommitPosition(String(record.position));
  recorded.setPreparePosition(String(record.position));
  recorded.getMetadataMap().set('type', record.type).set('content-type', record.contentType).set('created', '0');
  recorded.setData(record.data);
  recorded.setCustomMetadata(record.metadata);
  const event = new streams.ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(String(record.position));
  const response = new streams.ReadResp();
  response.setEvent(event);
  return response;
}
